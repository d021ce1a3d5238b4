"""Send the yellow and red cards that fall due (黄牌、红牌): each rung once per due date."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Count, F, Q

from qingyuan.casework import clocks
from qingyuan.core.periods import city_date
from qingyuan.web.accounts import selectors as accounts
from qingyuan.web.accounts.models import User
from qingyuan.web.audit import services as audit
from qingyuan.web.cases.effects.notify import tell
from qingyuan.web.cases.models import CardSent, Case, CaseClock
from qingyuan.web.cases.selectors.workdays import calendar

__all__ = ["send_cards"]

_CARD = {"yellow": ("黄牌提醒", "Yellow card"), "red": ("红牌督办", "Red card")}


def _to(case: Case, roles: tuple[str, ...], *, at: datetime) -> Iterator[User]:
    """Yield the people a rung speaks to: the one responsible stands for the handling role."""
    for role in roles:
        if role == "enterprise":
            if case.enterprise_id and case.pushed_at:
                yield from accounts.people_of_enterprise(case.enterprise_id)
        elif role == "district_officer" and case.person:
            yield case.person
        elif role == "vice_leader" and case.sponsor:
            yield case.sponsor
        else:
            yield from accounts.holders_of(role, on=city_date(at), district=case.district_id)


_FARTHEST = timedelta(days=21)  # a rung stands at most some working days before its end


def send_cards(*, at: datetime) -> int:
    """Send every rung whose moment has come and that was not sent; return how many.

    Called again and again by the worker; a clock with nothing left to send costs no lock.
    """
    near = (
        CaseClock.objects.filter(stopped_at=None, due_at__lte=at + _FARTHEST)
        .select_related("case__procedure")
        .annotate(sent=Count("cards", filter=Q(cards__due_at=F("due_at"))))
        .order_by("pk")
    )
    waiting = [row.pk for row in near if row.sent < len(row.case.rules.clocks[row.name].warn)]
    return sum(_send(pk, at=at) for pk in waiting)


@transaction.atomic
def _send(pk: int, *, at: datetime) -> int:
    row = (
        CaseClock.objects.select_for_update(of=("self",))
        .select_related("case__procedure", "case__person", "case__sponsor")
        .prefetch_related("pauses", "extensions")
        .get(pk=pk)
    )
    if row.stopped_at is not None or row.due_at is None:
        return 0
    case, rule, sent = row.case, row.case.rules.clocks[row.name], 0
    for n, rung in enumerate(rule.warn):
        (moment,) = clocks.warnings(row.record(), ladder=[rung], calendar=calendar()) or (None,)
        if moment is None or at < moment.at:
            continue
        _, fresh = CardSent.objects.get_or_create(
            clock=row, rung=n, due_at=row.due_at, defaults={"card": rung.card, "at": at}
        )
        if fresh:
            zh, en = _CARD[rung.card]
            deed = (f"{zh}（{rule.label.zh}）", f"{en} ({rule.label.en})")
            tell(case, _to(case, rung.to, at=at), kind=f"card-{rung.card}", deed=deed, at=at)
            audit.record(
                actor=audit.SYSTEM,
                deed=f"cases.{rung.card}_card",
                target=case.ref,
                at=at,
                clause=rule.clause,
                detail={"clock": row.name, "due": row.due_at.isoformat()},
            )
            sent += 1
    return sent
