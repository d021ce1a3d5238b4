"""``qingyuan city``: check a city folder, or load it into the platform (城市包)."""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict
from pathlib import Path

from qingyuan.core.problems import Problems

__all__ = ["add_arguments"]

_COLUMNS = ("new", "changed", "same", "absent")


def add_arguments(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add ``city check`` and ``city load``."""
    city = subparsers.add_parser("city", help="城市包：核对与装载 / a city as data files")
    deeds = city.add_subparsers(dest="deed", required=True, metavar="DEED")
    check = deeds.add_parser(
        "check", help="核对城市包，一次列出全部问题 / check a folder, list every fault"
    )
    check.add_argument("folder", type=Path, metavar="DIR", help="城市包目录 / city folder")
    check.add_argument("--json", action="store_true", help="输出 JSON / print JSON")
    check.set_defaults(run=_check)
    load = deeds.add_parser("load", help="核对后装入平台 / check, then load into the platform")
    load.add_argument("folder", type=Path, metavar="DIR", help="城市包目录 / city folder")
    load.add_argument("--json", action="store_true", help="输出 JSON / print JSON")
    load.set_defaults(run=_load)


def _check(call: argparse.Namespace) -> int:
    from qingyuan.cities import read_city

    try:
        city = read_city(call.folder)
    except Problems as found:
        if not call.json:
            raise
        _print_json({"ok": False, "problems": [p.as_dict() for p in found.problems]})
        return 1
    counts = {
        name: len(getattr(city, name))
        for name in (
            "districts", "units", "people", "reaches", "sections", "outfalls", "profiles", "limits",
            "enterprises", "air_stations", "devices", "responsibilities",
        )
    }  # fmt: skip
    if call.json:
        _print_json(
            {"ok": True, "code": city.code, "name": city.name, **counts, "notes": city.notes}
        )
        return 0
    fictional = "（虚构 / fictional）" if city.fictional else ""
    print(f"{city.name} {city.name_en} {city.code}{fictional}")
    for name, count in counts.items():
        print(f"  {name:<18}{count:>7}")
    for note in city.notes:
        print(f"  未读入的列 / column not read: {note}")
    return 0


def _print_json(row: dict[str, object]) -> None:
    print(json.dumps(row, ensure_ascii=False, allow_nan=False))


def _load(call: argparse.Namespace) -> int:
    from qingyuan.cities import read_city
    from qingyuan.cli.attach import attached_city

    city = read_city(call.folder)  # every row error at once, before the platform is touched
    with attached_city() as (folder, at):
        from qingyuan.web.audit.services import Actor
        from qingyuan.web.registry.services import load_city, publish_devices

        counts = load_city(city, by=Actor("console", "命令行 console"), at=at)
        publish_devices(folder.devices, at=at)
    if call.json:
        tables = {name: asdict(row) for name, row in counts.items()}
        _print_json({"ok": True, "code": city.code, "name": city.name, "tables": tables})
        return 0
    print(f"{city.name} {city.name_en} {city.code}: 已装入 / loaded")
    titles = "".join(f"{column:>9}" for column in _COLUMNS)
    print(f"  {'':<18}{titles}   新增 · 更改 · 未变 · 缺席")
    for name, row in counts.items():
        figures = "".join(f"{getattr(row, column):>9}" for column in _COLUMNS)
        print(f"  {name:<18}{figures}")
    for note in city.notes:
        print(f"  未读入的列 / column not read: {note}")
    return 0
