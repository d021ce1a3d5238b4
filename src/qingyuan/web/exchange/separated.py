"""A table as comma-separated text (CSV): no cell a spreadsheet could take for a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from datetime import date, datetime

from qingyuan.core.periods import in_city
from qingyuan.web.exchange.books import shown
from qingyuan.web.exchange.tables import Sheet

__all__ = ["separated", "tame"]

_DANGEROUS = tuple("=+-@\t\r＝＋－＠")


def tame(text: str) -> str:
    """Return text with an apostrophe before what a spreadsheet would take for a formula.

    Leading blanks do not hide it, nor does full width. Our own reader takes the apostrophe off.

    Examples
    --------
    >>> tame("=1+1"), tame(" ＠x"), tame("甲")
    ("'=1+1", "' ＠x", '甲')
    """
    bare = text.lstrip(" \u3000\u00a0")
    return f"'{text}" if bare.startswith(_DANGEROUS) else text


def separated(
    sheet: Sheet,
    rows: Iterable[Mapping[str, object]],
    *,
    language: str = "zh",
    encoding: str = "utf-8-sig",
) -> bytes:
    """Return the table as CSV (RFC 4180) in UTF-8 with its mark, or in GB 18030.

    Numbers stay numbers, also negative ones; only text is tamed.
    """
    held = io.StringIO(newline="")
    out = csv.writer(held, lineterminator="\r\n")
    out.writerow([tame(column.title(language)) for column in sheet.columns])
    say = [(column.name, shown(column, language)) for column in sheet.columns]
    for row in rows:
        out.writerow([_cell(words_of(row.get(name))) for name, words_of in say])
    return held.getvalue().encode(encoding, "replace")


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return f"{in_city(value) if value.tzinfo else value:%Y-%m-%d %H:%M}"
    if isinstance(value, date):
        return value.isoformat()
    return tame(value) if isinstance(value, str) else str(value)
