"""``qingyuan air``: air quality indices, composite indices and ranks from a table (空气评价).

A thin verb over `qingyuan.standards.aqi` and `qingyuan.scoring`: a CSV in, one row or one JSON line
out per row.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any, TypeVar

from qingyuan import scoring
from qingyuan.cli import air_period
from qingyuan.cli.air_rows import ITEMS, read_air
from qingyuan.cli.progress import Progress
from qingyuan.cli.tables import Table, number_of, show_row, time_of, told
from qingyuan.core.explanation import Explanation
from qingyuan.core.periods import Period, day_of
from qingyuan.core.problems import Problem
from qingyuan.standards import aqi
from qingyuan.standards.explained import explain_index

__all__ = ["add_arguments"]

_STAND_INS = ("so2_24h", "o3_1h")  # read by HJ 633-2012 only
_KEYS = ("station", "place", "city", "district", "time", "period")
_OTHER_NAMES = {"co": "co_p95", "o3": "o3_p90"}
_MONTH = re.compile(r"(\d{4})-(\d{2})(?:-(\d{2}))?")
_HOUR = timedelta(hours=1)
_T = TypeVar("_T")


def add_arguments(subparsers: Any) -> None:
    """Register the ``air`` verbs; each sets ``run(args) -> int``."""
    room = subparsers.add_parser("air", help="空气质量评价 / air quality indices")
    verbs = room.add_subparsers(dest="air_verb", required=True)
    one = _verb(
        verbs,
        "aqi",
        _aqi,
        "空气质量指数与首要污染物 / AQI and primary pollutants",
        "CSV: station,time,so2,no2,pm10,pm25,co,o3；CO 为 mg/m³，其余 μg/m³，未修约；空为缺测，/ 为不在监测计划。"
        "小时以结束时刻标注。2012 规则另读 o3_1h（日）、so2_24h（时）。/ CO in mg/m³, the rest μg/m³, unrounded; "
        "empty is missing, / not planned; an hour is labelled by its end. o3_1h (day), so2_24h (hour): 2012 only.",
        "HJ633-2012 | HJ633-2026",
    )
    one.add_argument("--period", choices=aqi.PERIODS, required=True, help="时或日 / hour or day")
    for name, run, title in (
        ("index", _index, "综合指数 / composite index"),
        ("rank", _rank, "排名，由好到差，并列同名次 / rank, best first, ties share"),
    ):
        verb = _verb(
            verbs,
            name,
            run,
            title,
            "CSV: place|district,period,so2,no2,pm10,pm25,co|co_p95,o3|o3_p90；rank 亦可只给 index 列，"
            "有 last 列时另排变化率。/ rank also takes an index column, and ranks the change from a last column.",
            "GB3095-2012 | GB3095-2026-transition | GB3095-2026-final",
        )
        verb.add_argument("--weights", default="equal", help="equal | weighted")
    period = _verb(verbs, "period", air_period.run, air_period.TITLE, air_period.DESCRIBED,
                   "HJ663-2013 | HJ663-2026")  # fmt: skip
    air_period.add_options(period)


def _verb(
    verbs: Any, name: str, run: Callable[..., int], title: str, described: str, rules: str
) -> argparse.ArgumentParser:
    verb: argparse.ArgumentParser = verbs.add_parser(name, help=title, description=described)
    verb.add_argument("file", metavar="IN.csv", help="可为 .gz；- 为标准输入 / - is standard input")
    verb.add_argument(
        "--rules", metavar="ID", help=f"{rules}；不给则按日期 / by each row's date when not given"
    )
    verb.add_argument("--json", action="store_true", help="每行一个 JSON / JSON Lines")
    verb.add_argument(
        "--explain", action="store_true", help="附规则、条款与输入 / with its reasons"
    )
    verb.set_defaults(run=run)
    return verb


def _aqi(args: argparse.Namespace) -> int:
    rules = _known(lambda: aqi.rule_set(args.rules)) if args.rules else None
    table = read_air(args.file)
    table.need("station", "time", *ITEMS)
    faulty = 0
    with Progress("行 / rows") as progress:
        for line, row in table.rows:
            answer, explanation = _aqi_of(row, line, rules, args)
            faulty += bool(answer["problems"])
            columns = ("station", "time", "aqi", "level", "primary")
            show_row(answer, columns, as_json=args.json, explanation=explanation)
            progress.step()
    return 1 if faulty else 0


def _known(find: Callable[[], _T]) -> _T:
    """Return what *find* finds; a name that is not held is a wrong call, no fault of the data."""
    try:
        return find()
    except Problem as problem:
        if "known" not in problem.values:
            raise
        raise Problem("cli.unknown_rules", **problem.values) from None


def _aqi_of(
    row: Mapping[str, str], line: int, rules: aqi.RuleSet | None, args: argparse.Namespace
) -> tuple[dict[str, Any], Explanation | None]:
    period: str = args.period
    problems: list[Problem] = []
    try:
        at, hour_end = _when(row["time"], line, period)
    except Problem as problem:
        at, hour_end = None, None
        problems.append(problem if rules is None else Problem("cli.unread_time", **problem.values))
    answer: dict[str, Any] = {"station": row["station"], "time": row["time"], "period": period}
    if period == "hour":
        answer["hour_start"] = (hour_end - _HOUR).isoformat() if hour_end else None
        answer["hour_end"] = hour_end.isoformat() if hour_end else None
    if rules is None and at is not None:
        try:
            rules = aqi.rule_set_at(at)
        except Problem as problem:
            problems.append(problem)
    found, values = _evaluate(row, line, rules, period, problems) if rules else (None, {})
    explanation = None
    if args.explain and found is not None and rules is not None:
        span = Period(hour_end - _HOUR, hour_end) if hour_end else day_of(at) if at else None
        explanation = explain_index(
            values, period=period, rules=rules, not_planned=found.not_planned,
            subject=row["station"], span=span,
        )  # fmt: skip
    named = rules.id if rules else None
    told_ = [told(one, line=line, rules=named) for one in problems]
    return {**answer, **_aqi_cells(found, rules), "problems": told_}, explanation


def _when(text: str, line: int, period: str) -> tuple[date, datetime | None]:
    """Return the date whose rules apply and the end of the hour; 0 时 belongs to the day before."""
    at = time_of(text, line=line)
    if not isinstance(at, datetime):
        return at, None
    return ((at - _HOUR).date(), at) if period == "hour" else (at.date(), None)


def _evaluate(
    row: Mapping[str, str], line: int, rules: aqi.RuleSet, period: str, problems: list[Problem]
) -> tuple[aqi.AirQuality, Mapping[str, Decimal | None]]:
    """Evaluate what can be; a negative value is told and counts as missing."""
    not_planned = [name for name in ITEMS if row[name] == "/"]
    values = {
        name: number_of(row, name, line=line, problems=problems)
        for name in (*ITEMS, *_STAND_INS)
        if name not in not_planned
    }
    while True:
        try:
            found = aqi.evaluate(values, period=period, rules=rules, not_planned=not_planned)
            return found, values
        except Problem as problem:
            problems.append(problem)
            values[str(problem.values["column"])] = None


def _aqi_cells(found: aqi.AirQuality | None, rules: aqi.RuleSet | None) -> dict[str, Any]:
    cells: dict[str, Any] = {"rule_set": rules.id if rules else None}
    shown = found.sub_indices if found else {}
    cells |= {f"iaqi_{name}": shown.get(name) for name in (*ITEMS, *shown)}
    withheld = "NA" if found is not None and rules is not None and rules.publish_above else None
    if found is None or not found.is_published:
        cells |= {"aqi": withheld, "level": withheld, "primary": withheld or ""}
    else:
        cells |= {
            "aqi": found.aqi,
            "level": _level(found, "number"),
            "primary": found.primary_shown,
        }
    return cells | {
        "level_name": _level(found, "name"),
        "category": _level(found, "category"),
        "colour": _level(found, "rgb"),
        "aqi_computed": found.aqi if found else None,
        "primary_items": list(found.primary) if found else [],
        "over": list(found.over) if found else [],
        "missing": list(found.missing) if found else [],
        "not_planned": list(found.not_planned) if found else [],
        "beyond": list(found.beyond) if found else [],
        "marks": list(found.marks) if found else [],
    }


def _level(found: aqi.AirQuality | None, what: str) -> Any:
    return getattr(found.level, what) if found and found.level else None


def _index(args: argparse.Namespace) -> int:
    table = read_air(args.file)
    _need_figures(table)
    faulty = 0
    with Progress("行 / rows") as progress:
        for line, row in table.rows:
            problems: list[Problem] = []
            found, explanation = _composite(row, line, args, problems)
            faulty += bool(problems)
            answer = _keys(row) | _index_cells(found)
            answer["problems"] = [
                told(one, line=line, rules=found.variant if found else None) for one in problems
            ]
            columns = (*_keys(row), "index")
            show_row(answer, columns, as_json=args.json, explanation=explanation)
            progress.step()
    return 1 if faulty else 0


def _need_figures(table: Table) -> None:
    for name in ITEMS:
        other = _OTHER_NAMES.get(name, name)
        table.need(other if other in table.columns else name)


def _composite(
    row: Mapping[str, str], line: int, args: argparse.Namespace, problems: list[Problem]
) -> tuple[scoring.CompositeIndex | None, Explanation | None]:
    """Compute the index of a row; a negative figure is told and counts as missing."""
    variant = _variant(row, line, args, problems)
    values = {
        name: number_of(row, _column(row, name), line=line, problems=problems) for name in ITEMS
    }
    while variant is not None:
        try:
            found = scoring.composite(values, by=variant)
        except Problem as problem:
            problems.append(problem)
            values[str(problem.values["column"])] = None
        else:
            if not args.explain:
                return found, None
            subject = " ".join(_keys(row).values())
            return found, scoring.explain_composite(values, by=variant, subject=subject)
    return None, None


def _column(row: Mapping[str, str], name: str) -> str:
    other = _OTHER_NAMES.get(name, name)
    return other if other in row else name


def _variant(
    row: Mapping[str, str], line: int, args: argparse.Namespace, problems: list[Problem]
) -> scoring.Variant | None:
    if args.rules:
        return _known(lambda: scoring.variant(args.rules, weights=args.weights))
    try:
        at = _month(row.get("period") or row.get("time") or "", line)
        return _known(lambda: scoring.variant_at(at, weights=args.weights))
    except Problem as problem:
        if problem.code.startswith("cli."):
            raise
        problems.append(problem)
        return None


def _month(text: str, line: int) -> date:
    """Return the first day of the period that *text* begins with (2026-03, 2026-03-15)."""
    found = _MONTH.match(text)
    try:
        if found:
            return date(int(found[1]), int(found[2]), int(found[3] or 1))
    except ValueError:
        pass
    raise Problem("standards.bad_time", line=line, given=text)


def _index_cells(found: scoring.CompositeIndex | None) -> dict[str, Any]:
    return {
        "rule_set": found.variant if found else None,
        "index": _float(found.total) if found else None,
        **{f"single_{name}": _float(found.singles[name]) if found else None for name in ITEMS},
        "largest": list(found.largest) if found else [],
        "missing": list(found.missing) if found else [],
        "marks": list(found.marks) if found else [],
    }


def _rank(args: argparse.Namespace) -> int:
    table = read_air(args.file)
    if "index" not in table.columns:
        _need_figures(table)
    places = [_place(row, line, args) for line, row in table.rows]
    groups: dict[str, list[_Place]] = {}
    for place in places:
        groups.setdefault(place.period, []).append(place)
    ranks: dict[int, dict[str, Any]] = {}
    for group in groups.values():
        ranks |= _ranks(group, has_last="last" in table.columns)
    for place in places:
        answer = {**place.cells, **ranks[place.line]}
        answer["problems"] = [
            told(one, line=place.line, rules=args.rules) for one in place.problems
        ]
        columns = (*place.keys, "index", "rank")
        show_row(answer, columns, as_json=args.json, explanation=place.explanation)
    return 1 if any(place.problems for place in places) else 0


@dataclass(frozen=True, slots=True)
class _Place:
    """One row to be ranked among those of its period."""

    line: int
    period: str
    keys: tuple[str, ...]
    this: Decimal | None
    last: Decimal | None
    cells: Mapping[str, Any]
    problems: Sequence[Problem]
    explanation: Explanation | None


def _place(row: Mapping[str, str], line: int, args: argparse.Namespace) -> _Place:
    problems: list[Problem] = []
    keys = _keys(row)
    explanation = None
    if "index" in row:
        this = number_of(row, "index", line=line, problems=problems)
        cells: dict[str, Any] = keys | {"index": _float(this)}
    else:
        found, explanation = _composite(row, line, args, problems)
        this = found.total if found else None
        cells = keys | _index_cells(found)
    return _Place(
        line=line,
        period=row.get("period") or row.get("time") or "",
        keys=tuple(keys),
        this=this,
        last=number_of(row, "last", line=line, problems=problems),
        cells=cells,
        problems=problems,
        explanation=explanation,
    )


def _ranks(group: Sequence[_Place], *, has_last: bool) -> dict[int, dict[str, Any]]:
    """Return the cells of the ranks of one period by line; the change only when it was asked."""
    changes = [scoring.rate_of_change(place.this, place.last) for place in group]
    columns: dict[str, Sequence[Any]] = {"rank": scoring.rank([place.this for place in group])}
    if has_last:
        columns["change_percent"] = [_percent(change) for change in changes]
        columns["rank_of_change"] = scoring.rank(changes)
    return {
        place.line: {name: cells[i] for name, cells in columns.items()}
        for i, place in enumerate(group)
    }


def _keys(row: Mapping[str, str]) -> dict[str, str]:
    return {name: row[name] for name in _KEYS if name in row}


def _float(value: Decimal | None) -> float | None:
    return None if value is None else float(value)


def _percent(change: Fraction | None) -> float | None:
    """Return the change in per cent to one place, half to even on the exact quotient."""
    return None if change is None else float(round(change * 100, 1))
