"""Facts from the registers (登记册): intensified sampling, water works, the agenda of a meeting."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation

from qingyuan.core.periods import city_date, day_of
from qingyuan.host.folder import DataFolder
from qingyuan.reporting import Plant, SampleDue, WaterWeekFacts, WaterworksFacts, Work
from qingyuan.web.bulletins.facts import water
from qingyuan.web.bulletins.facts.daily import Seen, head, seen
from qingyuan.web.bulletins.models import RegisterRow
from qingyuan.web.registry.models import Section

__all__ = ["agenda_of", "water_week_facts", "waterworks_facts"]

_ITEMS = ("w01001", "w01009", "w01019", "w21003", "w21011")


def _rows(register: str, first: date | None, last: date) -> list[RegisterRow]:
    """Return the rows in force of a register, dated up to *last* (and from *first*, if given)."""
    found = RegisterRow.objects.filter(register=register, on__lte=last, ended_at=None)
    if first is not None:
        found = found.filter(on__gte=first)
    return list(found.select_related("district").defer("district__wkb").order_by("on", "pk"))


def _number(text: object) -> Decimal | None:
    try:
        return Decimal(str(text)) if str(text or "").strip() else None
    except InvalidOperation:
        return None


def water_week_facts(
    *, first: date, last: date, at: datetime, folder: DataFolder
) -> tuple[WaterWeekFacts, Seen]:
    """Return the week's samples, taken and missed, beside the automatic stations."""
    store, state = seen(folder, at=at)
    sections, rules = water.section_periods(store, first, last)
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    registered = {
        s.code: s for s in Section.objects.defer("district__wkb").prefetch_related("targets")
    }
    samples = [
        _sample(row, registered)
        for row in _rows("sampling", first, last)
        # what is not due yet is not missed
        if row.done_on or row.on < city_date(at)
    ]
    facts = WaterWeekFacts(
        **head().given,
        first=first,
        last=last,
        data_until=min(at, day_of(last).end),
        samples=samples,
        sections=sections,
        labels=[f"{d.month}-{d.day}" for d in days],
        rule_sets=rules,
    )
    return facts, state


def _sample(row: RegisterRow, registered: Mapping[str, Section]) -> SampleDue:
    code = str(row.values.get("section", ""))
    section = registered.get(code)
    values = {item: _number(row.values.get(item)) for item in _ITEMS}
    judged = None, (), ""
    if section and row.done_on and any(v is not None for v in values.values()):
        judged = water.class_of_values(values, section, at=row.done_on)
    return SampleDue(
        section_code=code,
        section=section.name_zh if section else code,
        due_on=row.on,
        taken_on=row.done_on,
        water_class=judged[0],
        over=judged[1],
        reason=str(row.values.get("reason", "")),
    )


def waterworks_facts(
    *, first: date, last: date, at: datetime, folder: DataFolder
) -> tuple[WaterworksFacts, Seen]:
    """Return the month's plants and the works up to its end."""
    facts = WaterworksFacts(
        **head().given,
        first=first,
        last=last,
        data_until=min(at, day_of(last).end),
        plants=[_plant(row) for row in _rows("effluent", first, last)],
        projects=_works("project", last),
        black_water=_works("black_water", last),
        villages=_works("village", last),
    )
    return facts, seen(folder, at=at)[1]


def _district(row: RegisterRow) -> str:
    return row.district.name_zh if row.district else ""


def _plant(row: RegisterRow) -> Plant:
    return Plant(
        name=str(row.values.get("name", "")),
        district=_district(row),
        days_judged=int(_number(row.values.get("days_judged")) or 0),
        days_met=int(_number(row.values.get("days_met")) or 0),
        treated=_number(row.values.get("treated")),
        reused=_number(row.values.get("reused")),
    )


def _works(register: str, last: date) -> list[Work]:
    """Return every work on the register; one accepted after *last* was not accepted yet."""
    found = RegisterRow.objects.filter(register=register, ended_at=None)
    rows = found.select_related("district").defer("district__wkb").order_by("on", "pk")
    return [
        Work(
            name=str(row.values.get("name", "")),
            district=_district(row),
            due_on=row.on,
            progress=None if (p := _number(row.values.get("progress"))) is None else int(p),
            done_on=row.done_on if row.done_on and row.done_on <= last else None,
            grade=str(row.values.get("grade", "")),
        )
        for row in rows
    ]


def agenda_of(*, last: date) -> list[str]:
    """Return the points of the meeting that follows the month that ends on *last*."""
    until = last + timedelta(days=31)
    return [str(row.values["point"]) for row in _rows("agenda", last + timedelta(days=1), until)]
