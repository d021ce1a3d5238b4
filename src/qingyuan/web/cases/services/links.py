"""Hang cases together (关联): a parent, the same source; and things a case is about."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from qingyuan.core.problems import Problem
from qingyuan.web.accounts.models import User
from qingyuan.web.cases.effects.lines import add_line
from qingyuan.web.cases.models import Case, CaseLink, CaseThing
from qingyuan.web.cases.services.locks import locked_all

__all__ = ["attach", "hang", "link"]

_DEEPEST = 20


def hang(
    case: Case,
    other: Case,
    *,
    kind: str,
    by: User | None,
    at: datetime,
    reason: str = "",
) -> CaseLink:
    """Write that *case* hangs on *other*; no case may come to hang on itself."""
    above, steps = {other.pk}, {other.pk}
    for _ in range(_DEEPEST):
        rows = CaseLink.objects.filter(case_id__in=steps).exclude(kind=CaseLink.Kind.SAME_SOURCE)
        steps = set(rows.values_list("other_id", flat=True)) - above
        above |= steps
        if not steps:
            break
    if case.pk == other.pk or (case.pk in above and kind != CaseLink.Kind.SAME_SOURCE):
        raise Problem("cases.link_in_a_ring", case=case.number, other=other.number)
    return CaseLink.objects.create(
        case=case,
        other=other,
        kind=kind,
        by=str(by) if by else "系统",
        at=at,
        reason=reason[:400],
    )


@transaction.atomic
def link(
    *, case: Case, other: Case, kind: str, by: User | None, at: datetime, reason: str = ""
) -> CaseLink:
    """Link two cases by hand or by rule: ``parent``, ``sweep`` or ``same_source`` (关联案件).

    *case* hangs on *other*; of two of the same source the later hangs on the earlier. Linking what
    is linked already changes nothing.

    Raises
    ------
    Problem
        ``cases.link_kind``: merging and splitting are deeds of their own; ``cases.link_in_a_ring``,
        ``cases.has_parent``.
    """
    if kind not in (CaseLink.Kind.PARENT, CaseLink.Kind.SWEEP, CaseLink.Kind.SAME_SOURCE):
        raise Problem("cases.link_kind", given=kind)
    held = locked_all([case.pk, other.pk])
    case, other = held[case.pk], held.get(other.pk, case)
    if kind == CaseLink.Kind.SAME_SOURCE and case.pk < other.pk:
        case, other = other, case
    if existing := CaseLink.objects.filter(case=case, other=other, kind=kind).first():
        return existing
    above = CaseLink.objects.filter(case=case, kind__in=["parent", "sweep", "split"]).first()
    if above is not None and kind != CaseLink.Kind.SAME_SOURCE:
        raise Problem("cases.has_parent", case=case.number, parent=above.other.number)
    made = hang(case, other, kind=kind, by=by, at=at, reason=reason)
    given = {"kind": kind, "note": reason}
    add_line(case, "link", by=by, at=at, given={**given, "case": other.number})
    add_line(other, "link", by=by, at=at, given={**given, "case": case.number})
    return made


def attach(case: Case, *, kind: str, ref: str, label: str, at: datetime) -> CaseThing:
    """Note a thing the case is about, once: a signal, an enterprise, a visit, a document."""
    found, _ = CaseThing.objects.get_or_create(
        case=case, kind=kind[:24], ref=ref[:120], defaults={"label": label[:160], "at": at}
    )
    return found
