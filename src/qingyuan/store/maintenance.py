"""Maintenance (整理): a table kept as its policy says.

Days past their time go, crowded days are compacted, the log is cut, and files nobody needs any more
are removed; a file that a pin names stays. Every step is one commit or removes what no version
needs, so that a process killed at any moment leaves the table whole; the next turn does the rest.
"""

from __future__ import annotations

import fcntl
import json
import os
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

from deltalake.exceptions import CommitFailedError

from qingyuan.core.problems import Problem
from qingyuan.store.history import pinned_files
from qingyuan.store.policies import Policy, policies, policy_of
from qingyuan.store.tables import Table

__all__ = ["STATE", "Maintained", "maintain", "maintain_all", "states", "table_names", "tidy"]

STATE = "maintenance.json"
_TRIES = 5
_FULL_EVERY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Maintained:
    """What one turn did to one table (一次整理)."""

    table: str
    at: datetime
    seconds: float
    removed_days: int = 0
    compacted_days: int = 0
    removed_files: int = 0
    problem: str | None = None
    zh: str = ""
    en: str = ""
    full_at: datetime | None = None


def maintain_all(folder: Path, *, today: date, at: datetime) -> list[Maintained]:
    """Keep every table of a store as its policy says; a table that cannot be is told, not raised.

    Once a day each table's folder is searched for files that no version names. What was done and
    what went wrong is kept in ``maintenance.json`` beside the tables.
    """
    done = []
    before = states(folder)
    for name in table_names(folder):
        last = before[name].full_at if name in before else None
        full = last is None or at - last >= _FULL_EVERY
        began = time.monotonic()
        try:
            told = maintain(Table(folder, name), today=today, at=at, full=full)
        except Problem as problem:
            spent = round(time.monotonic() - began, 2)
            told = Maintained(
                name, at, spent, problem=problem.code, zh=problem.zh, en=problem.en, full_at=last
            )
        done.append(told if full else _dated(told, last))
    _keep(folder, {**before, **{one.table: one for one in done}})
    return done


def maintain(
    table: Table, *, today: date, at: datetime, full: bool = False, policy: Policy | None = None
) -> Maintained:
    """Do one turn on one table; with *full* also look for files that no version names.

    Raises
    ------
    Problem
        ``store.busy`` if another compaction wins five times in a row; ``store.full``,
        ``store.unwritable``: the table is as it was, or as after one of the steps.
    """
    rules = policy or policy_of(table.name, on=today)
    began = time.monotonic()
    with _turn(table), table.written():
        removed = _expire(table, rules.oldest_day(today))
        compacted = tidy(table, policy=rules)
        gone = _sweep(table, rules) if full else 0
    return Maintained(
        table.name, at, round(time.monotonic() - began, 2), removed, compacted, gone,
        full_at=at if full else None,
    )  # fmt: skip


def tidy(table: Table, *, policy: Policy | None = None) -> int:
    """Compact crowded days, cut the log, drop old files; return how many days were compacted.

    Only the worker calls this; a gateway may commit meanwhile.

    Raises
    ------
    Problem
        ``store.busy`` if another compaction wins five times in a row.
    """
    rules = policy or policy_of(table.name)
    days = _crowded(table, rules.small_files)
    with table.written():
        for day in days:
            _compact(table, day, rules.target_mb)
        with table.alone():
            if days:
                table.delta.create_checkpoint()
            table.delta.cleanup_metadata()
            _vacuum(table)
    return len(days)


def table_names(folder: Path) -> list[str]:
    """Return the tables of a store that are there, those with a policy of their own first."""
    known = dict.fromkeys(one.table for one in policies() if one.table != "*")
    found = {path.parent.name for path in Path(folder).glob("*/_delta_log")}
    elsewhere = [name for name in known if name not in found and _is_there(folder, name)]
    return [name for name in known if name in found or name in elsewhere] + sorted(
        found - known.keys()
    )


