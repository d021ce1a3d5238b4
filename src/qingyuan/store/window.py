"""The window of keys (去重窗口): has this reading been here before, and with another value?

A re-sent packet must not count twice and a corrected value must not vanish. The appending process
remembers, for each day it has touched, two 64-bit hashes per row: of the key and of the key with
value and flag. A row is dropped only when both are known, so that an accidental collision of one
cannot lose a reading. Memory is 16 bytes a row; a day is read once from its key columns, and the
days used longest ago are forgotten first.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from hashlib import blake2b

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from qingyuan.store.columns import KEY

__all__ = ["HASHED", "KeyWindow", "Sifted"]

HASHED = (*KEY, "text", "flag")
Hashes = NDArray[np.uint64]

_MERGE_AT = 65_536


class _HashSet:
    """A growing set of 64-bit hashes: a sorted array, and a small set of the newest."""

    def __init__(self, hashes: Hashes) -> None:
        self._sorted = np.unique(hashes)
        self._newest: set[int] = set()

    def __len__(self) -> int:
        return len(self._sorted) + len(self._newest)

    def holds(self, hashes: Hashes) -> NDArray[np.bool_]:
        at = np.searchsorted(self._sorted, hashes)
        found = np.zeros(len(hashes), dtype=bool)
        inside = at < len(self._sorted)
        found[inside] = self._sorted[at[inside]] == hashes[inside]
        if self._newest:
            found |= np.fromiter(
                (h in self._newest for h in hashes.tolist()), dtype=bool, count=len(hashes)
            )
        return found

    def add(self, hashes: Hashes) -> None:
        self._newest.update(hashes.tolist())
        if len(self._newest) > _MERGE_AT:
            newest = np.fromiter(self._newest, dtype=np.uint64, count=len(self._newest))
            self._sorted = np.union1d(self._sorted, newest)
            self._newest = set()


@dataclass(slots=True)
class _Day:
    keys: _HashSet
    pairs: _HashSet


@dataclass(frozen=True, slots=True)
class Sifted:
    """What of a batch is new: its rows with ``changed`` set, and how many were re-sent."""

    rows: pa.Table
    resent: int
    _keys: Hashes = field(repr=False)
    _pairs: Hashes = field(repr=False)


class KeyWindow:
    """The keys of the days in use.

    Parameters
    ----------
    read_day : callable
        Returns the `HASHED` columns of one day as the table has them now.
    most_rows : int
        Days are forgotten, the longest unused first, while more rows than this are remembered.
    """

    def __init__(self, read_day: Callable[[date], pa.Table], *, most_rows: int = 16_000_000):
        self._read_day = read_day
        self._most_rows = most_rows
        self._days: OrderedDict[date, _Day] = OrderedDict()

    def sift(self, rows: pa.Table) -> Sifted:
        """Return the rows of one batch that are new, changed values marked; nothing is remembered."""
        keys, pairs = _hashes(rows)
        known_key = np.zeros(len(keys), dtype=bool)
        known_pair = np.zeros(len(keys), dtype=bool)
        for day, here in _by_day(rows):
            held = self._day(day)
            known_key[here] = held.keys.holds(keys[here])
            known_pair[here] = held.pairs.holds(pairs[here])
        fresh = ~(known_key & known_pair) & _first_of_each(pairs)
        changed = known_key | ~_first_of_each(keys)
        marked = rows.set_column(
            rows.schema.get_field_index("changed"),
            rows.schema.field("changed"),
            pa.array(changed),
        )
        kept = marked.filter(pa.array(fresh))
        return Sifted(kept, int(len(fresh) - fresh.sum()), keys[fresh], pairs[fresh])

    def remember(self, sifted: Sifted) -> None:
        """Remember the rows of a sifted batch once they are committed."""
        for day, here in _by_day(sifted.rows):
            held = self._day(day)
            held.keys.add(sifted._keys[here])
            held.pairs.add(sifted._pairs[here])
        self._shrink()

    def forget(self, day: date | None = None) -> None:
        """Forget *day*, or every day: another process has written it."""
        if day is None:
            self._days.clear()
        else:
            self._days.pop(day, None)

    def _day(self, day: date) -> _Day:
        if day not in self._days:
            keys, pairs = _hashes(self._read_day(day))
            self._days[day] = _Day(_HashSet(keys), _HashSet(pairs))
        self._days.move_to_end(day)
        return self._days[day]

    def _shrink(self) -> None:
        total = sum(len(day.keys) for day in self._days.values())
        while total > self._most_rows and len(self._days) > 1:
            _, dropped = self._days.popitem(last=False)
            total -= len(dropped.keys)


def _by_day(rows: pa.Table) -> list[tuple[date, NDArray[np.bool_]]]:
    days = rows.column("day")
    return [(day, pc.equal(days, day).to_numpy()) for day in pc.unique(days).to_pylist()]


def _first_of_each(hashes: Hashes) -> NDArray[np.bool_]:
    first = np.zeros(len(hashes), dtype=bool)
    first[np.unique(hashes, return_index=True)[1]] = True
    return first


def _hashes(rows: pa.Table) -> tuple[Hashes, Hashes]:
    """Return the hash of each row's key, and of its key with text and flag."""
    columns = {name: _column_hashes(rows.column(name)) for name in HASHED}
    keys = _mixed([columns[name] for name in KEY], rows.num_rows)
    return keys, _mixed([keys, columns["text"], columns["flag"]], rows.num_rows)


def _column_hashes(column: pa.ChunkedArray) -> Hashes:
    if pa.types.is_timestamp(column.type):
        return column.cast(pa.int64()).to_numpy().astype(np.uint64)
    coded = pc.dictionary_encode(column).combine_chunks()
    if isinstance(coded, pa.ChunkedArray):  # no rows at all
        return np.zeros(0, dtype=np.uint64)
    words = np.array([_word(text) for text in coded.dictionary.to_pylist()], dtype=np.uint64)
    hashes: Hashes = words[coded.indices.to_numpy()]
    return hashes


def _word(text: str) -> int:
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "little")


def _mixed(columns: list[Hashes], count: int) -> Hashes:
    """Mix the columns in order, by the finaliser of SplitMix64."""
    mixed = np.full(count, 0x9E3779B97F4A7C15, dtype=np.uint64)
    for column in columns:
        mixed = (mixed ^ column) * np.uint64(0xBF58476D1CE4E5B9)
        mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0x94D049BB133111EB)
        mixed = mixed ^ (mixed >> np.uint64(31))
    return mixed
