"""``qingyuan water month|rank|tli``: sections over months, cities in order, lakes (时段评价)."""

from __future__ import annotations

import argparse
from collections import defaultdict
from collections.abc import Callable, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any

from qingyuan import scoring
from qingyuan.cli.progress import Progress
from qingyuan.cli.tables import show_row, told
from qingyuan.cli.water_rows import WaterRow, read_water
from qingyuan.core.explanation import Explanation, Input, Said
from qingyuan.core.periods import Period, day_of
from qingyuan.core.problems import Problem
from qingyuan.core.quantities import plain, round_gbt8170
from qingyuan.readings.periods import Sampling, SectionMeans, section_means
from qingyuan.standards import trophic, water
from qingyuan.standards.documents import document_at
from qingyuan.standards.explained import explain_class

__all__ = ["add_arguments", "add_common"]

_SHOWN = 6  # places of means in the answer; classes come from the exact ones


def add_common(verb: argparse.ArgumentParser) -> None:
    """Add what every verb takes."""
    verb.add_argument("file", metavar="IN.csv", help="可为 .gz；- 为标准输入 / - is standard input")
    verb.add_argument("--json", action="store_true", help="每行一个 JSON / JSON Lines")
    verb.add_argument(
        "--explain", action="store_true", help="附规则、条款与输入 / with its reasons"
    )


def add_arguments(verbs: Any, class_options: Callable[[argparse.ArgumentParser], None]) -> None:
    """Register the verbs of periods."""
    month = verbs.add_parser(
        "month",
        help="断面月、季、年评价 / sections by month, quarter or year",
        description="CSV 同 class，每行一次监测；类别由未修约的均值判定。/ rows as for class, one a sampling.",
    )
    add_common(month)
    class_options(month)
    month.add_argument("--to", choices=("month", "season", "year"), default="month")
    month.set_defaults(run=_month, scope="section")
    rank = verbs.add_parser(
        "rank",
        help="城市水质指数与排名 / city water index and rank",
        description="CSV: city,section,time,type,项目…；先断面均值，再城市。/ means of sections, then of cities.",
    )
    add_common(rank)
    rank.add_argument("--to", choices=("month", "season", "year"), default="month")
    rank.add_argument("--scope", choices=("online", "section"), default="section")
    rank.add_argument("--against", metavar="PERIOD", help="比较基期，如 2023-06 / base period")
    rank.set_defaults(run=_rank)
    tli = verbs.add_parser(
        "tli",
        help="湖库营养状态 / trophic state of lakes",
        description="CSV: section,time,chla(mg/m³),TP,TN,CODMn(mg/L),SD(m)。",
    )
    add_common(tli)
    tli.set_defaults(run=_tli)


def _month(args: argparse.Namespace) -> int:
    rows = list(read_water(args.file, need=("section", "time")))
    faulty = _tell(rows, as_json=args.json)
    about = {row.cells["section"]: row for row in reversed(rows)}
    for found in section_means(_samplings(rows), kind=args.to):
        row = about[found.section]
        how: dict[str, Any] = {
            "at": found.span.first,
            "water_type": row.water_type,
            "target": row.cells.get("target") or args.target,
            "scope": args.scope,
            "do_saturation": args.do_saturation,
        }
        answer: dict[str, Any] = {
            "section": found.section,
            "period": found.span.name,
            "type": row.water_type,
            "is_valid": found.is_valid,
            "samplings": max(found.samplings.values(), default=0),
            "means": {name: _shown(value) for name, value in found.values.items()},
        }
        explanation, problems = None, []
        try:
            answer |= _class_cells(water.evaluate(found.values, **how), found)
            explanation = _explained(found, rows, how) if args.explain else None
        except Problem as problem:
            problems.append(told(problem, line=row.line))
            answer |= _class_cells(None, found)
        answer["problems"] = problems
        faulty |= bool(problems)
        columns = ("section", "period", "class", "main_pollutants", "samplings")
        show_row(answer, columns, as_json=args.json, explanation=explanation)
    return 1 if faulty else 0


