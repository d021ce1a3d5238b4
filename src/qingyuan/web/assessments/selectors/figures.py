"""Why a figure is so (数值说明): computed again from the store, for whoever may see the place.

An address names a kind of figure and its place and time; nothing it says is believed beyond that.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal

from qingyuan.core.explanation import Explanation, Input, Said
from qingyuan.core.factors import factor as factor_of
from qingyuan.core.periods import Period, city_date, day_of, hour_of, in_city
from qingyuan.core.quantities import plain
from qingyuan.readings.periods import (
    Days,
    Exclusion,
    Hours,
    explain_day,
    explain_figure,
    figures_of,
    span_of,
)
from qingyuan.reporting import AIR_ITEMS
from qingyuan.scoring import explain_composite, variant
from qingyuan.standards import aqi
from qingyuan.standards.air_periods import PeriodRules, period_rules_at
from qingyuan.standards.explained import explain_class, explain_index
from qingyuan.store.observations import Observations
from qingyuan.web.accounts.scope import Scope
from qingyuan.web.assessments.selectors import air, exclusions, water
from qingyuan.web.assessments.selectors.hours import SERIES, days_of_place, hours_between
from qingyuan.web.assessments.selectors.places import Place, place_of
from qingyuan.web.registry import selectors as registry

__all__ = ["KINDS", "MOST_DAYS", "explain"]

MOST_DAYS = 366
Asked = Mapping[str, str]
_FEW_HOURS = Said("当日有效小时不足", "too few valid hours on this day")
_FEW_STATIONS = Said("该站当日无有效值", "no valid value at this station")


def explain(
    kind: str, asked: Asked, *, store: Observations, scope: Scope, at: datetime
) -> tuple[Explanation, str, str] | None:
    """Return an explanation with the name and the address of its place; None for what is not there."""
    how = KINDS.get(kind)
    try:
        return how(asked, store, scope, at) if how else None
    except (ValueError, OverflowError):  # a date or number that is none
        return None


def _place(asked: Asked, scope: Scope) -> Place | None:
    return place_of(scope, asked.get("kind", "station"), asked.get("code", ""))


def _address(place: Place) -> str:
    from django.urls import reverse

    return reverse("air-place", args=[place.kind, place.code])


def _without(asked: Asked, place: Place, first: date, last: date) -> list[Exclusion]:
    return exclusions.confirmed(place.stations, first, last) if asked.get("dust") == "out" else []


def _air_hour(asked: Asked, store: Observations, scope: Scope, at: datetime) -> tuple[Explanation, str, str] | None:  # fmt: skip
    place = place_of(scope, "station", asked.get("station", ""))
    end = datetime.fromisoformat(asked.get("end", ""))
    if place is None or end.tzinfo is None or end > at:
        return None
    start = hour_of(end - timedelta(seconds=1)).start
    day = city_date(start)
    hours = hours_between(store, place.stations, day, day)
    if hours is None:
        return None
    rules = aqi.rule_set_at(day)
    span = Period(start, start + timedelta(hours=1))
    values = air.values_at(hours, place.code, 0, in_city(start).hour)
    parts = {
        name: _readings(store, place.code, name, span, value)
        for name, value in values.items()
        if value is not None
    }
    found = explain_index(
        values, period="hour", rules=rules, subject=place.name, span=span, parts=parts
    )
    return found, place.name, _address(place)


def _readings(
    store: Observations, code: str, series: str, span: Period, value: Decimal
) -> Explanation:
    """Explain an hourly mean by the readings of the hour, with their flags."""
    factor = AIR_ITEMS[series]
    table = store.series(f"air:{code}", factor, span)
    columns = (table.column(n).to_pylist() for n in ("time", "text", "flag", "unit", "cn"))
    inputs = [
        Input(f"{in_city(time):%H:%M:%S}", text, unit or "", flag or "",
              None if flag in ("", "N", None) else Said(f"数据标记 {flag}", f"data flag {flag}"), ref=cn)
        for time, text, flag, unit, cn in zip(*columns, strict=True)
    ]  # fmt: skip
    known = factor_of(factor)
    return Explanation(
        what=Said(f"{known.zh}小时均值", f"hourly mean of {known.en}"),
        value=plain(value),
        unit=known.unit,
        period=span,
        rule_set="HJ 212 表8",
        document="HJ 212-2017",
        clause="表8",
        steps=[Said("有效标记的读数的算术平均，量程外的读数不取", "mean of readings with a valid flag, those out of range left out")],
        inputs=inputs,
    )  # fmt: skip


def _day_flags(
    store: Observations, code: str, series: str, day: date
) -> dict[tuple[int, int], str]:
    """Return the flags other than normal in each hour of a day."""
    table = store.series(f"air:{code}", AIR_ITEMS[series], day_of(day))
    held: dict[tuple[int, int], set[str]] = {}
    for time, flag in zip(*(table.column(n).to_pylist() for n in ("time", "flag")), strict=True):
        if flag not in ("", "N", None):
            held.setdefault((0, in_city(time).hour), set()).add(flag)
    return {place: " ".join(sorted(flags)) for place, flags in held.items()}


def _air_day(asked: Asked, store: Observations, scope: Scope, at: datetime) -> tuple[Explanation, str, str] | None:  # fmt: skip
    place, day = _place(asked, scope), date.fromisoformat(asked.get("day", ""))
    if place is None or day > city_date(at):
        return None
    rules = period_rules_at(day)
    out = _without(asked, place, day, day)
    hours = hours_between(store, place.stations, day, day)
    days = days_of_place(store, place, day, day, rules=rules, without=out)
    if hours is None or days is None:
        return None
    values: dict[str, Decimal | None] = {}
    for name in SERIES:
        exact = days.values[name].fraction((0, 0))
        values[name] = None if exact is None else Decimal(exact.numerator) / exact.denominator
    parts = {name: _one_day(store, place, name, day, hours, days, rules, out) for name in SERIES}
    found = explain_index(
        values, period="day", rules=aqi.rule_set_at(day), subject=place.name, span=day_of(day),
        parts=parts,
    )  # fmt: skip
    gaps = [parts[name] for name in SERIES if values[name] is None]
    return replace(found, parts=[*found.parts, *gaps]), place.name, _address(place)


def _one_day(
    store: Observations, place: Place, series: str, day: date, hours: Hours, days: Days,
    rules: PeriodRules, out: Sequence[Exclusion],
) -> Explanation:  # fmt: skip
    if place.is_station:
        flags = _day_flags(store, place.code, series, day)
        return explain_day(hours, place.code, day, series, rules=rules, exclusions=out, flags=flags)
    parts = [
        explain_day(hours, code, day, series, rules=rules, exclusions=out)
        for code in hours.stations
    ]
    one = rules.statistics[series]
    units = int(days.values[series].rounded(one.places)[0, 0])
    used = sum(part.value is not None for part in parts)
    return Explanation(
        what=Said(f"{one.item}各站平均", f"mean of {one.item} over the stations"),
        value=None if units < 0 else str(Decimal(units).scaleb(-one.places)),
        unit=one.unit,
        subject=place.name,
        period=day_of(day),
        rule_set=rules.id,
        document=rules.document.document,
        clause=rules.clauses.get("city", rules.clauses["day"]),
        steps=[
            Said(
                f"{used} 个站有效，共 {len(place.stations)} 个（须 ≥{rules.city_percent} %）；对未修约的浓度求平均，不对指数求平均",
                f"{used} of {len(place.stations)} stations valid (at least {rules.city_percent} %); concentrations are averaged unrounded, never indices",
            )
        ],
        inputs=[
            Input(p.subject, p.value, one.unit, reason=None if p.value is not None else _FEW_STATIONS)
            for p in parts
        ],
        parts=parts,
    )  # fmt: skip


def _span(asked: Asked, at: datetime) -> tuple[date, date] | None:
    first, last = date.fromisoformat(asked.get("first", "")), date.fromisoformat(asked.get("last", ""))  # fmt: skip
    if not first <= last <= city_date(at) or (last - first).days >= MOST_DAYS:
        return None
    return first, last


def _air_period(asked: Asked, store: Observations, scope: Scope, at: datetime) -> tuple[Explanation, str, str] | None:  # fmt: skip
    place, span = _place(asked, scope), _span(asked, at)
    if place is None or span is None:
        return None
    first, last = span
    rules = period_rules_at(first)
    out = _without(asked, place, first, last)
    days = days_of_place(store, place, first, last, rules=rules, without=out)
    if days is None:
        return None
    held = span_of(first, last + timedelta(days=1))
    units = figures_of(days, held, rules=rules).index_figures(rules)
    values: dict[str, Decimal | None] = {}
    parts = {}
    for name, one in rules.statistics.items():
        count = int(units[name][0])
        values[name] = None if count < 0 else Decimal(count).scaleb(-one.places)
        statistic = "mean" if one.has_mean else "percentile"
        parts[name] = explain_figure(days, place.code, held, name, statistic, rules=rules)
    whole = Period(day_of(first).start, day_of(last).end)
    found = explain_composite(
        values, by=variant(rules.limits.name), subject=place.name, span=whole, parts=parts
    )
    return found, place.name, _address(place)


def _water_period(asked: Asked, store: Observations, scope: Scope, at: datetime) -> tuple[Explanation, str, str] | None:  # fmt: skip
    from django.urls import reverse

    section = registry.sections(scope).filter(code=asked.get("code", "")).first()
    span = _span(asked, at)
    if section is None or span is None:
        return None
    first, last = span
    held = water.day_values(store, [section.code], first, last).get(section.code, {})
    means = water.means_of(section.code, held)
    if means is None:
        return None
    whole = Period(day_of(first).start, day_of(last).end)
    parts = [_item_mean(factor, held, first, last, means.values.get(factor)) for factor in water.FACTORS]  # fmt: skip
    found = explain_class(
        means.values, at=last, water_type=section.water_type,
        target=section.target_on(last) or "Ⅲ", subject=section.name, span=whole, parts=parts,
    )  # fmt: skip
    return found, section.name, reverse("section", args=[section.code])


def _item_mean(
    factor: str, held: water.Held, first: date, last: date, mean: Decimal | None
) -> Explanation:
    known = factor_of(factor)
    inputs = []
    for n in range((last - first).days + 1):
        day = first + timedelta(days=n)
        value = held.get(day, {}).get(factor)
        text = None if value is None else f"{value.value:.6g}"
        inputs.append(
            Input(day.isoformat(), text, known.unit, reason=_FEW_HOURS if value is None else None)
        )
    used = sum(one.is_used for one in inputs)
    return Explanation(
        what=Said(f"{known.zh}时段均值", f"mean of {known.en} over the span"),
        value=None if mean is None else f"{mean:.6g}",
        unit=known.unit,
        period=Period(day_of(first).start, day_of(last).end),
        rule_set="water-evaluation",
        document="环办〔2011〕22号",
        clause="月均值",
        steps=[Said(f"{used} 个有效日均值的算术平均，不修约（此处显示六位有效数字）", f"mean of {used} valid daily means, unrounded (six digits shown)")],
        inputs=inputs,
    )  # fmt: skip


KINDS: Mapping[
    str, Callable[[Asked, Observations, Scope, datetime], tuple[Explanation, str, str] | None]
] = {
    "air-hour": _air_hour,
    "air-day": _air_day,
    "air-period": _air_period,
    "water-period": _water_period,
}
