"""What there is (数据集): each data set measured, with where it comes from and what is made of it."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from django.apps import apps
from django.db import connection
from django.db.models import Max
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from qingyuan.core.problems import Problem
from qingyuan.host.folder import DataFolder
from qingyuan.store.check import Checked, check
from qingyuan.store.history import Commit, Pin, commits, pins
from qingyuan.store.journal import segments, slot_folder, slots
from qingyuan.store.maintenance import Maintained, states
from qingyuan.store.policies import Policy, policy_of
from qingyuan.store.quarantine import Quarantine
from qingyuan.store.tables import Table

__all__ = ["Board", "DataSet", "Detail", "board", "datasets", "detail"]

_FAILED_IMPORTS = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class DataSet:
    """One data set as the table names it, and what was measured of it."""

    id: str
    group: str
    kind: str
    label: str
    fed: str
    sources: tuple[tuple[str, str], ...]
    keep: str
    rows: int | None = None
    size: int | None = None
    fresh_at: datetime | None = None
    is_late: bool = False
    fault: str = ""
    fault_at: datetime | None = None
    used_by: tuple[tuple[str, str], ...] = ()
    is_wall: bool = False

    @property
    def size_text(self) -> str:
        """The size in the largest unit that leaves a figure."""
        size = float(self.size or 0)
        for unit in ("B", "kB", "MB", "GB"):
            if size < 1000 or unit == "GB":
                return f"{size:,.0f} {unit}" if unit == "B" else f"{size:,.1f} {unit}"
            size /= 1000
        return ""


@dataclass(frozen=True, slots=True)
class Board:
    """Every data set, by group, and the figures above them."""

    groups: list[tuple[str, str, list[DataSet]]]
    rows: int
    size_text: str
    late: int
    faults: int


@dataclass(frozen=True, slots=True)
class Detail:
    """One data set with what is behind it."""

    one: DataSet
    columns: list[tuple[str, str]]
    policy: Policy | None = None
    why: str = ""
    turn: Maintained | None = None
    checked: Checked | None = None
    commits: Sequence[Commit] = ()
    pins: Sequence[Pin] = ()
    days: tuple[str, str, int] | None = None


@cache
def datasets() -> Mapping[str, Any]:
    """Return ``datasets.toml``."""
    text = files("qingyuan.web.catalogue").joinpath("datasets.toml").read_text("utf-8")
    return tomllib.loads(text)


def board(folder: DataFolder, *, at: datetime) -> Board:
    """Measure every data set."""
    sets = _measured(folder, at=at)
    groups = [
        (group["id"], _said(group), [one for one in sets if one.group == group["id"]])
        for group in datasets()["group"]
    ]
    total = DataSet("", "", "", "", "", (), "", size=sum(one.size or 0 for one in sets))
    return Board(
        groups,
        sum(one.rows or 0 for one in sets),
        total.size_text,
        sum(one.is_late for one in sets),
        sum(bool(one.fault) for one in sets),
    )


def detail(folder: DataFolder, name: str, *, at: datetime) -> Detail | None:
    """Measure one data set and look behind it; None when there is none of that name."""
    sets = {one.id: one for one in _measured(folder, at=at)}
    if name not in sets:
        return None
    row = next(r for r in datasets()["dataset"] if r["id"] == name)
    if row["kind"] == "model":
        fields = apps.get_model(row["source"])._meta.fields
        columns = [(f.column, f.get_internal_type()) for f in fields]
        return Detail(sets[name], columns)
    if row["kind"] == "journal":
        return Detail(sets[name], [])
    rules = policy_of(row["source"])
    why = rules.en if _english() else rules.zh
    turn = states(folder.store).get(row["source"])
    try:
        table = Table(folder.store, row["source"])
    except Problem:
        return Detail(sets[name], [], rules, why, turn)
    days = table.days()
    return Detail(
        sets[name],
        [(one.name, str(one.type)) for one in table.schema],
        rules,
        why,
        turn,
        check(table),
        commits(table, most=15),
        pins(table),
        (days[0].isoformat(), days[-1].isoformat(), len(days)) if days else None,
    )


def _measured(folder: DataFolder, *, at: datetime) -> list[DataSet]:
    rows = datasets()["dataset"]
    names = {row["id"]: _said(row) for row in rows}
    used: dict[str, list[tuple[str, str]]] = {name: [] for name in names}
    for row in rows:
        for source in row["from"]:
            used[source].append((row["id"], names[row["id"]]))
    sizes = _table_sizes()
    turns = states(folder.store)
    return [
        _one(
            row, [(one, names[one]) for one in row["from"]], used[row["id"]],
            folder=folder, sizes=sizes, turns=turns, at=at,
        )
        for row in rows
    ]  # fmt: skip


def _one(
    row: Mapping[str, Any],
    sources: list[tuple[str, str]],
    used: list[tuple[str, str]],
    *,
    folder: DataFolder,
    sizes: Mapping[str, int],
    turns: Mapping[str, Maintained],
    at: datetime,
) -> DataSet:
    count, size, fresh, fault, fault_at = (
        _of_journal(folder)
        if row["kind"] == "journal"
        else _of_table(row, folder, turns)
        if row["kind"] == "table"
        else _of_model(row, folder, sizes, at)
    )
    allowed = timedelta(hours=row["late_hours"])
    return DataSet(
        row["id"], row["group"], row["kind"], _said(row), _said(row, "fed_"), tuple(sources),
        _keep(row), count, size, fresh, bool(allowed and fresh and at - fresh > allowed),
        fault, fault_at, tuple(used), row["kind"] == "journal",
    )  # fmt: skip


_Measure = tuple[int | None, int | None, datetime | None, str, datetime | None]


def _of_journal(folder: DataFolder) -> _Measure:
    """Measure the journal: segments and bytes; its times are those of the files."""
    paths = [
        slot_folder(folder.journal, slot) / f"seg-{number:012d}.qyj"
        for slot in slots(folder.journal)
        for number in segments(slot_folder(folder.journal, slot))
    ]
    stats = [path.stat() for path in paths if path.exists()]
    newest = max((one.st_mtime for one in stats), default=None)
    return (
        None, sum(one.st_size for one in stats),
        datetime.fromtimestamp(newest, UTC) if newest else None, "", None,
    )  # fmt: skip


def _of_table(
    row: Mapping[str, Any], folder: DataFolder, turns: Mapping[str, Maintained]
) -> _Measure:
    turn = turns.get(row["source"])
    fault, fault_at = "", None
    if turn is not None and turn.problem:
        fault, fault_at = (turn.en if _english() else turn.zh), turn.at
    try:
        table = Table(folder.store, row["source"])
        actions = table.actions()
    except Problem as problem:
        if problem.code == "store.no_table":
            return 0, 0, None, fault, fault_at
        return None, None, None, problem.en if _english() else problem.zh, None
    name = f"max.{row.get('fresh')}"
    newest = actions.column(name).to_pylist() if name in actions.column_names else []
    fresh = max((one for one in newest if isinstance(one, datetime)), default=None)
    if fresh is not None and fresh.tzinfo is None:
        fresh = fresh.replace(tzinfo=UTC)
    if row["id"] == "observations" and not fault:
        fault, fault_at = _last_refused(folder)
    return (
        sum(actions.column("num_records").to_pylist()),
        sum(actions.column("size_bytes").to_pylist()), fresh, fault, fault_at,
    )  # fmt: skip


def _last_refused(folder: DataFolder) -> tuple[str, datetime | None]:
    """Return the reason of the newest packet that was set aside; nothing of its content."""
    if not (folder.store / "quarantine").exists():
        return "", None
    for last in Quarantine(folder.store).recent(1):
        received = last["received_at"]
        reason = str(last["reason"])
        return _("最近一包未采信：%(reason)s") % {"reason": reason}, (
            received if isinstance(received, datetime) else None
        )
    return "", None


def _of_model(
    row: Mapping[str, Any], folder: DataFolder, sizes: Mapping[str, int], at: datetime
) -> _Measure:
    model = apps.get_model(row["source"])
    count = model._default_manager.count()
    fresh = None
    if "fresh" in row:
        fresh = model._default_manager.aggregate(at=Max(row["fresh"]))["at"]
    size = sizes.get(model._meta.db_table, 0)
    if "folder" in row:
        size += _bytes_below(folder.path / row["folder"])
    fault, fault_at = "", None
    if row["id"] == "imports":
        refused = (
            model._default_manager.filter(state="refused", at__gte=at - _FAILED_IMPORTS)
            .order_by("-at")
            .values_list("at", flat=True)
            .first()
        )
        if refused is not None:
            fault, fault_at = _("最近有文件未能读取"), refused
    return count, size, fresh, fault, fault_at


def _bytes_below(path: Path) -> int:
    return sum(one.stat().st_size for one in path.rglob("*") if one.is_file())


def _table_sizes() -> dict[str, int]:
    """Return the bytes of every table with its indexes."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select c.relname, pg_total_relation_size(c.oid) from pg_class c"
            " join pg_namespace n on n.oid = c.relnamespace"
            " where n.nspname = 'public' and c.relkind = 'r'"
        )
        return dict(cursor.fetchall())


def _keep(row: Mapping[str, Any]) -> str:
    if "keep_zh" in row:
        return _said(row, "keep_")
    if row["kind"] == "table":
        days = policy_of(row["source"]).keep_days
        return _("%(days)s 天") % {"days": f"{days:,}"} if days else _("不删")
    return _("随业务保存")


def _said(row: Mapping[str, Any], prefix: str = "") -> str:
    return str(row[f"{prefix}en" if _english() else f"{prefix}zh"])


def _english() -> bool:
    return (get_language() or "").startswith("en")
