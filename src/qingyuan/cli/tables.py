"""Tables (表格): a CSV as people really send it, from a file or standard input."""

from __future__ import annotations

import csv
import gzip
import io
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path

from qingyuan.core.periods import CITY_TZ
from qingyuan.core.problems import Problem
from qingyuan.readings.numbers import number

__all__ = ["Table", "number_of", "read_table", "time_of"]

_MISSING = ("", "-", "--", "*", "—", "NA")
_MIDNIGHT = re.compile(r"[T ]24:00(:00)?$")


@dataclass(frozen=True, slots=True)
class Table:
    """Named columns, and rows with the line each ends on."""

    columns: Sequence[str]
    rows: Sequence[tuple[int, Mapping[str, str]]]

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
    lines.fieldnames = [name.strip().casefold() for name in lines.fieldnames or ()]
    return Table(tuple(lines.fieldnames), tuple(_rows(lines)))


def _rows(lines: csv.DictReader[str]) -> Iterator[tuple[int, Mapping[str, str]]]:
    for row in lines:
        yield lines.line_num, {name: (row[name] or "").strip() for name in lines.fieldnames or ()}


def number_of(
    row: Mapping[str, str], column: str, *, line: int, problems: list[Problem]
) -> Decimal | None:
    """Return the exact number in a cell; what is neither missing nor a number is a problem."""
    text = row.get(column, "")
    value = None if text in _MISSING else number(text)
    if value is None and text not in _MISSING:
        problems.append(Problem("standards.bad_value", line=line, column=column, given=text))
    return value


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
