"""``qingyuan water``: classes of sections, months, cities and lakes from a table (地表水评价).

A thin verb over `qingyuan.standards.water`: a CSV in, one row or one JSON line out per row. Months,
city ranks and trophic states are in `qingyuan.cli.water_periods`.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from datetime import date
from typing import Any

from qingyuan.cli import water_periods
from qingyuan.cli.progress import Progress
from qingyuan.cli.tables import show_row, told
from qingyuan.cli.water_rows import WaterRow, read_water
from qingyuan.core.explanation import Explanation
from qingyuan.core.problems import Problem
from qingyuan.core.quantities import plain, round_gbt8170
from qingyuan.standards import water
from qingyuan.standards.classes import class_name
from qingyuan.standards.explained import explain_class

__all__ = ["add_arguments"]

_PLACES = 4  # of the multiples shown; they are compared unrounded


def add_arguments(subparsers: Any) -> None:
    """Register the ``water`` verbs; each sets ``run(args) -> int``."""
    room = subparsers.add_parser("water", help="地表水评价 / classes of surface water")
    verbs = room.add_subparsers(dest="water_verb", required=True)
    verb = verbs.add_parser(
        "class",
        help="断面水质类别 / class of each section",
        description=(
            "CSV: section,time,type(river|lake),[target],项目… 项目列可用 HJ 212 编码、中文名或符号，"
            "值未修约、mg/L；0.01L 或 <0.01 为未检出，按检出限一半。/ item columns by HJ 212 code, Chinese "
            "name or symbol; unrounded, mg/L; 0.01L or <0.01 is undetected, taken at half the limit."
        ),
    )
    water_periods.add_common(verb)
    add_class_options(verb)
    verb.set_defaults(run=_class_of_rows)
    water_periods.add_arguments(verbs, add_class_options)


def add_class_options(verb: argparse.ArgumentParser) -> None:
    """Add the options of every verb that classes sections."""
    verb.add_argument("--target", default="Ⅲ", type=_class, help="目标类别 / target class")
    verb.add_argument(
        "--scope",
        choices=("online", "section"),
        default="online",
        help="online：国家平台五项；section：21 项 / five online items or the 21 of the method",
    )
    verb.add_argument(
        "--do-saturation", action="store_true", help="溶解氧按饱和率 90 %% 亦判Ⅰ类 / allow 90 %%"
    )


def _class(text: str) -> str:
    try:
        return class_name(text)
    except Problem as problem:
        raise argparse.ArgumentTypeError(str(problem)) from None


@dataclass(frozen=True, slots=True)
class _Answer:
    """One row of the input with its class, or with what is wrong with it."""

    row: WaterRow
    found: water.SectionClass | None
    explanation: Explanation | None
    problems: tuple[Problem, ...]


def _class_of_rows(args: argparse.Namespace) -> int:
    faulty = 0
    with Progress("断面 / sections") as progress:
        for row in read_water(args.file, need=("section", "time")):
            answer = _answer(row, args)
            faulty += bool(answer.problems)
            _show(answer, as_json=args.json)
            progress.step()
    return 1 if faulty else 0


def _answer(row: WaterRow, args: argparse.Namespace) -> _Answer:
    problems = list(row.problems)
    if row.day is None:
        return _Answer(row, None, None, tuple(problems))
    how: dict[str, Any] = {
        "at": row.day,
        "water_type": row.water_type,
        "target": row.cells.get("target") or args.target,
        "scope": args.scope,
        "do_saturation": args.do_saturation,
    }
    found = explanation = None
    try:
        found = water.evaluate(row.values, **how)
        if args.explain:
            explanation = explain_class(row.values, **how, subject=row.cells.get("section", ""))
    except Problem as problem:
        problems.append(problem)
    return _Answer(row, found, explanation, tuple(problems))


def _show(answer: _Answer, *, as_json: bool) -> None:
    found, cells = answer.found, answer.row.cells
    told_ = [
        told(one, line=answer.row.line, rules=found.rule_set if found else None)
        for one in answer.problems
    ]
    if as_json:
        shown = {**_as_json(answer), "problems": told_}
        show_row(shown, (), as_json=True, explanation=answer.explanation)
        return
    over = " ".join(one.item for one in found.over) if found else ""
    shown = {
        "section": cells["section"],
        "time": cells["time"],
        "class": found.cls if found else None,
        "over": over,
        "main": found.main_pollutants if found else "",
        "problems": told_,
    }
    columns = ("section", "time", "class", "over", "main")
    show_row(shown, columns, as_json=False, explanation=answer.explanation)


def _as_json(answer: _Answer) -> dict[str, Any]:
    row = answer.row
    return {
        "section": row.cells["section"],
        "time": row.cells["time"],
        "type": row.water_type,
        "undetected": sorted(row.below),
        **class_cells(answer.found, row.day),
    }


def class_cells(found: water.SectionClass | None, at: date | None) -> dict[str, Any]:
    """Return what is told of a class, with its grade and the marks of the rule set."""
    grade = water.grade_of(found.cls, at=at) if found and found.cls and at else None
    return {
        "class": found.cls if found else None,
        "grade": grade.name if grade else None,
        "target": found.target if found else None,
        "meets_target": found.meets_target if found else None,
        "items": dict(found.per_item) if found else {},
        "items_over": [_over_as_json(one) for one in found.over] if found else [],
        "main_pollutants": found.main_pollutants if found else "",
        "multiples": {one.item: _multiple(one) for one in found.over} if found else {},
        "rule_set": found.rule_set if found else None,
        "marks": list(found.marks) if found else [],
    }


def _over_as_json(one: water.Over) -> dict[str, Any]:
    return {
        "item": one.item,
        "factor": one.factor,
        "value": plain(one.value),
        "limit": one.limit.text,
        "class": one.cls,
        "multiple": _multiple(one),
        "document": one.limit.document,
        "clause": one.limit.clause,
    }


def _multiple(one: water.Over) -> float | None:
    return None if one.multiple is None else float(round_gbt8170(one.multiple, _PLACES))
