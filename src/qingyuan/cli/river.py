"""``qingyuan river import``: real river lines in, a directed network out (河网导入).

Thin verb over `qingyuan.river.importing`; files in, files out.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from qingyuan.core.problems import Problem

if TYPE_CHECKING:
    from qingyuan.river.importing import Imported, Layer

__all__ = ["add_arguments"]

_SHOWN = 12


def add_arguments(subparsers: Any) -> None:
    """Register ``river import``; it sets ``run(args) -> int``."""
    river = subparsers.add_parser("river", help="河网：导入真实河线 / networks from real lines")
    deeds = river.add_subparsers(dest="deed", required=True, metavar="DEED")
    verb = deeds.add_parser(
        "import", help="河线→有向河网，并列出全部修复 / lines to a network, every repair told"
    )
    verb.add_argument("lines", metavar="LINES", help="GeoJSON · Shapefile · GPKG")
    verb.add_argument("--out", required=True, metavar="DIR", help="写出目录 / folder to write")
    for name, zh, en in (
        ("sections", "断面", "sections"),
        ("outfalls", "排污口", "outfalls"),
        ("reservoirs", "水库范围面", "outlines of reservoirs"),
        ("gates", "水闸点", "gates"),
    ):
        verb.add_argument(f"--{name}", metavar="F", help=f"{zh}图层或 CSV / {en}")
    verb.add_argument("--layer", default="", help="GPKG 图层名 / layer of a GeoPackage")
    verb.add_argument(
        "--datum",
        default="",
        help="坐标基准：CGCS2000、WGS84、GCJ02 或 EPSG 代码 / datum of all files",
    )
    verb.add_argument(
        "--direction", default="auto", help="定向：auto attribute elevation digitised"
    )
    verb.add_argument(
        "--outlet", action="append", default=[], metavar="LON,LAT", help="出口 / outlet"
    )
    verb.add_argument(
        "--column",
        action="append",
        default=[],
        metavar="OURS=THEIRS",
        help="列对应 / column mapping",
    )
    verb.add_argument(
        "--tolerance", type=float, default=20.0, metavar="M", help="接点容差 / joining"
    )
    verb.add_argument("--snap", type=float, default=200.0, metavar="M", help="落河容差 / placing")
    verb.add_argument("--json", action="store_true", help="输出 JSON / print JSON")
    verb.set_defaults(run=_import)


def _import(call: argparse.Namespace) -> int:
    from qingyuan.river.importing import Options, import_network, read_layer, write_network

    def layer(name: str) -> Layer | None:
        path = getattr(call, name)
        return read_layer(path, datum=call.datum) if path else None

    found = import_network(
        read_layer(call.lines, datum=call.datum, layer=call.layer),
        options=Options(
            tolerance_m=call.tolerance,
            dangle_m=call.tolerance,
            snap_m=call.snap,
            direction=call.direction,
            outlets=tuple(_lonlat(text) for text in call.outlet),
            columns=dict(_pair(text) for text in call.column),
        ),
        sections=layer("sections"),
        outfalls=layer("outfalls"),
        reservoirs=layer("reservoirs"),
        gates=layer("gates"),
    )
    write_network(found, Path(call.out))
    if call.json:
        print(json.dumps(_as_json(found), ensure_ascii=False, allow_nan=False))
    else:
        _show(found)
    return 1 if found.refused else 0


def _lonlat(text: str) -> tuple[float, float]:
    try:
        lon, lat = (float(part) for part in text.split(","))
    except ValueError:
        raise Problem("river.bad_place", given=text) from None
    return lon, lat


def _pair(text: str) -> tuple[str, str]:
    ours, sign, theirs = text.partition("=")
    if not sign or not ours or not theirs:
        raise Problem("river.bad_columns", given=text)
    return ours, theirs


def _as_json(found: Imported) -> dict[str, object]:
    return {
        "datum": found.datum,
        "reaches": len(found.reaches),
        "outlets": [r.reach_id for r in found.reaches if not r.to_reach_id],
        "length_km": round(sum(r.length_m for r in found.reaches) / 1000, 3),
        "sections": len(found.sections),
        "outfalls": len(found.outfalls),
        "repairs": [
            {
                "kind": r.kind, "feature": r.feature_id, "lon": r.lon, "lat": r.lat,
                "amount_m": r.amount, "other": r.other, "zh": r.says("zh"), "en": r.says("en"),
            }
            for r in found.repairs
        ],
        "problems": [p.as_dict() for p in found.refused],
    }  # fmt: skip


def _show(found: Imported) -> None:
    outlets = sum(1 for r in found.reaches if not r.to_reach_id)
    length = sum(r.length_m for r in found.reaches) / 1000
    print(
        f"坐标基准 / datum {found.datum or 'CGCS2000'} · 河段 / reaches {len(found.reaches)} · "
        f"出口 / outlets {outlets} · {length:.1f} km"
    )
    print(f"断面 / sections {len(found.sections)} · 排污口 / outfalls {len(found.outfalls)}")
    for kind, count in found.counts.items():
        print(f"  {kind:<18}{count:>7}")
    for one in found.repairs[:_SHOWN]:
        print(f"  {one.lon:.5f},{one.lat:.5f}  {one.says('zh')} / {one.says('en')}")
    if len(found.repairs) > _SHOWN:
        print(f"  … {len(found.repairs) - _SHOWN}（全部见 repairs.csv / all in repairs.csv）")
    for problem in found.refused:
        print(f"[{problem.code}] {problem.zh}\n  {problem.en}")