def _class_cells(judged: water.SectionClass | None, found: SectionMeans) -> dict[str, Any]:
    from qingyuan.cli.water import class_cells  # it imports this module

    rules = document_at("water-evaluation", found.span.first).more["means"]
    cells = class_cells(judged, found.span.first)
    return {**cells, "marks": [*cells["marks"], rules["mark"]]}


def _explained(found: SectionMeans, rows: Sequence[WaterRow], how: dict[str, Any]) -> Explanation:
    """Explain the class of a span down to its samplings."""
    rules = document_at("water-evaluation", found.span.first)
    span = Period(day_of(found.span.first).start, day_of(found.span.end).start)
    parts = []
    for name, exact in found.exact.items():
        held = [
            Input(
                f"{row.day}{' (½DL)' if name in row.below else ''}",
                None if row.values.get(name) is None else plain(row.values[name] or Decimal(0)),
                reason=Said("缺测", "missing") if row.values.get(name) is None else None,
                ref=f"row {row.line}",
            )
            for row in rows
            if row.cells["section"] == found.section
            and row.day is not None
            and found.span.first <= row.day < found.span.end
        ]
        parts.append(
            Explanation(
                what=Said(f"{name}均值", f"mean of {name}"),
                value=_text(exact),
                rule_set=rules.document,
                document=rules.document,
                clause=rules.more["means"]["clause"],
                steps=[Said(f"{found.samplings[name]} 次监测的算术平均，不修约", f"mean of {found.samplings[name]} samplings, unrounded")],
                inputs=held,
            )
        )  # fmt: skip
    return explain_class(found.values, **how, subject=found.section, span=span, parts=parts)


def _rank(args: argparse.Namespace) -> int:
    rows = list(read_water(args.file, need=("city", "section", "time")))
    faulty = _tell(rows, as_json=args.json)
    kind = {(row.cells["city"], row.cells["section"]): row.water_type for row in rows}
    names = {f"{city}\t{section}": (city, section) for city, section in kind}
    samplings = [
        Sampling(f"{row.cells['city']}\t{row.cells['section']}", row.day, row.values, row.below)
        for row in rows
        if row.day is not None
    ]
    held: dict[tuple[str, str], list[scoring.Section]] = defaultdict(list)
    begins = {}
    for found in section_means(samplings, kind=args.to):
        city, section = names[found.section]
        begins[found.span.name] = found.span.first
        one = scoring.Section(found.values, kind[city, section])
        held[found.span.name, city].append(one)
    totals: dict[tuple[str, str], scoring.CityWaterIndex] = {}
    for key in sorted(held):
        try:
            totals[key] = scoring.city_water_index(held[key], at=begins[key[0]], scope=args.scope)
        except Problem as problem:
            line = next(row.line for row in rows if row.cells["city"] == key[1])
            told_ = [told(problem, line=line)]
            show_row({"city": key[1], "period": key[0], "problems": told_}, ("city", "period"), as_json=args.json)  # fmt: skip
            faulty = True
    for period in sorted(begins):
        cities = [city for name, city in totals if name == period]
        _show_cities(period, cities, totals, args)
    return 1 if faulty else 0


def _show_cities(
    period: str,
    cities: Sequence[str],
    totals: dict[tuple[str, str], scoring.CityWaterIndex],
    args: argparse.Namespace,
) -> None:
    found = [totals[period, city] for city in cities]
    ranks = scoring.rank([one.total for one in found])
    bases = [totals.get((args.against, city)) for city in cities]
    changes = [
        scoring.rate_of_change(one.total, base.total if base else None)
        for one, base in zip(found, bases, strict=True)
    ]
    ranks_of_change = scoring.rank(changes)
    for i, (city, one) in enumerate(zip(cities, found, strict=True)):
        answer: dict[str, Any] = {
            "city": city,
            "period": period,
            "cwqi": None if one.total is None else str(one.total),
            "rank": ranks[i],
            "river": _text(one.river),
            "lake": _text(one.lake),
            "sections": one.sections,
            "points": one.points,
            "missing": list(one.missing),
            "rule_set": one.rule_set,
            "marks": list(one.marks),
            "problems": [],
        }
        if args.against:
            change = changes[i]
            answer["change_percent"] = None if change is None else float(round(change * 100, 2))
            answer["rank_of_change"] = ranks_of_change[i]
        explanation = _index_explained(city, period, one) if args.explain else None
        show_row(answer, ("city", "period", "cwqi", "rank"), as_json=args.json, explanation=explanation)  # fmt: skip


