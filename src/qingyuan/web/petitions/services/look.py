"""Look at who reported (查看来件人): the one way to read it; written down, and a superior is told."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Model, Q, QuerySet
from django.urls import reverse

from qingyuan.core.periods import city_date
from qingyuan.core.problems import Problem
from qingyuan.web.accounts import selectors as accounts
from qingyuan.web.accounts.models import User
from qingyuan.web.accounts.scope import role_names, scope_of
from qingyuan.web.audit import services as audit
from qingyuan.web.audit.services import SYSTEM, Actor
from qingyuan.web.notices import services as notices
from qingyuan.web.petitions.models import Complainant, ConductReport, Look, Report
from qingyuan.web.petitions.models.report import CONTACT
from qingyuan.web.petitions.seal import current_key, key_of, new_key, seal, unseal
from qingyuan.web.petitions.selectors.settings import avoids

__all__ = ["DESK", "change_key", "check_may_look", "look", "may_look", "read_words", "reseal"]

DESK = frozenset({"duty_officer", "department_head"})
_ABOVE = ("duty_officer", "district_officer", "department_head", "vice_leader", "leader")
_KEYS = "GB/T 39786-2021 密钥管理：更换有记录"
_CLAUSE = "信访工作条例（2022）；个人信息保护法第六条：只限办理所必需"


def check_may_look(report: Report, *, by: User, at: datetime) -> None:
    """Raise unless *by* has the duty to know who brought *report* (知悉权限).

    The petition desk of the district (duty officer, head of the review group) and the person who
    handles the case may; nobody linked to the enterprise concerned; nobody else.
    """
    day = city_date(at)
    held = role_names(by, on=day)
    scope = scope_of(by, on=day)
    case = report.petition.case if report.petition else None
    inside = scope.city or (report.district_id or "") in scope.districts
    desk = bool(held & DESK) and inside
    handler = case is not None and case.person_id == by.pk and "district_officer" in held
    if not (desk or handler):
        raise Problem("petitions.no_duty_to_know")
    if case is not None and avoids(by.pk, case.enterprise_id, on=day):
        raise Problem("petitions.conflict_of_interest")


def may_look(report: Report, *, by: User, at: datetime) -> bool:
    """Whether `check_may_look` lets *by* pass."""
    try:
        check_may_look(report, by=by, at=at)
    except Problem:
        return False
    return True


def _superiors(by: User, report: Report, *, at: datetime) -> list[User]:
    """Return who is told: those one step above who see the district, never the looker."""
    held = role_names(by, on=city_date(at))
    rank = max((_ABOVE.index(r) for r in held if r in _ABOVE), default=0)
    for role in _ABOVE[max(rank + 1, _ABOVE.index("department_head")) :]:
        found = accounts.holders_of(role, on=city_date(at), district=report.district_id)
        if people := [p for p in found if p.pk != by.pk]:
            return people
    return []


@transaction.atomic
def look(report: Report, *, by: User, reason: str, at: datetime) -> dict[str, str]:
    """Return name, phone, identity number, address, e-mail and note of who reported (查看来件人).

    The look, its reason, the audit entry and the notice to the superior are one transaction with
    the answer: what cannot be written down is not shown.

    Raises
    ------
    Problem
        ``petitions.no_duty_to_know``, ``petitions.conflict_of_interest``,
        ``petitions.reason_missing``.
    """
    contact = _looked(report, by=by, reason=reason, at=at, what="contact")
    held = Complainant.objects.filter(report=report).first()
    return contact if held is None else held.read()


@transaction.atomic
def read_words(report: Report, *, by: User, reason: str, at: datetime) -> dict[str, str]:
    """Return the words as reported (查看原文), written down like a look at the person."""
    _looked(report, by=by, reason=reason, at=at, what="words")
    return {"place": report.place, "text": report.text}


def _looked(report: Report, *, by: User, reason: str, at: datetime, what: str) -> dict[str, str]:
    check_may_look(report, by=by, at=at)
    reason = " ".join(reason.split())
    if not reason:
        raise Problem("petitions.reason_missing")
    told = _superiors(by, report, at=at)
    Look.objects.create(
        report=report, by=by, at=at, what=what, reason=reason[:200],
        told="、".join(p.name for p in told)[:240],
    )  # fmt: skip
    target = report.petition.case.ref if report.petition else f"report:{report.number}"
    audit.record(
        actor=Actor.of(by), deed="petitions.look", target=target, at=at, clause=_CLAUSE,
        detail={"what": what, "told": [p.username for p in told]},
    )  # fmt: skip
    number = report.petition.case.number if report.petition else report.number
    url = reverse("petition", args=[number]) if report.petition else reverse("petition-intake")
    notices.notify(
        told, kind="petition", title=f"{by.name}查看了来件人信息：{number}",
        title_en=f"{by.name} looked at who reported: {number}", url=url, at=at,
    )  # fmt: skip
    return {}


@transaction.atomic
def change_key(*, at: datetime) -> int:
    """Make a new key and take it into use (换钥); what older keys sealed stays readable.

    Returns
    -------
    int
        The id of the key, which the chain records; the key itself never leaves its file.
    """
    audit.hold_chain()
    key = current_key() + 1
    audit.record(
        actor=SYSTEM, deed="petitions.change_key", target=f"key:{key}", at=at, clause=_KEYS,
        detail={"key": key},
    )  # fmt: skip
    new_key()
    return key


_SEALED: tuple[tuple[type[Model], tuple[str, ...], Callable[[str, Any], str]], ...] = (
    (
        Report,
        ("place_sealed", "text_sealed"),
        lambda c, r: f"report.{c.removesuffix('_sealed')}:{r.pk}",
    ),
    (Complainant, CONTACT, lambda c, r: f"complainant.{c}:{r.report_id}"),
    (
        ConductReport,
        ("subject_sealed", "text_sealed", "contact_sealed", "result_sealed"),
        lambda c, r: f"conduct.{c.removesuffix('_sealed')}:{r.pk}",
    ),
)


@transaction.atomic
def reseal(*, at: datetime, most: int = 1000) -> int:
    """Seal rows of older keys with the one in use, *most* at once (换钥重封); say how many.

    Called until it answers 0, by whoever and from wherever it was broken off: only rows of older
    keys are touched, and each call is whole by itself and a line of the chain.
    """
    key, done = current_key(), 0
    for model, names, about in _SEALED:
        for row in _of_older_keys(model, names, key)[: most - done]:
            old = [n for n in names if key_of(getattr(row, n)) not in (0, key)]
            for name in old:
                words = unseal(getattr(row, name), about=about(name, row))
                setattr(row, name, seal(words, about=about(name, row)))
            row.save(update_fields=old)
            done += 1
    if done:
        audit.record(
            actor=SYSTEM, deed="petitions.reseal", target=f"key:{key}", at=at, clause=_KEYS,
            detail={"key": key, "rows": done},
        )  # fmt: skip
    return done


def _of_older_keys(model: type[Model], names: Sequence[str], key: int) -> QuerySet[Any]:
    older = Q()
    for name in names:
        older |= ~Q(**{name: ""}) & ~Q(**{f"{name}__startswith": f"{key}."})
    return (
        model._default_manager.filter(older)
        .order_by("pk")
        .select_for_update(
            of=("self",),
            no_key=True,  # a look names the row it read; that must not wait, for it holds the chain
        )
    )
