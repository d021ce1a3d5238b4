"""``qingyuan air period``: from hours or days to days, months, quarters and years (时段评价)."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import numpy as np

from qingyuan import scoring
from qingyuan.cli.air_rows import ITEMS, read_air
from qingyuan.cli.tables import Table, number_of, read_table, show_row, time_of, told
from qingyuan.core.explanation import Explanation
from qingyuan.core.periods import Period, day_of
from qingyuan.core.problems import Problem
from qingyuan.readings import periods
from qingyuan.scoring.attainment import Attainment, attainment_of
from qingyuan.standards import air_periods, aqi
from qingyuan.standards.aqi_arrays import primary_names

__all__ = ["DESCRIBED", "TITLE", "add_options", "run"]

TITLE = "时段统计与达标评价 / statistics and attainment of a period"
DESCRIBED = (
    "CSV: station,time,so2,no2,pm10,pm25,co,o3。--period hour：每行一小时（以结束时刻标注，北京时间）；"
    "day：每行一日（o3 为日最大8小时）。不给 --rules 则按时段起始日的规则。/ a row is an hour, labelled by its end, "
    "or a day; without --rules those in force at the start of each span."
)
_SPANS = {
    "month": periods.months_in,
    "season": periods.seasons_in,
    "year": periods.years_in,
}
_HOUR = timedelta(hours=1)


def add_options(verb: argparse.ArgumentParser) -> None:
    """Add the options of this verb."""
    verb.add_argument(
        "--period", choices=("hour", "day"), default="hour", help="每行是什么 / what a row is"
    )
    verb.add_argument(
        "--to", choices=("day", *_SPANS), default="month", help="求什么 / the span wanted"
    )
    verb.add_argument(
        "--limits", metavar="TABLE", help="gb3095-2012 | gb3095-2026-transition | gb3095-2026-final"
    )
    verb.add_argument("--weights", default="equal", help="equal | weighted")
    verb.add_argument(
        "--city", metavar="NAME", help="另给城市值：各站浓度的均值 / also the mean of the stations"
    )
    verb.add_argument("--grade", type=int, choices=(1, 2), default=2, help="功能区 / area grade")
    verb.add_argument(
        "--dust", metavar="CSV",
        help="已确认的沙尘时段 start,end[,stations,reason,decided_by]，另给剔除后的统计 / "
        "confirmed sand-dust hours: a second statistic without them",
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Input:
    """What was read: hours if rows are hours, and what is wrong with which row."""

    hours: periods.Hours | None
    days: periods.Days | None
    problems: Sequence[dict[str, object]]


@dataclass(frozen=True, slots=True)
class _Call:
    """The rules of a call, chosen by date unless named."""

    args: argparse.Namespace
    exclusions: Sequence[periods.Exclusion]

    def rules(self, at: date) -> air_periods.PeriodRules:
        """Return the rule set for a span that begins on *at*."""
        named, limits = self.args.rules, self.args.limits
        found = air_periods.period_rules(named) if named else air_periods.period_rules_at(at)
        return found.with_limits(limits) if limits else found

    def variant(self, rules: air_periods.PeriodRules) -> scoring.Variant:
        """Return the way of the composite index."""
        return scoring.variant(rules.limits.name, weights=self.args.weights)

    def index_rules(self) -> aqi.RuleSet | None:
        """Return HJ 633 of the same year as the named HJ 663; None to go by date."""
        named = self.args.rules
        return aqi.rule_set(air_periods.period_rules(named).index_rules) if named else None


def run(args: argparse.Namespace) -> int:
    """Read, compute and print; 1 when some row had a problem."""
    try:
        call = _Call(args, _exclusions(args.dust))
        call.variant(call.rules(date(2026, 3, 1)))
    except Problem as problem:
        if "known" not in problem.values:
            raise
        raise Problem("cli.unknown_rules", **problem.values) from None
    read = _read(args)
    for one in read.problems:
        show_row({"row": one["row"], "problems": [one]}, (), as_json=args.json)
    if read.days is not None or (read.hours is not None and read.hours.stations):
        for answer, explanation in _answers(read, call):
            columns = ("station", "period", "index" if "index" in answer else "aqi")
            show_row(answer, columns, as_json=args.json, explanation=explanation)
    return 1 if read.problems else 0


def _read(args: argparse.Namespace) -> _Input:
    table = read_air(args.file)
    table.need("station", "time", *ITEMS)
    problems: list[dict[str, object]] = []
    rows: list[tuple[str, Any, Mapping[str, Decimal | None]]] = []
    for line, row in table.rows:
        found = _row(row, line, hourly=args.period == "hour", problems=problems, rules=args.rules)
        if found is not None:
            rows.append((row["station"], *found))
    if not rows:
        return _Input(None, None, problems)
    if args.period == "hour":
        return _Input(periods.gather_hours(rows), None, problems)
    return _Input(None, periods.gather_days(rows, series=ITEMS), problems)


def _row(
    row: Mapping[str, str],
    line: int,
    *,
    hourly: bool,
    problems: list[dict[str, object]],
    rules: str | None,
) -> tuple[date | datetime, Mapping[str, Decimal | None]] | None:
    """Return the instant and the values of a row; a negative value is told and missing."""
    mine: list[Problem] = []
    values = {name: number_of(row, name, line=line, problems=mine) for name in ITEMS}
    for name, value in values.items():
        if value is not None and value < 0:
            mine.append(Problem("standards.negative_value", column=name, given=value))
            values[name] = None
    at: date | datetime | None = None
    try:
        at = time_of(row["time"], line=line)
        if hourly and not isinstance(at, datetime):
            mine.append(Problem("standards.bad_time", line=line, given=row["time"]))
            at = None
    except Problem as problem:
        mine.append(problem)
    problems += [told(one, line=line, rules=rules) for one in mine]
    if at is None:
        return None
    return (at if hourly else at.date() if isinstance(at, datetime) else at), values


def _exclusions(path: str | None) -> list[periods.Exclusion]:
    if path is None:
        return []
    table: Table = read_table(path)
    table.need("start", "end")
    items = air_periods.period_rules_at(date(2026, 3, 1)).dust_items
    found = []
    for line, row in table.rows:
        start, end = (time_of(row[name], line=line) for name in ("start", "end"))
        found.append(
            periods.Exclusion(
                Period(
                    start if isinstance(start, datetime) else day_of(start).start,
                    end if isinstance(end, datetime) else day_of(end).end,
                ),
                items,
                row.get("reason") or "沙尘天气 / sand-dust",
                tuple((row.get("stations") or "").split()),
                row.get("decided_by", ""),
            )
        )
    return found


def _answers(read: _Input, call: _Call) -> Iterator[tuple[dict[str, Any], Explanation | None]]:
    first = read.hours.first_day if read.hours else read.days.first_day if read.days else date.min
    rules = call.rules(first)
    clean = None
    if read.hours is not None:
        days = periods.days_of(read.hours, rules=rules, grade=call.args.grade)
        if call.exclusions:
            mask = periods.mask_of(call.exclusions, read.hours)
            clean = periods.days_of(read.hours, rules=rules, without=mask, grade=call.args.grade)
    else:
        assert read.days is not None
        days = read.days
    blocks = [(days, clean)]
    if call.args.city:
        city = periods.city_days(days, rules=rules, name=call.args.city)
        without = periods.city_days(clean, rules=rules, name=call.args.city) if clean else None
        blocks.append((city, without))
    for block, without in blocks:
        index = scoring.daily_index(block, rules=call.index_rules())
        if call.args.to == "day":
            yield from _daily(block, index, rules, read.hours, call)
            continue
        for span in _SPANS[call.args.to](block.first_day, block.length):
            yield from _spans(block, without, index, span, call)


def _daily(
    days: periods.Days,
    index: scoring.DailyIndex,
    rules: air_periods.PeriodRules,
    hours: periods.Hours | None,
    call: _Call,
) -> Iterator[tuple[dict[str, Any], Explanation | None]]:
    units = {name: days.values[name].rounded(one.places) for name, one in rules.statistics.items()}
    for row, station in enumerate(days.stations):
        for at in range(days.length):
            day = days.first_day + timedelta(days=at)
            published = bool(index.is_published[row, at])
            value = int(index.aqi[row, at])
            answer: dict[str, Any] = {
                "station": station,
                "period": day.isoformat(),
                "rule_set": index.rule_sets[at],
            }
            for name, one in rules.statistics.items():
                answer[name] = _number(int(units[name][row, at]), one.places)
                answer[f"{name}_count"] = int(days.counts[name][row, at])
            answer |= {
                "aqi": value if published else "NA" if value >= 0 else None,
                "level": int(index.level[row, at]) or None,
                "primary": list(primary_names(int(index.primary[row, at]), index.items)),
                "marks": list(rules.marks),
                "problems": [],
            }
            yield (
                answer,
                _day_explained(days, row, at, rules, hours, call) if call.args.explain else None,
            )


def _day_explained(
    days: periods.Days,
    row: int,
    at: int,
    rules: air_periods.PeriodRules,
    hours: periods.Hours | None,
    call: _Call,
) -> Explanation:
    from qingyuan.standards.explained import explain_index

    station, day = days.stations[row], days.first_day + timedelta(days=at)
    values = {}
    for name in (*rules.statistics, "o3_1h"):
        exact = days.values[name].fraction((row, at)) if name in days.values else None
        values[name] = (
            None if exact is None else Decimal(exact.numerator) / Decimal(exact.denominator)
        )
    parts = {}
    if hours is not None and station in hours.stations:
        parts = {
            name: periods.explain_day(hours, station, day, name, rules=rules, grade=call.args.grade)
            for name in rules.statistics
        }
    index_rules = call.index_rules() or aqi.rule_set_at(day)
    return explain_index(
        values, period="day", rules=index_rules, subject=station, span=day_of(day), parts=parts
    )


def _spans(
    days: periods.Days,
    clean: periods.Days | None,
    index: scoring.DailyIndex,
    span: periods.Span,
    call: _Call,
) -> Iterator[tuple[dict[str, Any], Explanation | None]]:
    rules = call.rules(span.first)
    by = call.variant(rules)
    board = scoring.month_board(days, span, rules=rules, by=by)
    without = scoring.month_board(clean, span, rules=rules, by=by) if clean else None
    within = span.within(days.first_day, days.length)
    valid, level = index.is_valid[:, within], index.aqi[:, within]
    for row, station in enumerate(days.stations):
        total = int(valid[row].sum())
        good = int((valid[row] & (level[row] <= rules.good_aqi)).sum())
        answer: dict[str, Any] = {
            "station": station,
            "period": span.name,
            "rule_set": rules.id,
            **_figures(board, row, rules, call.args.grade),
            "valid_days": total,
            "good_days": good,
            "heavy_days": int((valid[row] & (level[row] > rules.heavy_aqi)).sum()),
            "good_percent": _share(good, total),
        }
        if without is not None:
            answer["without_dust"] = _figures(without, row, rules, call.args.grade)
        answer |= {"marks": [*rules.marks, *by.marks], "problems": []}
        yield answer, _explained(days, board, row, rules, by) if call.args.explain else None


def _figures(
    board: scoring.MonthBoard, row: int, rules: air_periods.PeriodRules, grade: int
) -> dict[str, Any]:
    found: dict[str, Any] = {}
    judged: Mapping[str, Attainment] = attainment_of(board.figures, row, rules=rules, grade=grade)
    for name, one in rules.statistics.items():
        if one.has_mean:
            found[f"{name}_mean"] = _number(
                int(board.figures.means[name].rounded(one.places)[row]), one.places
            )
        percentile = int(board.figures.percentiles[name].rounded(one.places)[row])
        found[f"{name}_p{one.percentile}"] = _number(percentile, one.places)
        found[f"{name}_days"] = int(board.figures.days[name][row])
        found[f"{name}_is_valid"] = bool(board.figures.is_valid[name][row])
        found[f"{name}_attains"] = judged[name].attains
        multiple = judged[name].multiple
        found[f"{name}_multiple"] = None if multiple is None else float(multiple)
    total = int(board.index[row])
    return {**found, "index": _number(total, 2), "index_rules": board.variant}


def _explained(
    days: periods.Days,
    board: scoring.MonthBoard,
    row: int,
    rules: air_periods.PeriodRules,
    by: scoring.Variant,
) -> Explanation:
    station, parts, values = days.stations[row], {}, {}
    for name, one in rules.statistics.items():
        kind = "mean" if one.has_mean else "percentile"
        parts[name] = periods.explain_figure(days, station, board.span, name, kind, rules=rules)
        text = parts[name].value
        values[name] = None if text is None else Decimal(text)
    span = Period(day_of(board.span.first).start, day_of(board.span.end).start)
    found = scoring.explain_composite(values, by=by, subject=station, span=span, parts=parts)
    return replace(found, marks=[*rules.marks, *found.marks])


def _number(units: int, places: int) -> float | int | None:
    return None if units < 0 else units if not places else float(Decimal(units).scaleb(-places))


def _share(part: int, whole: int) -> float | None:
    """Return per cent to one place, half to even."""
    if not whole:
        return None
    return float(Decimal(int(periods.round_half_even(np.int64(part * 1000), whole))).scaleb(-1))