def states(folder: Path) -> dict[str, Maintained]:
    """Return what the last turn did to each table."""
    path = Path(folder) / STATE
    if not path.exists():
        return {}
    told = {}
    for name, row in json.loads(path.read_text("utf-8")).items():
        instants = {key: row[key] and datetime.fromisoformat(row[key]) for key in ("at", "full_at")}
        told[name] = Maintained(**{**row, **instants})
    return told


def _is_there(folder: Path, name: str) -> bool:
    try:
        Table(folder, name)
    except Problem:
        return False
    return True


def _dated(told: Maintained, full_at: datetime | None) -> Maintained:
    return Maintained(**{**asdict(told), "full_at": full_at})


def _keep(folder: Path, told: Mapping[str, Maintained]) -> None:
    rows = {
        name: {
            **asdict(one),
            "at": one.at.isoformat(),
            "full_at": one.full_at and one.full_at.isoformat(),
        }
        for name, one in told.items()
    }
    unfinished = Path(folder) / f".{STATE}.{os.getpid()}"
    try:
        unfinished.write_text(json.dumps(rows, ensure_ascii=False, indent=1), "utf-8")
        unfinished.replace(Path(folder) / STATE)
    except OSError:  # a full disk; what was done stands all the same
        unfinished.unlink(missing_ok=True)


@contextmanager
def _turn(table: Table) -> Iterator[None]:
    """Let one maintainer at a time at a table: the worker, or somebody at the shell."""
    with table.written():
        handle = (table.folder / f"{table.name}.turn").open("w")
    with handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def _expire(table: Table, oldest: date | None) -> int:
    days = [day for day in table.days() if oldest is not None and day < oldest]
    if days and oldest is not None:
        _tried(table, lambda: table.delta.delete(f"day < '{oldest.isoformat()}'"))
    return len(days)


def _crowded(table: Table, small: int) -> list[date]:
    files = Counter(
        date.fromisoformat(Path(path).parent.name.partition("=")[2]) for path in table.files()
    )
    return sorted(day for day, count in files.items() if count >= small)


def _compact(table: Table, day: date, target_mb: int) -> None:
    _tried(
        table,
        lambda: table.delta.optimize.compact(
            partition_filters=[("day", "=", day.isoformat())], target_size=target_mb << 20
        ),
    )


def _tried(table: Table, deed: object) -> None:
    for _ in range(_TRIES):
        try:
            # a service that would overwrite a commit is never sent two at once
            with nullcontext() if table.place.conditional else table.committing(), table.alone():
                deed()  # type: ignore[operator]  # a function without arguments
        except CommitFailedError:
            continue
        return
    raise Problem("store.busy", table=table.name, tries=_TRIES)


def _vacuum(table: Table) -> None:
    kept = pinned_files(table)
    if not kept:
        table.delta.vacuum(dry_run=False)
        return
    for path in table.delta.vacuum(dry_run=True):
        if path not in kept:
            table.place.remove(path)


def _sweep(table: Table, rules: Policy) -> int:
    """Remove files that no readable version and no pin names, and what a dead process left half."""
    with table.alone():
        lost = set(table.delta.vacuum(dry_run=True, full=True))
    lost |= _half_written(table, older_than=timedelta(hours=rules.removed_hours))
    lost -= pinned_files(table)
    for path in lost:
        table.place.remove(path)
    return len(lost)


def _half_written(table: Table, *, older_than: timedelta) -> set[str]:
    """Return files under the names that a writer gives up when it is done (``….parquet#1``)."""
    if table.place.local is None:  # an object store shows whole objects only
        return set()
    before = time.time() - older_than.total_seconds()
    found = set()
    for path in table.place.local.glob("day=*/*.parquet#*"):
        try:
            if path.stat().st_mtime < before:
                found.add(path.relative_to(table.place.local).as_posix())
        except FileNotFoundError:
            continue
    return found
