"""Water of a day or a period (水): classes of the means of valid hours, sections by target."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Context, Decimal

from qingyuan.core.periods import Period, city_date, day_of
from qingyuan.readings.means import Mean
from qingyuan.reporting import SectionClass
from qingyuan.standards import water
from qingyuan.store.observations import Observations
from qingyuan.web.registry.models import Section

__all__ = ["class_of_values", "section_days", "section_periods"]

_WATER = ("w01001", "w01009", "w01019", "w21003", "w21011")  # what the online class is made of
_CONTEXT = Context(prec=50)
Held = Mapping[date, Mapping[str, Mean]]


def _day_means(store: Observations, first: date, last: date) -> Mapping[str, Held]:
    """Return valid daily means by section, day and factor."""
    found: dict[str, dict[date, dict[str, Mean]]] = defaultdict(lambda: defaultdict(dict))
    period = Period(day_of(first).start, day_of(last).end)
    for mean in store.means(None, _WATER, period, step="day"):
        kind, _, code = mean.station.partition(":")
        if kind == "section" and mean.is_valid:
            found[code][city_date(mean.period.start)][mean.factor] = mean
    return found


def _registered() -> list[Section]:
    return list(
        Section.objects.select_related("district")
        .defer("district__wkb")
        .prefetch_related("targets")
        .order_by("code")
    )


def class_of_values(
    values: Mapping[str, Decimal | None], section: Section, *, at: date
) -> tuple[str | None, tuple[tuple[str, Decimal], ...], str]:
    """Return the class of a section's values, what is beyond its target, and the rule set."""
    judged = water.evaluate(
        values, at=at, water_type=section.water_type, target=section.target_on(at) or "Ⅲ"
    )
    over = tuple((o.factor, o.multiple or Decimal(0)) for o in judged.over)
    return judged.cls, over, judged.rule_set if judged.cls else ""


def section_days(store: Observations, day: date) -> tuple[list[SectionClass], list[str]]:
    """Return every section's class of the day's means, and the rule sets that judged them."""
    return section_periods(store, day, day)


def section_periods(
    store: Observations, first: date, last: date, *, with_year_ago: bool = False
) -> tuple[list[SectionClass], list[str]]:
    """Return every section's class of the mean of its valid daily means, and of each day."""
    found = _day_means(store, first, last)
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    rules: set[str] = set()
    rows = []
    for section in _registered():
        held = found.get(section.code, {})
        cls, over, rule = class_of_values(_means(held.values()), section, at=last)
        rules |= {rule} - {""}
        rows.append(
            SectionClass(
                code=section.code,
                name=section.name_zh,
                name_en=section.name_en,
                district=section.district.name_zh,
                district_en=section.district.name_en,
                target=section.target_on(last) or "Ⅲ",
                water_class=cls,
                over=over,
                hours=sum(max(m.count for m in day.values()) for day in held.values()),
                days=tuple(
                    class_of_values(_means([held[d]]), section, at=d)[0] if d in held else None
                    for d in days
                ),
            )
        )
    if with_year_ago:
        rows = _with_year_ago(store, rows, first, last)
    return rows, sorted(rules)


def _means(days: Sequence[Mapping[str, Mean]]) -> dict[str, Decimal | None]:
    """Return the mean of daily means by factor, exact enough for every limit."""
    held: dict[str, list[Decimal]] = defaultdict(list)
    for day in days:
        for factor, mean in day.items():
            held[factor].append(mean.value)
    return {
        factor: _CONTEXT.divide(sum(values, Decimal(0)), Decimal(len(values)))
        for factor, values in held.items()
    }


def _with_year_ago(
    store: Observations, rows: Sequence[SectionClass], first: date, last: date
) -> list[SectionClass]:
    then = {s.code: s.water_class for s in section_periods(store, *year_before(first, last))[0]}
    return [replace(row, year_ago=then.get(row.code)) for row in rows]


def year_before(first: date, last: date) -> tuple[date, date]:
    """Return the same days a year before; 29 February becomes the 28th."""

    def back(day: date) -> date:
        leap = day.month == 2 and day.day == 29
        return day.replace(year=day.year - 1, day=28 if leap else day.day)

    return back(first), back(last)
