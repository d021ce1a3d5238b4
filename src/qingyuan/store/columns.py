"""Columns of the observations (观测字段): the seam every writer and reader shares.

The table itself is described in architecture.md §4. `as_table` is the only way in: it fills what a
writer may leave out, reads the number from the text as sent, and dates the row in Beijing time.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta

import pyarrow as pa
import pyarrow.compute as pc

from qingyuan.core.problems import Problem
from qingyuan.readings.numbers import number

__all__ = ["KEY", "OBSERVATIONS", "as_table"]

_INSTANT = pa.timestamp("us", "UTC")

OBSERVATIONS = pa.schema(
    [
        pa.field("station", pa.string(), nullable=False),
        pa.field("factor", pa.string(), nullable=False),
        pa.field("cn", pa.string(), nullable=False),
        pa.field("suffix", pa.string(), nullable=False),
        pa.field("time", _INSTANT, nullable=False),
        pa.field("value", pa.float64()),
        pa.field("text", pa.string(), nullable=False),
        pa.field("flag", pa.string(), nullable=False),
        pa.field("unit", pa.string(), nullable=False),
        pa.field("mn", pa.string(), nullable=False),
        pa.field("qn", pa.string(), nullable=False),
        pa.field("received_at", _INSTANT, nullable=False),
        pa.field("segment", pa.int64(), nullable=False),
        pa.field("offset", pa.int64(), nullable=False),
        pa.field("changed", pa.bool_(), nullable=False),
        pa.field("day", pa.date32(), nullable=False),
    ]
)
KEY = ("mn", "cn", "time", "factor", "suffix")

_MUST = ("station", "factor", "cn", "suffix", "time", "text", "received_at")
_DEFAULTS: Mapping[str, object] = {
    "flag": "",
    "unit": "",
    "mn": "",
    "qn": "",
    "segment": -1,
    "offset": -1,
    "changed": False,
}
_PLAIN = r"^-?[0-9]{1,15}(\.[0-9]{1,20})?$"
_BEIJING = timedelta(hours=8)  # no daylight saving since 1991; the store holds nothing older


def as_table(rows: pa.Table | Iterable[Mapping[str, object]]) -> pa.Table:
    """Return *rows* in the columns of `OBSERVATIONS`.

    Parameters
    ----------
    rows : pyarrow.Table or iterable of mappings
        At least ``station factor cn suffix time text received_at``; ``time`` and ``received_at``
        are aware instants. ``value`` is read from ``text`` and ``day`` from ``time``, whatever was
        given; the rest may be missing.

    Raises
    ------
    Problem
        ``store.missing_column`` naming the first column that must be there and is not (or holds
        nothing in some row); ``store.naive_time`` for an instant without a zone.
    """
    given = rows if isinstance(rows, pa.Table) else _from_mappings(list(rows))
    columns: dict[str, pa.ChunkedArray | pa.Array] = {}
    for field in OBSERVATIONS:
        if field.name in ("value", "day"):
            continue
        columns[field.name] = _column(given, field)
    columns["value"] = _values(columns["text"])
    columns["day"] = pc.cast(
        pc.floor_temporal(
            pc.add(pc.cast(columns["time"], pa.timestamp("us")), pa.scalar(_BEIJING)), unit="day"
        ),
        pa.date32(),
    )
    return pa.table([columns[name] for name in OBSERVATIONS.names], schema=OBSERVATIONS)


def _from_mappings(rows: list[Mapping[str, object]]) -> pa.Table:
    columns = {}
    for field in OBSERVATIONS:
        if field.name in ("value", "day"):
            continue
        default = _DEFAULTS.get(field.name)
        values = [row.get(field.name, default) for row in rows]
        if pa.types.is_timestamp(field.type) and any(
            getattr(value, "tzinfo", True) is None for value in values
        ):
            raise Problem("store.naive_time", column=field.name)
        columns[field.name] = pa.array(values, field.type)
    return pa.table(columns)


def _column(given: pa.Table, field: pa.Field) -> pa.ChunkedArray | pa.Array:
    if field.name not in given.column_names:
        if field.name in _MUST:
            raise Problem("store.missing_column", column=field.name)
        return pa.array([_DEFAULTS[field.name]] * given.num_rows, field.type)
    column = given.column(field.name)
    if pa.types.is_timestamp(field.type) and column.type.tz is None:
        raise Problem("store.naive_time", column=field.name)
    if column.null_count:
        if field.name in _MUST:
            raise Problem("store.missing_column", column=field.name)
        column = pc.fill_null(column, pa.scalar(_DEFAULTS[field.name], column.type))
    return column.cast(field.type)


def _values(texts: pa.ChunkedArray | pa.Array) -> pa.ChunkedArray | pa.Array:
    """Read each distinct text once; stations repeat themselves.

    The usual ``12.345`` is read by Arrow, to the same nearest double as `number` gives.
    """
    chunked = texts if isinstance(texts, pa.ChunkedArray) else pa.chunked_array([texts])
    coded = chunked.combine_chunks().dictionary_encode()
    if isinstance(coded, pa.ChunkedArray):
        coded = coded.combine_chunks()
    distinct = coded.dictionary
    plain = pc.match_substring_regex(distinct, _PLAIN)
    read = pc.cast(pc.if_else(plain, distinct, None), pa.float64())
    odd = pc.indices_nonzero(pc.invert(plain))
    if len(odd):
        numbers = [number(text) for text in distinct.take(odd).to_pylist()]
        given = pa.array([None if n is None else float(n) for n in numbers], pa.float64())
        read = pc.replace_with_mask(read, pc.invert(plain), given)
    return read.take(coded.indices)
