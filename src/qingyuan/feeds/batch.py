"""Batches (批量报文): bytes become items, numbers exactly as written; nothing is judged here.

JSON is an object with ``observations``, a list, or one observation by itself; CSV has a heading.
An observation has ``mn factor time value`` and may have ``cn suffix flag unit``; over a channel that
names the device, ``mn`` may be missing.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping
from dataclasses import dataclass

from qingyuan.core.problems import Problem

__all__ = ["COLUMNS", "CSV", "JSON", "MOST_BYTES", "MOST_ITEMS", "Item", "read_batch"]

JSON, CSV = "application/json", "text/csv"
COLUMNS = ("mn", "factor", "time", "value", "cn", "suffix", "flag", "unit")
MOST_BYTES = 900_000  # one record of the journal holds a mebibyte, header included
MOST_ITEMS = 10_000


@dataclass(frozen=True, slots=True)
class Item:
    """One observation as it was sent: texts, empty where nothing was given."""

    number: int
    fields: Mapping[str, str]

    def __getitem__(self, name: str) -> str:
        return self.fields.get(name, "")


def read_batch(raw: bytes, *, media: str) -> list[Item]:
    """Return the items of a batch, numbered from 1.

    Raises
    ------
    Problem
        ``feeds.too_large``, ``feeds.media``, ``feeds.unreadable``, ``feeds.too_many``: the batch
        as a whole cannot be read; none of it is stored.
    """
    if len(raw) > MOST_BYTES:
        raise Problem("feeds.too_large", bytes=len(raw), most=MOST_BYTES)
    kind = media.partition(";")[0].strip().lower()
    try:
        if kind == JSON:
            rows = _from_json(raw)
        elif kind == CSV:
            rows = _from_csv(raw)
        else:
            raise Problem("feeds.media", given=kind or "—", known=f"{JSON}, {CSV}")
    except (UnicodeDecodeError, ValueError, csv.Error, RecursionError) as fault:
        raise Problem("feeds.unreadable", cause=str(fault)[:120]) from None
    if len(rows) > MOST_ITEMS:
        raise Problem("feeds.too_many", count=len(rows), most=MOST_ITEMS)
    return [Item(i, row) for i, row in enumerate(rows, 1)]


def _from_json(raw: bytes) -> list[Mapping[str, str]]:
    # numbers stay texts: 0.350 is not 0.35 to a standard that rounds
    data = json.loads(
        raw.decode("utf-8-sig"), parse_float=str, parse_int=str, parse_constant=_refuse
    )
    if isinstance(data, dict):
        data = data.get("observations", [data])
    if not isinstance(data, list):
        raise ValueError("observations: list expected")
    return [_texts(row) for row in data]


def _refuse(text: str) -> str:
    raise ValueError(f"{text} is no number")


def _texts(row: object) -> Mapping[str, str]:
    if not isinstance(row, dict):
        return {}
    return {
        name: str(row[name])
        for name in COLUMNS
        if isinstance(row.get(name), str)  # numbers are texts by now; true and lists are nothing
    }


def _from_csv(raw: bytes) -> list[Mapping[str, str]]:
    lines = csv.DictReader(io.StringIO(raw.decode("utf-8-sig"), newline=""), strict=True)
    missing = {"factor", "time", "value"} - set(lines.fieldnames or ())
    if missing:
        raise ValueError(f"missing columns: {', '.join(sorted(missing))}")
    return [
        {name: (row.get(name) or "").strip() for name in COLUMNS if row.get(name)} for row in lines
    ]
