"""``qingyuan water``: classes of sections from a table of values (地表水评价).

A thin verb over `qingyuan.standards.water`: a CSV in, one row or one JSON line out per row.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import io
import json
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from qingyuan.cli.progress import Progress
from qingyuan.core.periods import CITY_TZ
from qingyuan.core.problems import Problem
from qingyuan.core.quantities import plain, round_gbt8170
from qingyuan.readings.numbers import number
from qingyuan.standards import water
from qingyuan.standards.classes import class_name
from qingyuan.standards.items import find_item

__all__ = ["add_arguments"]

_MISSING = ("", "-", "--", "*", "—")
_NEEDED = ("section", "time")
_KNOWN = (*_NEEDED, "type", "target")
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
            "值未修约、mg/L。/ item columns by HJ 212 code, Chinese name or symbol; unrounded, mg/L."
        ),
    )
    verb.add_argument("file", metavar="IN.csv", help="可为 .gz；- 为标准输入 / - is standard input")
    verb.add_argument("--json", action="store_true", help="每行一个 JSON / JSON Lines")
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
    verb.set_defaults(run=_class_of_rows)


def _class(text: str) -> str:
    try:
        return class_name(text)
    except Problem as problem:
        raise argparse.ArgumentTypeError(str(problem)) from None


@dataclass(frozen=True, slots=True)
class _Answer:
    """One row of the input with its class, or with what is wrong with it."""

    line: int
    row: Mapping[str, str]
    found: water.SectionClass | None
    problems: tuple[Problem, ...]


def _class_of_rows(args: argparse.Namespace) -> int:
    faulty = 0
    with Progress("断面 / sections") as progress:
        for answer in _answers(_text_of(args.file), args):
            faulty += bool(answer.problems)
            _show(answer, as_json=args.json)
            progress.step()
    return 1 if faulty else 0


def _answers(text: str, args: argparse.Namespace) -> Iterator[_Answer]:
    lines = csv.DictReader(io.StringIO(text))
    columns = list(lines.fieldnames or ())
    for name in _NEEDED:
        if name not in columns:
            raise Problem("standards.missing_column", column=name, known="、".join(columns))
    items = [name for name in columns if name not in _KNOWN and find_item(name) is not None]
    unread = [name for name in columns if name not in _KNOWN and name not in items]
    if unread:
        print(f"未识别、未使用的列 / columns not used: {'、'.join(unread)}", file=sys.stderr)
    for row in lines:
        problems: list[Problem] = []
        values = dict(_values(row, items, lines.line_num, problems))
        found = None
        try:
            found = water.evaluate(
                values,
                at=_date(row["time"] or "", lines.line_num),
                water_type=(row.get("type") or "river").strip(),
                target=row.get("target") or args.target,
                scope=args.scope,
                do_saturation=args.do_saturation,
            )
        except Problem as problem:
            problems.append(problem)
        yield _Answer(lines.line_num, row, found, tuple(problems))


def _values(
    row: Mapping[str, str], items: list[str], line: int, problems: list[Problem]
) -> Iterator[tuple[str, Decimal | None]]:
    """Yield the value of each item; what is neither missing nor a number is a problem."""
    for name in items:
        text = (row[name] or "").strip()
        value = None if text in _MISSING else number(text)
        if value is None and text not in _MISSING:
            problems.append(Problem("standards.bad_value", line=line, column=name, given=text))
        yield name, value


def _date(text: str, line: int) -> date:
    """Return the Beijing date of a sample; an instant with a zone is taken there first."""
    try:
        at = datetime.fromisoformat(text.strip())
    except ValueError:
        raise Problem("standards.bad_time", line=line, given=text) from None
    return (at.astimezone(CITY_TZ) if at.tzinfo else at).date()


def _text_of(path: str) -> str:
    """Read a file or standard input, packed or not, in UTF-8 or as a Chinese Excel writes it."""
    try:
        content = sys.stdin.buffer.read() if path == "-" else Path(path).read_bytes()
    except OSError:
        raise Problem("cli.no_such_file", path=path) from None
    if content[:2] == b"\x1f\x8b":
        content = gzip.decompress(content)
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("gb18030", errors="replace")


def _show(answer: _Answer, *, as_json: bool) -> None:
    if as_json:
        print(json.dumps(_as_json(answer), ensure_ascii=False))
        return
    found = answer.found
    over = " ".join(one.item for one in found.over) if found else ""
    cells = (
        answer.row["section"] or "",
        answer.row["time"] or "",
        (found.cls if found else None) or "—",
        over,
        found.main_pollutants if found else "",
    )
    print("\t".join(cells))
    for problem in answer.problems:
        print(f"  {problem.zh}\n  {problem.en}", file=sys.stderr)


def _as_json(answer: _Answer) -> dict[str, Any]:
    found = answer.found
    return {
        "section": answer.row["section"],
        "time": answer.row["time"],
        "type": answer.row.get("type") or "river",
        "class": found.cls if found else None,
        "target": found.target if found else None,
        "items": dict(found.per_item) if found else {},
        "items_over": [_over_as_json(one) for one in found.over] if found else [],
        "main_pollutants": found.main_pollutants if found else "",
        "multiples": {one.item: _multiple(one) for one in found.over} if found else {},
        "rule_set": found.rule_set if found else None,
        "problems": [problem.as_dict() for problem in answer.problems],
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