def _index_explained(city: str, period: str, one: scoring.CityWaterIndex) -> Explanation:
    steps = []
    for kind, items in one.items.items():
        listed = " + ".join(f"{name} {_text(value)}" for name, value in items.items())
        total = _text(sum(items.values(), Fraction(0)))
        steps.append(Said(f"{kind}: {listed} = {total}", f"{kind}: {listed} = {total}"))
    steps.append(
        Said(
            f"按河流断面 {one.sections} 个、湖库点位 {one.points} 个加权",
            f"weighted by {one.sections} river sections and {one.points} lake points",
        )
    )
    return Explanation(
        what=Said("城市水质指数", "city water index"),
        value=None if one.total is None else str(one.total),
        subject=f"{city} {period}",
        rule_set=one.rule_set,
        document=one.rule_set.partition("/")[0],
        clause="附录",
        steps=steps,
        inputs=[
            Input(name, None, reason=Said("无数据，未计入", "no data, adds nothing"))
            for name in one.missing
        ],
        marks=one.marks,
    )


def _tli(args: argparse.Namespace) -> int:
    faulty = False
    with Progress("行 / rows") as progress:
        for row in read_water(args.file, need=("section", "time")):
            problems = list(row.problems)
            found = None
            if row.day is not None:
                try:
                    found = trophic.trophic_state(row.values, at=row.day)
                except Problem as problem:
                    problems.append(problem)
            faulty |= bool(problems)
            rules = found.rule_set if found else None
            answer = {
                "section": row.cells["section"],
                "time": row.cells["time"],
                "tli": None if not found or found.index is None else str(found.index),
                "state": found.state if found else None,
                "items": {n: str(round(v, 2)) for n, v in found.per_item.items()} if found else {},
                "missing": list(found.missing) if found else [],
                "rule_set": rules,
                "marks": list(found.marks) if found else [],
                "problems": [told(one, line=row.line, rules=rules) for one in problems],
            }
            explanation = _tli_explained(row, found) if args.explain and found else None
            show_row(answer, ("section", "time", "tli", "state"), as_json=args.json, explanation=explanation)  # fmt: skip
            progress.step()
    return 1 if faulty else 0


def _tli_explained(row: WaterRow, found: trophic.TrophicState) -> Explanation:
    table = document_at("trophic-state", row.day).more["items"] if row.day else {}
    steps = []
    for name, value in found.per_item.items():
        unit, a, b, sign, r = table[name]
        given = row.values.get(name)
        line = f"TLI({name}) = 10×({a} {sign} {b}·ln {given}) = {value:.2f} ({unit}; r={r})"
        steps.append(Said(line, line))
    return Explanation(
        what=Said("综合营养状态指数 TLI(Σ)", "trophic level index TLI(Σ)"),
        value=None if found.index is None else str(found.index),
        subject=row.cells["section"],
        rule_set=found.rule_set,
        document=found.rule_set,
        clause="TLI(Σ)",
        steps=steps,
        inputs=[Input(name, None, reason=Said("缺测", "missing")) for name in found.missing],
        marks=found.marks,
    )


def _samplings(rows: Sequence[WaterRow]) -> list[Sampling]:
    return [
        Sampling(row.cells["section"], row.day, row.values, row.below)
        for row in rows
        if row.day is not None
    ]


def _tell(rows: Sequence[WaterRow], *, as_json: bool) -> bool:
    """Tell the rows with problems; the rest of them is used all the same."""
    faulty = False
    for row in rows:
        if row.problems:
            faulty = True
            problems = [told(one, line=row.line) for one in row.problems]
            answer = {"row": row.line, "section": row.cells["section"], "problems": problems}
            show_row(answer, (), as_json=as_json)
    return faulty


def _shown(value: Decimal) -> str:
    return plain(round_gbt8170(value, _SHOWN))


def _text(value: Fraction | None) -> str | None:
    return None if value is None else _shown(Decimal(value.numerator) / Decimal(value.denominator))
