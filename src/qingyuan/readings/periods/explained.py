"""Days and periods explained (日值与时段值的说明): the hours and days in them, and those left out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import ROUND_HALF_EVEN, Context, Decimal
from fractions import Fraction

from qingyuan.core.explanation import Explanation, Input, Said
from qingyuan.core.periods import Period, day_of
from qingyuan.readings.periods.days import Days, days_of
from qingyuan.readings.periods.exclusions import Exclusion, mask_of
from qingyuan.readings.periods.hours import Hours
from qingyuan.readings.periods.spans import Span
from qingyuan.readings.periods.statistics import figures_of
from qingyuan.standards.air_periods import PeriodRules, Statistic

__all__ = ["explain_day", "explain_figure"]

_NO_VALUE = Said("缺测或无效", "missing or invalid")
_NOT_VALID = Said("当日有效数据不足", "too few valid data on this day")
_SHOWN = Context(prec=12, rounding=ROUND_HALF_EVEN)


def explain_day(
    hours: Hours,
    station: str,
    day: date,
    series: str,
    *,
    rules: PeriodRules,
    exclusions: Sequence[Exclusion] = (),
    flags: Mapping[tuple[int, int], str] | None = None,
    grade: int = 2,
) -> Explanation:
    """Explain the daily value of one series: its hours, what was left out and why.

    ``flags`` are data flags by (day, hour) of the block, shown beside the values.
    """
    row, at = hours.stations.index(station), (day - hours.first_day).days
    one = rules.statistics[series]
    part = hours.day_slice(at)
    found = days_of(part, rules=rules, without=mask_of(exclusions, part) or None, grade=grade)
    exact = found.values[series].fraction((row, 0))
    count = int(found.counts[series][row, 0])
    inputs = []
    for hour in range(24):
        end = hours.label(at, hour)
        units = int(hours.values[series][row, at, hour])
        span = Period(end - timedelta(hours=1), end)
        cause = next((e for e in exclusions if e.covers(station, series, span)), None)
        value = None if units < 0 else _decimal(Fraction(units, 10 ** hours.decimals[series]))
        why = (
            Said(cause.reason, cause.reason) if cause else None if value is not None else _NO_VALUE
        )
        flag = (flags or {}).get((at, hour), "")
        inputs.append(Input(f"{hour + 1:02d}:00", value, one.unit, flag, why))
    return Explanation(
        what=_daily_name(one),
        value=_rounded(exact, one.places),
        unit=one.unit,
        subject=station,
        period=day_of(day),
        rule_set=rules.id,
        document=rules.document.document,
        clause=rules.clauses["mda8" if one.daily == "mda8" else "day"],
        steps=_day_steps(one, rules, exact, count, grade),
        inputs=inputs,
    )


def explain_figure(
    days: Days,
    station: str,
    span: Span,
    series: str,
    statistic: str,
    *,
    rules: PeriodRules,
) -> Explanation:
    """Explain a ``mean`` or ``percentile`` of a span: the days in it and those not valid."""
    one, row = rules.statistics[series], days.stations.index(station)
    figures = figures_of(days, span, rules=rules)
    held = figures.means if statistic == "mean" else figures.percentiles
    exact = held[series].fraction(row)
    count = int(figures.days[series][row])
    inputs = []
    within = span.within(days.first_day, days.length)
    for at in range(within.start, within.stop):
        value = days.values[series].fraction((row, at))
        name = (days.first_day + timedelta(days=at)).isoformat()
        text = None if value is None else _decimal(value)
        inputs.append(Input(name, text, one.unit, reason=None if value is not None else _NOT_VALID))
    valid = bool(figures.is_valid[series][row])
    enough = Said("有效天数足够" if valid else "有效天数不足，数值仅供参考", "enough valid days" if valid else "too few valid days, for information only")  # fmt: skip
    if statistic == "mean":
        what = Said(f"{one.item}时段均值", f"mean of {one.item} over the span")
        how = Said(f"{count} 个有效日值的算术平均", f"mean of {count} valid daily values")
    else:
        p = one.percentile
        k = 1 + Fraction(max(count - 1, 0) * p, 100)
        what = Said(f"{one.item}第 {p} 百分位数", f"{p}th percentile of {one.item}")
        how = Said(f"n={count}，k=1+(n−1)×{p}%={_decimal(k)}，在第 {int(k)} 与其后一个值之间内插",
                   f"n={count}, k=1+(n−1)×{p}%={_decimal(k)}, between value {int(k)} and the next")  # fmt: skip
    return Explanation(
        what=what,
        value=_rounded(exact, one.places),
        unit=one.unit,
        subject=station,
        period=Period(day_of(span.first).start, day_of(span.end).start),
        rule_set=rules.id,
        document=rules.document.document,
        clause=rules.clauses["percentile" if statistic == "percentile" else "month"],
        steps=[how, *_rounding(exact, one.places), enough],
        inputs=inputs,
        marks=rules.marks,
    )


def _day_steps(
    one: Statistic, rules: PeriodRules, exact: Fraction | None, count: int, grade: int
) -> list[Said]:
    if one.daily == "mda8":
        limit = rules.limit(one.series, "mda8", grade=grade).text
        held = Said(
            f"有效 8 小时均值 {count} 个（须 ≥{rules.windows} 个，或其最大值超过 {limit}）",
            f"{count} valid 8-h means (at least {rules.windows}, or their largest beyond {limit})",
        )
    else:
        held = Said(
            f"有效小时 {count} 个（须 ≥{rules.day_hours} 个）",
            f"{count} valid hours (at least {rules.day_hours})",
        )
    return [held, *_rounding(exact, one.places)]


def _rounding(exact: Fraction | None, places: int) -> list[Said]:
    if exact is None:
        return [Said("不足，无有效值", "not enough: no valid value")]
    text = f"{_decimal(exact)} → {_rounded(exact, places)}"
    return [Said(f"修约（GB/T 8170）：{text}", f"rounded (GB/T 8170): {text}")]


def _daily_name(one: Statistic) -> Said:
    if one.daily == "mda8":
        return Said(f"{one.item}日最大8小时平均", f"largest 8-h mean of {one.item}")
    return Said(f"{one.item}日均值", f"daily mean of {one.item}")


def _rounded(exact: Fraction | None, places: int) -> str | None:
    if exact is None:
        return None
    return str(Decimal(round(exact * 10**places)).scaleb(-places))  # half to even, exactly


def _decimal(value: Fraction) -> str:
    """Return the value in full where it ends, else twelve digits and an ellipsis."""
    shown = _SHOWN.divide(Decimal(value.numerator), Decimal(value.denominator))
    text = format(shown.normalize(), "f")
    return text if Fraction(shown) == value else f"{text}…"
