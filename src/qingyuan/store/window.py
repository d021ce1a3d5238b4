"""The window of keys (去重窗口): has this reading been here before, and with another value?

A re-sent packet must not count twice and a corrected value must not vanish. The appending process
remembers, for each ten minutes of data it has touched, two 64-bit hashes per row: of the key and of
the key with value and flag. A row is dropped only when both are known, so that an accidental
collision of one cannot lose a reading. Memory is 16 bytes a row; ten minutes are read from the
table when first needed, and those used longest ago are forgotten first.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from qingyuan.store.columns import KEY

__all__ = ["HASHED", "KeyWindow", "Sifted"]

HASHED = (*KEY, "text", "flag")
Hashes = NDArray[np.uint64]

_SPAN_US = 600_000_000
_NEAR = 6  # cold spans this close to one another are read at once


class _HashSet:
    """A growing set of 64-bit hashes: sorted arrays, each at least twice as long as the next."""

    def __init__(self) -> None:
        self._levels: list[Hashes] = []

    def __len__(self) -> int:
        return sum(map(len, self._levels))

    def holds(self, hashes: Hashes) -> NDArray[np.bool_]:
        found = np.zeros(len(hashes), dtype=bool)
        for level in self._levels:
            at = np.searchsorted(level, hashes)
            at[at == len(level)] = 0
            found |= level[at] == hashes
        return found

    def add(self, hashes: Hashes) -> None:
        if not len(hashes):
            return
        self._levels.append(np.unique(hashes))
        while len(self._levels) > 1 and 2 * len(self._levels[-1]) > len(self._levels[-2]):
            last = self._levels.pop()
            joined = np.concatenate([self._levels.pop(), last])
            joined.sort(kind="stable")  # merges the two sorted runs
            self._levels.append(joined)


@dataclass(slots=True)
class _Span:
    keys: _HashSet = field(default_factory=_HashSet)
    pairs: _HashSet = field(default_factory=_HashSet)

    def add(self, keys: Hashes, pairs: Hashes) -> None:
        self.keys.add(keys)
        self.pairs.add(pairs)


@dataclass(frozen=True, slots=True)
class Sifted:
    """What of a batch is new: its rows with ``changed`` set, and how many were re-sent."""

    rows: pa.Table
    resent: int
    _keys: Hashes = field(repr=False)
    _pairs: Hashes = field(repr=False)


class KeyWindow:
    """The keys of the times in use.

    Parameters
    ----------
    read : callable
        Returns the `HASHED` columns of the rows the table has between two instants, given in
        microseconds since the epoch, the second excluded.
    most_rows : int
        Times are forgotten, the longest unused first, while more rows than this are remembered.
    """

    def __init__(self, read: Callable[[int, int], pa.Table], *, most_rows: int = 16_000_000):
        self._read = read
        self._most_rows = most_rows
        self._spans: OrderedDict[int, _Span] = OrderedDict()

    def sift(self, rows: pa.Table) -> Sifted:
        """Return the rows of one batch that are new, changed values marked; nothing is remembered."""
        keys, pairs = _hashes(rows)
        known_key = np.zeros(len(keys), dtype=bool)
        known_pair = np.zeros(len(keys), dtype=bool)
        parts = list(_by_span(rows))
        self._load({number for number, _ in parts})
        for number, here in parts:
            span = self._spans[number]
            self._spans.move_to_end(number)
            known_key[here] = span.keys.holds(keys[here])
            known_pair[here] = span.pairs.holds(pairs[here])
        fresh = ~(known_key & known_pair) & _first_of_each(pairs)
        changed = known_key | ~_first_of_each(keys)
        marked = rows.set_column(
            rows.schema.get_field_index("changed"),
            rows.schema.field("changed"),
            pa.array(changed),
        )
        kept = marked if fresh.all() else marked.filter(pa.array(fresh))
        return Sifted(kept, int(len(fresh) - fresh.sum()), keys[fresh], pairs[fresh])

    def remember(self, sifted: Sifted) -> None:
        """Remember the rows of a sifted batch once they are committed."""
        for number, here in _by_span(sifted.rows):
            self._spans[number].add(sifted._keys[here], sifted._pairs[here])
        self._shrink()

    def follow(self, rows: pa.Table) -> None:
        """Remember the `HASHED` columns of rows that another process has committed."""
        keys, pairs = _hashes(rows)
        for number, here in _by_span(rows):
            if number in self._spans:
                self._spans[number].add(keys[here], pairs[here])

    def forget(self) -> None:
        """Forget everything: it will be read again."""
        self._spans.clear()

    def _load(self, wanted: set[int]) -> None:
        for first, last in _runs(sorted(wanted - self._spans.keys())):
            cold = range(first, last + 1)
            rows = self._read(first * _SPAN_US, (last + 1) * _SPAN_US)
            keys, pairs = _hashes(rows)
            missing = {number for number in cold if number not in self._spans}
            for number in missing:
                self._spans[number] = _Span()
            for number, here in _by_span(rows):
                if number in missing:
                    self._spans[number].add(keys[here], pairs[here])

    def _shrink(self) -> None:
        total = sum(len(span.keys) for span in self._spans.values())
        while total > self._most_rows and len(self._spans) > 1:
            _, dropped = self._spans.popitem(last=False)
            total -= len(dropped.keys)


def _runs(numbers: list[int]) -> Iterator[tuple[int, int]]:
    """Join neighbouring numbers to ranges, both ends included."""
    start = 0
    for at in range(1, len(numbers) + 1):
        if at == len(numbers) or numbers[at] - numbers[at - 1] > _NEAR:
            yield numbers[start], numbers[at - 1]
            start = at


def _by_span(rows: pa.Table) -> Iterator[tuple[int, NDArray[np.intp]]]:
    """Yield each ten minutes of data and which rows lie in it."""
    if not rows.num_rows:
        return
    spans = rows.column("time").cast(pa.int64()).to_numpy() // _SPAN_US
    order = np.argsort(spans, kind="stable")
    numbers, starts = np.unique(spans[order], return_index=True)
    yield from zip(numbers.tolist(), np.split(order, starts[1:]), strict=True)


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
    # SipHash of this process; nothing of it is ever written down.
    words = np.array([hash(text) for text in coded.dictionary.to_pylist()], dtype=np.int64)
    hashes: Hashes = words.view(np.uint64)[coded.indices.to_numpy()]
    return hashes


def _mixed(columns: list[Hashes], count: int) -> Hashes:
    """Mix the columns in order, by the finaliser of SplitMix64."""
    mixed = np.full(count, 0x9E3779B97F4A7C15, dtype=np.uint64)
    for column in columns:
        mixed = (mixed ^ column) * np.uint64(0xBF58476D1CE4E5B9)
        mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0x94D049BB133111EB)
        mixed = mixed ^ (mixed >> np.uint64(31))
    return mixed
