"""The duty roster and its hand-overs (值班、交接班)."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction

from qingyuan.core.problems import Problem
from qingyuan.web.accounts.models import Unit, User
from qingyuan.web.audit import services as audit
from qingyuan.web.audit.services import Actor
from qingyuan.web.notices import services as notices
from qingyuan.web.organisation.models import HandOver, Shift

__all__ = ["hand_over", "put_shift", "take_over"]


@transaction.atomic
def put_shift(
    *,
    day: date,
    span: str,
    unit: Unit,
    officer: User,
    leader: User | None,
    by: User,
    at: datetime,
) -> Shift:
    """Put one shift into the roster, or change who has it until it was handed over (排班、调班).

    Raises
    ------
    Problem
        ``organisation.handed_over_already``; ``organisation.two_shifts`` when the officer would
        have two shifts in a row without rest.
    """
    old = Shift.objects.select_for_update().filter(day=day, span=span, unit=unit).first()
    if old and HandOver.objects.filter(shift=old).exists():
        raise Problem("organisation.handed_over_already", day=day.isoformat())
    same_day = Shift.objects.filter(day=day, officer=officer).exclude(span=span)
    if same_day.exists():
        raise Problem("organisation.two_shifts", user=officer.name, day=day.isoformat())
    shift, _ = Shift.objects.update_or_create(
        day=day,
        span=span,
        unit=unit,
        defaults={"officer": officer, "leader": leader, "put_by": str(by), "put_at": at},
    )
    audit.record(
        actor=Actor.of(by), deed="organisation.shift", target=f"shift:{day}/{span}/{unit.code}",
        at=at, clause="R028",
        detail={"officer": officer.username, "before": old.officer.username if old else ""},
    )  # fmt: skip
    return shift


@transaction.atomic
def hand_over(*, shift: Shift, text: str, open_matters: str, by: User, at: datetime) -> HandOver:
    """Write down what the next shift must know (交班); once per shift, by who had it.

    Raises
    ------
    Problem
        ``organisation.not_your_shift``, ``organisation.handed_over_already``.
    """
    shift = Shift.objects.select_for_update().get(pk=shift.pk)
    if by.pk not in (shift.officer_id, shift.leader_id):
        raise Problem("organisation.not_your_shift")
    if HandOver.objects.filter(shift=shift).exists():
        raise Problem("organisation.handed_over_already", day=shift.day.isoformat())
    made = HandOver.objects.create(
        shift=shift, text=text.strip(), open_matters=open_matters.strip(), given_by=by, given_at=at
    )
    audit.record(
        actor=Actor.of(by), deed="organisation.hand_over", target=f"shift:{shift.pk}", at=at,
        clause="R028",
    )  # fmt: skip
    following = following_shift(shift)
    if following and following.officer_id != by.pk:
        notices.notify(
            [following.officer], kind="duty", title=f"待接班：{shift.day} {shift.get_span_display()}",
            url="/organisation/duty/", at=at, title_en=f"Hand-over to take: {shift.day}",
        )  # fmt: skip
    return made


def following_shift(shift: Shift) -> Shift | None:
    """Return the shift of the same unit that comes next in the roster, if one is planned."""
    order = [Shift.Span.DAY, Shift.Span.NIGHT]
    later = Shift.objects.filter(unit=shift.unit, day__gte=shift.day).select_related("officer")
    rows = sorted(later[:6], key=lambda s: (s.day, order.index(Shift.Span(s.span))))
    here = (shift.day, order.index(Shift.Span(shift.span)))
    return next((s for s in rows if (s.day, order.index(Shift.Span(s.span))) > here), None)


@transaction.atomic
def take_over(*, handover: HandOver, by: User, at: datetime) -> HandOver:
    """Confirm having read it (接班); somebody else than who gave it, once.

    Raises
    ------
    Problem
        ``organisation.taken_already``, ``organisation.same_person``.
    """
    handover = HandOver.objects.select_for_update().get(pk=handover.pk)
    if handover.taken_by_id:
        raise Problem("organisation.taken_already")
    if handover.given_by_id == by.pk:
        raise Problem("organisation.same_person")
    handover.taken_by, handover.taken_at = by, at
    handover.save(update_fields=["taken_by", "taken_at"])
    audit.record(
        actor=Actor.of(by), deed="organisation.take_over", target=f"shift:{handover.shift_id}",
        at=at, clause="R028",
    )  # fmt: skip
    return handover
