"""Tables (表格): a CSV as people really send it, from a file or standard input."""

from __future__ import annotations

import csv
import gzip
import io
import json
import re
import sys
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from qingyuan.core.explanation import Explanation
from qingyuan.core.periods import CITY_TZ
from qingyuan.core.problems import Problem
from qingyuan.readings.numbers import number

__all__ = ["MISSING_WORDS", "Table", "number_of", "read_table", "show_row", "time_of", "told"]

MISSING_WORDS = ("", "-", "--", "*", "—", "NA")
_MIDNIGHT = re.compile(r"[T ]24:00(:00)?$")


@dataclass(frozen=True, slots=True)
class Table:
    """Named columns, and rows with the line each ends on."""

    columns: Sequence[str]
    rows: Sequence[tuple[int, Mapping[str, str]]]
    titles: Mapping[str, str]

    def called(self, names: Mapping[str, str]) -> Table:
        """Return the table with columns renamed; a name that is there already is left alone."""
        rename: dict[str, str] = {}
        for old, new in names.items():
            if old in self.columns and new not in (*self.columns, *rename.values()):
                rename[old] = new

        def name(old: str) -> str:
            return rename.get(old, old)

        return Table(
            tuple(map(name, self.columns)),
            tuple((line, {name(k): v for k, v in row.items()}) for line, row in self.rows),
            {name(k): title for k, title in self.titles.items()},
        )

    def need(self, *names: str) -> None:
        """Refuse a table without one of these columns.

        Raises
        ------
        Problem
            ``standards.missing_column``.
        """
        for name in names:
            if name not in self.columns:
                raise Problem(
                    "standards.missing_column", column=name, known="、".join(self.columns)
                )


def read_table(path: str) -> Table:
    """Read a CSV, packed or not, in UTF-8 or as a Chinese Excel writes it; ``-`` is the input.

    Raises
    ------
    Problem
        ``cli.no_such_file``.
    """
    try:
        content = sys.stdin.buffer.read() if path == "-" else Path(path).read_bytes()
    except OSError:
        raise Problem("cli.no_such_file", path=path) from None
    if content[:2] == b"\x1f\x8b":
        content = gzip.decompress(content)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("gb18030", errors="replace")
    lines = csv.DictReader(io.StringIO(text))
    titles = [name.strip() for name in lines.fieldnames or ()]
    lines.fieldnames = [title.casefold() for title in titles]
    names = tuple(lines.fieldnames)
    return Table(names, tuple(_rows(lines)), dict(zip(names, titles, strict=True)))


def _rows(lines: csv.DictReader[str]) -> Iterator[tuple[int, Mapping[str, str]]]:
    for row in lines:
        yield lines.line_num, {name: (row[name] or "").strip() for name in lines.fieldnames or ()}


def number_of(
    row: Mapping[str, str],
    column: str,
    *,
    line: int,
    problems: list[Problem],
    title: str | None = None,
) -> Decimal | None:
    """Return the exact number in a cell; what is neither missing nor a number is a problem."""
    text = row.get(column, "")
    value = None if text in MISSING_WORDS else number(text)
    if value is None and text not in MISSING_WORDS:
        named = title or column
        problems.append(Problem("standards.bad_value", line=line, column=named, given=text))
    return value


def told(problem: Problem, *, line: int, rules: str | None = None) -> dict[str, object]:
    """Return a problem for JSON with the row and the rule set it belongs to."""
    return {**problem.as_dict(), "row": line, "rule_set": rules}


def show_row(
    answer: Mapping[str, Any],
    columns: Sequence[str],
    *,
    as_json: bool,
    explanation: Explanation | None = None,
) -> None:
    """Print one answer: a JSON line, or the columns; then its explanation and its problems."""
    if as_json:
        held = {**answer, "explanation": explanation.as_json()} if explanation else answer
        print(json.dumps(held, ensure_ascii=False))
        return
    if columns:
        print("\t".join("—" if answer[name] is None else str(answer[name]) for name in columns))
    if explanation:
        print(textwrap.indent(explanation.as_text(), "  "))
    for problem in answer.get("problems", ()):
        where = f"第 {problem['row']} 行 / row {problem['row']}"
        rules = f" {problem['rule_set']}" if problem["rule_set"] else ""
        print(f"  [{where}{rules}] {problem['zh']}\n  {problem['en']}", file=sys.stderr)


def time_of(text: str, *, line: int) -> date | datetime:
    """Return a Beijing date, or a Beijing instant where a time of day is written (24:00 too).

    Raises
    ------
    Problem
        ``standards.bad_time``.
    """
    try:
        if len(text) <= 10:
            return date.fromisoformat(text)
        if _MIDNIGHT.search(text):
            following = date.fromisoformat(text[:10]) + timedelta(days=1)
            return datetime.combine(following, time(), CITY_TZ)
        at = datetime.fromisoformat(text)
    except ValueError:
        raise Problem("standards.bad_time", line=line, given=text) from None
    return at.astimezone(CITY_TZ) if at.tzinfo else at.replace(tzinfo=CITY_TZ)
