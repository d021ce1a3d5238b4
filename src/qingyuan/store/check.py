"""Check (核对): is a table whole? Every file of its snapshot is there, as long and as full as the log says.

Nothing is changed. What a dead process left beside the table is told apart from what the table lacks:
the first is rubbish, the second is loss.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pyarrow as pa

from qingyuan.store.history import pinned_files
from qingyuan.store.tables import Table

__all__ = ["Checked", "check"]


@dataclass(frozen=True, slots=True)
class Checked:
    """What a table consists of, and what is wrong with it (核对结果)."""

    table: str
    version: int
    days: int
    files: int
    rows: int
    bytes: int
    missing: tuple[str, ...]
    wrong: tuple[str, ...]
    half_written: tuple[str, ...]

    @property
    def is_whole(self) -> bool:
        """Whether every row the log tells of can be read."""
        return not self.missing and not self.wrong


def check(table: Table, *, deep: bool = False) -> Checked:
    """Compare the files of a table with its log; with *deep* read every value of every file."""
    actions = table.actions()
    there = table.place.listing()
    paths, sizes, counts = (
        actions.column(name).to_pylist() for name in ("path", "size_bytes", "num_records")
    )
    missing, wrong = [], []
    for path, size, rows in zip(paths, sizes, counts, strict=True):
        if path not in there:
            missing.append(path)
        elif there[path] != size or (deep and _rows_in(table, path) != rows):
            wrong.append(path)
    missing += sorted(path for path in pinned_files(table) - set(paths) if path not in there)
    return Checked(
        table=table.name,
        version=table.version(),
        days=len({path.partition("/")[0] for path in paths}),
        files=len(paths),
        rows=sum(counts),
        bytes=sum(sizes),
        missing=tuple(missing),
        wrong=tuple(wrong),
        half_written=tuple(_half(there)),
    )


def _rows_in(table: Table, path: str) -> int | None:
    try:
        return table.place.parquet(path).read().num_rows
    except (OSError, pa.ArrowException):  # torn, or not what was written
        return None


def _half(there: dict[str, int]) -> Iterator[str]:
    yield from sorted(path for path in there if "#" in path)
