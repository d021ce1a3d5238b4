"""Whose duty a kind of source is on a day: what this city decided, else the shipped table."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db.models import Q, QuerySet

from qingyuan.web.dust.models import DutyChange, Seat
from qingyuan.web.dust.selectors.register import seat_of
from qingyuan.web.dust.tables import Duty, kinds, shipped_duties

__all__ = ["Routing", "duties", "duty_changes", "lead_department", "routing"]


def duties(*, on: date) -> list[Duty]:
    """Return whose duty each kind is on a day, kind by kind, the leading department first."""
    held = DutyChange.objects.filter(
        Q(valid_to=None) | Q(valid_to__gt=on), ~Q(lead=""), valid_from__lte=on
    ).select_related("made_by")
    changed = {row.kind: row for row in held}
    shipped = shipped_duties(on=on)
    return [
        duty
        for kind in kinds()
        for duty in (
            _decided(changed[kind]) if kind in changed else (d for d in shipped if d.kind == kind)
        )
    ]


def _decided(row: DutyChange) -> list[Duty]:
    parts = [(row.lead, "lead"), *((code, "co") for code in row.helping)]
    return [
        Duty(
            kind=row.kind, department=department, part=part, made_by=row.made_by.name, valid_from=row.valid_from,
            valid_to=row.valid_to, clause_zh=row.basis, clause_en=row.basis, mark_zh="", mark_en="",
        )
        for department, part in parts
    ]  # fmt: skip


def lead_department(kind: str, *, on: date) -> str:
    """Return the department that leads on a kind of source on a day; empty when none is named."""
    return next((d.department for d in duties(on=on) if d.kind == kind and d.part == "lead"), "")


def duty_changes() -> QuerySet[DutyChange]:
    """Return every change this city made, the newest first."""
    return DutyChange.objects.select_related("made_by").order_by("-valid_from", "-pk")


@dataclass(frozen=True, slots=True)
class Routing:
    """Who would lead and who would take part (派单); a department without a seat is in ``unseated``."""

    lead: Seat | None
    helping: list[Seat]
    unseated: list[str]


def routing(kind: str, district_code: str, *, on: date) -> Routing:
    """Return whom a kind of source in a district goes to by the duties and seats of a day."""
    lead: Seat | None = None
    helping: list[Seat] = []
    unseated: list[str] = []
    for duty in duties(on=on):
        if duty.kind != kind:
            continue
        seat = seat_of(duty.department, district_code, on=on)
        if seat is None:
            unseated.append(duty.department)
        elif duty.part == "lead":
            lead = seat
        else:
            helping.append(seat)
    return Routing(lead, helping, unseated)
