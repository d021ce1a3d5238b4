"""Papers a plan gives out (文书): frozen as they were written, printed as PDF or an editable docx."""

from __future__ import annotations

import hashlib
from datetime import datetime

from django.db import transaction
from django.utils import translation

from qingyuan.core.periods import city_date
from qingyuan.core.problems import Problem
from qingyuan.reporting import Document
from qingyuan.web.accounts.models import User
from qingyuan.web.audit import services as audit
from qingyuan.web.audit.services import Actor
from qingyuan.web.plans import selectors
from qingyuan.web.plans.models import Paper, Plan
from qingyuan.web.plans.progress import Span
from qingyuan.web.plans.writing import dispatch, evaluation, rectification, supervision
from qingyuan.web.printing import docx_of, pdf_of

__all__ = ["paper_file", "write_paper"]

_SIGNS = {"rectification": "ZG", "supervision": "DC", "dispatch": "DD", "evaluation": "PG"}
CLAUSE = {
    "rectification": "青岛市巡察整改通报（2024）公开通报全文",
    "supervision": "溧阳活动实施方案（2014）三、五（三）定期督查，通报表扬或批评",
    "dispatch": "青岛市巡察整改通报（2024）1（2）每月调度",
    "evaluation": "青岛市巡察整改通报（2024）2（1）落实情况评估报告",
}


@transaction.atomic
def write_paper(
    plan: Plan,
    kind: str,
    *,
    span: Span | None = None,
    year: int | None = None,
    by: User,
    at: datetime,
) -> Paper:
    """Write a paper from the rows as they stand and keep it (生成文书).

    Raises
    ------
    Problem
        ``plans.not_frozen`` for a supervision bulletin of a period that is still open;
        ``plans.no_measures`` for a report on an empty tree.
    """
    Plan.objects.select_for_update().get(pk=plan.pk)
    serial = Paper.objects.filter(plan=plan, kind=kind).count() + 1
    number = f"{plan.code}-{_SIGNS[kind]}{serial}"
    with translation.override("zh-hans"):  # official papers are in Chinese
        document = _document(plan, kind, number, span=span, year=year, at=at)
    paper = Paper.objects.create(
        plan=plan,
        kind=kind,
        number=number,
        period=span.key if span else str(year or ""),
        content=document.as_dict(),
        by=by,
        at=at,
    )
    audit.record(
        actor=Actor.of(by),
        deed="plans.paper",
        target=plan.ref,
        at=at,
        clause=CLAUSE[kind],
        detail={"number": number, "kind": kind, "totals": dict(document.totals)},
    )
    return paper


def _document(
    plan: Plan, kind: str, number: str, *, span: Span | None, year: int | None, at: datetime
) -> Document:
    if kind == "rectification":
        if not plan.nodes.filter(kind="measure").exists():
            raise Problem("plans.no_measures", plan=plan.code)
        return rectification(plan, number=number, at=at)
    if kind == "evaluation":
        return evaluation(plan, number=number, year=year or city_date(at).year, at=at)
    span = span or selectors.current_span(plan, at=at)
    frozen = selectors.frozen_rows(plan, span)
    if kind == "supervision":
        if frozen is None:
            raise Problem("plans.not_frozen", period=span.key)
        return supervision(plan, frozen[1], span=span, number=number, cut=frozen[0].at)
    rows = frozen[1] if frozen else selectors.dispatch_rows(plan, span, at=at)
    return dispatch(
        plan, rows, span=span, number=number, cut=frozen[0].at if frozen else None, at=at
    )


@transaction.atomic
def paper_file(paper: Paper, *, kind: str, by: User, at: datetime) -> bytes:
    """Return a paper as ``pdf`` or ``docx``; its digest is on record."""
    make = pdf_of if kind == "pdf" else docx_of
    day = city_date(paper.at)
    content = make(paper.document, day=day, signed_on=day)
    audit.record(
        actor=Actor.of(by),
        deed="plans.paper_file",
        target=paper.plan.ref,
        at=at,
        detail={
            "number": paper.number,
            "kind": kind,
            "sha256": hashlib.sha256(content).hexdigest(),
        },
    )
    return content
