"""``qingyuan store``: keep, check, look back at, back up and restore the tables of a data folder."""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from qingyuan.core.problems import Problem
from qingyuan.host.settings import Settings

if TYPE_CHECKING:
    from qingyuan.host.folder import DataFolder
    from qingyuan.store.tables import Table

__all__ = ["add_arguments"]


def add_arguments(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the verb and its deeds."""
    store = verbs.add_parser(
        "store",
        help="观测库：整理、核对、历史、留存、备份、恢复 / the tables: maintain, check, history, pin, backup, restore",
    )
    deeds = store.add_subparsers(dest="deed", metavar="DEED", required=True)

    def deed(name: str, text: str, run: object, *, tables: bool = True) -> argparse.ArgumentParser:
        added = deeds.add_parser(name, help=text)
        added.add_argument("--json", action="store_true", help="输出 JSON / print JSON")
        if tables:
            added.add_argument(
                "tables", nargs="*", metavar="TABLE", help="表名，缺省为全部 / default: all"
            )
        added.set_defaults(run=run)
        return added

    deed(
        "maintain",
        "按策略过期、合并、清理 / expire, compact and clean as the policies say",
        _maintain,
    )
    check = deed("check", "核对每个文件 / compare every file with the log", _check)
    check.add_argument("--deep", action="store_true", help="读出每一个值 / read every value")
    history = deed("history", "提交历史与留存版本 / commits and pinned versions", _history)
    history.add_argument("--most", type=int, default=20, help="每表最多几条 / commits of a table")
    pin = deed(
        "pin", "留存一个版本，整理时不删 / keep a version whatever is cleaned", _pin, tables=False
    )
    pin.add_argument("table", metavar="TABLE")
    pin.add_argument(
        "name", metavar="NAME", help="如 bulletin-2026-11-23 / such as bulletin-2026-11-23"
    )
    pin.add_argument("--version", type=int, help="缺省为现在 / default: the present one")
    pin.add_argument("--remove", action="store_true", help="取消留存 / let it go")
    backup = deed(
        "backup", "只备份观测库与流水（整城备份用 qingyuan backup）/ tables and journal alone",
        _backup, tables=False,
    )  # fmt: skip
    backup.add_argument("file", type=Path, metavar="FILE", help="新文件 / a new file")
    restore = deed(
        "restore", "恢复观测库与流水，原处须为空 / put them back where there are none",
        _restore, tables=False,
    )  # fmt: skip
    restore.add_argument("file", type=Path, metavar="FILE", help="备份文件 / the backup")


def _folder() -> DataFolder:
    from qingyuan.host.folder import DataFolder

    folder = DataFolder(Settings.from_environment().data)
    _ = folder.kind  # a city's folder, or a clear word
    return folder


def _tables(call: argparse.Namespace, folder: DataFolder) -> list[Table]:
    from qingyuan.store.maintenance import table_names
    from qingyuan.store.tables import Table

    return [Table(folder.store, name) for name in call.tables or table_names(folder.store)]


def _print_json(told: object) -> None:
    print(json.dumps(told, ensure_ascii=False, default=_plain))


def _plain(value: object) -> object:
    if isinstance(value, date | datetime):
        return value.isoformat()
    raise TypeError(type(value))


def _maintain(call: argparse.Namespace) -> int:
    from qingyuan.core.periods import city_date
    from qingyuan.host.citytime import CityClock
    from qingyuan.store.maintenance import maintain

    folder = _folder()
    at = CityClock(folder).now()
    done = [maintain(one, today=city_date(at), at=at, full=True) for one in _tables(call, folder)]
    if call.json:
        _print_json([asdict(one) for one in done])
        return 0
    for one in done:
        print(
            f"{one.table:14} 过期 {one.removed_days} 天 合并 {one.compacted_days} 天 清理 {one.removed_files} 个文件 / "
            f"days removed {one.removed_days}, compacted {one.compacted_days}, files removed {one.removed_files}"
            f"  {one.seconds:.1f} s"
        )
    return 0


def _check(call: argparse.Namespace) -> int:
    from qingyuan.store.check import check

    found = [check(one, deep=call.deep) for one in _tables(call, _folder())]
    whole = all(one.is_whole for one in found)
    if call.json:
        _print_json([{**asdict(one), "is_whole": one.is_whole} for one in found])
        return 0 if whole else 1
    for one in found:
        mark = "✓" if one.is_whole else "✗"
        print(
            f"{mark} {one.table:14} v{one.version}  {one.days} 天 / days  {one.files} 个文件 / files  "
            f"{one.rows:,} 行 / rows  {one.bytes / 1e6:,.1f} MB"
        )
        for words, paths in (
            ("缺失 / missing", one.missing),
            ("不符 / not as written", one.wrong),
            ("写到一半（无害）/ half-written, harmless", one.half_written),
        ):
            for path in paths:
                print(f"    {words}: {path}")
    return 0 if whole else 1


def _history(call: argparse.Namespace) -> int:
    from qingyuan.store.history import commits, pins

    told = [(one.name, commits(one, most=call.most), pins(one)) for one in _tables(call, _folder())]
    if call.json:
        _print_json(
            [
                {"table": name, "commits": [asdict(c) for c in done], "pins": [asdict(p) for p in kept]}
                for name, done, kept in told
            ]
        )  # fmt: skip
        return 0
    for name, done, kept in told:
        print(name)
        for held in kept:
            print(
                f"  ⚑ {held.name}  v{held.version}  {held.at:%Y-%m-%d %H:%M}  {held.rows:,} 行 / rows"
            )
        for one in done:
            rows = "" if one.rows is None else f"  +{one.rows:,} 行 / rows"
            print(f"  v{one.version:<8} {one.at:%Y-%m-%d %H:%M:%S} UTC  {one.operation}{rows}")
    return 0


def _pin(call: argparse.Namespace) -> int:
    from qingyuan.host.citytime import CityClock
    from qingyuan.store.history import pin, unpin
    from qingyuan.store.tables import Table

    folder = _folder()
    table = Table(folder.store, call.table)
    if call.remove:
        unpin(table, call.name)
        told: dict[str, object] = {"table": call.table, "removed": call.name}
    else:
        kept = pin(table, call.name, at=CityClock(folder).now(), version=call.version)
        told = {"table": call.table, **asdict(kept)}
    if call.json:
        _print_json(told)
    else:
        print("  ".join(f"{key}={value}" for key, value in told.items()))
    return 0


def _backup(call: argparse.Namespace) -> int:
    from qingyuan.host.backup import back_up_store
    from qingyuan.host.citytime import wall_now

    made = back_up_store(call.file, folder=_folder(), at=wall_now())
    size = call.file.stat().st_size
    if call.json:
        _print_json({"file": str(call.file), "files": len(made.files), "bytes": size})
    else:
        print(f"{call.file}: {len(made.files)} 个文件 / files, {size / 1e6:,.1f} MB")
        print("不含数据库；整城备份用 qingyuan backup / without the database", file=sys.stderr)
    return 0


def _restore(call: argparse.Namespace) -> int:
    from qingyuan.host.backup import restore_store

    if not call.file.is_file():
        raise Problem("cli.no_such_file", path=call.file)
    folder = _folder()
    made = restore_store(call.file, folder=folder)
    if call.json:
        _print_json({"folder": str(folder.path), "files": len(made.files), "created": made.created})
    else:
        print(f"{folder.path}: {len(made.files)} 个文件，备份于 / files, backed up {made.created}")
    return 0
