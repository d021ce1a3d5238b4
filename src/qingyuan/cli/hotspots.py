"""``qingyuan hotspots``: dust hot spots, faulty vehicles and gains of a taxi fleet (走航热点)."""

from __future__ import annotations

import argparse
import json
import sys
import time
from typing import Any

from qingyuan.core.problems import Problem, Problems

__all__ = ["add_arguments", "add_bench_arguments"]

_STEPS = {
    "read": "读取 / reading", "check": "检查 / checking", "calibrate": "校准 / calibrating",
    "match": "地图匹配 / matching", "passes": "分段 / passes", "scan": "扫描 / scanning",
}  # fmt: skip


def add_arguments(subparsers: Any) -> None:
    """Register ``hotspots POINTS --roads EDGES``; it sets ``run(args) -> int``."""
    verb = subparsers.add_parser(
        "hotspots", help="由出租车走航数据找扬尘热点 / dust hot spots from a taxi fleet's fixes"
    )
    verb.add_argument("points", metavar="POINTS", help="走航数据 CSV(.gz)、Parquet / the fixes")
    verb.add_argument(
        "--roads", required=True, metavar="EDGES",
        help="有向路段表，或 GeoJSON、Shapefile、OSM 道路线（自动修复拓扑）/ directed edges, or road lines to be repaired",
    )  # fmt: skip
    verb.add_argument("--stations", metavar="CSV", help="固定站小时值 / hourly means of stations")
    verb.add_argument("--sites", metavar="CSV", help="登记的扬尘源 / registered dust sources")
    verb.add_argument(
        "--edges-out",
        metavar="CSV",
        help="写出修复后的有向路段 / write the repaired directed edges",
    )
    verb.add_argument(
        "--datum", type=str.lower, default="cgcs2000", metavar="cgcs2000|wgs84|gcj02",
        help="各文件经纬度的坐标基准 / what the degrees of the files are (cgcs2000)",
    )  # fmt: skip
    verb.add_argument(
        "--roads-datum", type=str.lower, metavar="DATUM",
        help="道路文件另有基准时 / that of the roads where it differs",
    )  # fmt: skip
    verb.add_argument("--json", action="store_true", help="输出 JSON / print JSON")
    verb.add_argument("--seed", type=int, default=1, help="随机种子 / seed")
    verb.set_defaults(run=_run)


def _run(args: argparse.Namespace) -> int:
    try:
        answer = _answer(args)
    except (Problem, Problems) as found:
        if args.json:
            problems = found.problems if isinstance(found, Problems) else [found]
            print(json.dumps({"problems": [p.as_dict() for p in problems]}, ensure_ascii=False))
        raise
    if args.json:
        print(json.dumps(answer, ensure_ascii=False, allow_nan=False))
    else:
        _show(answer)
    return 0


def _answer(args: argparse.Namespace) -> dict[str, Any]:
    from qingyuan.hotspots import (
        answer_of,
        read_points,
        read_sites,
        read_stations,
        read_streets,
        survey,
        write_edges,
    )

    start = time.perf_counter()

    def told(step: str) -> None:
        print(f"{_STEPS[step]} · {time.perf_counter() - start:.0f} s", file=sys.stderr, flush=True)

    told("read")
    of_roads = args.roads_datum or args.datum
    roads = read_streets(args.roads, datum=of_roads)
    if args.edges_out:
        write_edges(roads, args.edges_out)
    fixes, missing = read_points(args.points, roads.plane, roads=roads.graph, datum=args.datum)
    stations = read_stations(args.stations, roads.plane, datum=args.datum) if args.stations else None  # fmt: skip
    sites = read_sites(args.sites, roads.plane, datum=args.datum) if args.sites else None
    found = survey(fixes, roads.graph, stations=stations, seed=args.seed, told=told)
    answer = answer_of(
        found, roads.graph, roads.plane, missing=missing, sites=sites,
        network=roads if roads.repaired else None,
    )  # fmt: skip
    if "gcj02" in (args.datum, of_roads):
        answer["caveats"].append(Problem("hotspots.from_gcj02").as_dict())
    answer["seconds"] = round(time.perf_counter() - start, 1)
    return answer


def _show(answer: dict[str, Any]) -> None:
    fixes = answer["fixes"]
    print(f"定位点 / fixes: {fixes['read']:,}; 采用 / used: {fixes['used']:,}")
    print(" #  位置 place            半径 radius  增量 rise µg/m³  时段 hours  粗颗粒 coarse   p")
    for number, spot in enumerate(answer["hotspots"], start=1):
        place = ", ".join(f"{spot[k]:g}" for k in ("lon", "lat", "x", "y") if k in spot)
        hours = "–".join(f"{h:02d}" for h in spot["active_hours"])
        share = "-" if spot["coarse_share"] is None else f"{spot['coarse_share']:.0%}"
        print(
            f"{number:2d}  {place:<22} {spot['radius_m']:5d} m  {spot['increment']:13.1f}"
            f"  {hours:>9}  {share:>12}   {spot['p_value']:.1e}  {spot['name']['road']}{_source(spot)}"
        )
    for fault in answer["faulty_vehicles"]:
        says = fault["evidence"]
        print(f"{fault['vehicle_id']}: {fault['fault']} · {says['says']} / {says['says_en']}")
    counts: dict[str, int] = {}
    for row in answer["rejected"]:
        counts[row["reason"]] = counts.get(row["reason"], 0) + row["fixes"]
    if answer["roads"]:
        repairs = ", ".join(f"{k} {n}" for k, n in answer["roads"]["repairs"].items()) or "0"
        print(f"路网 / roads: {answer['roads']['km']:g} km; 修复与存疑 / repairs: {repairs}")
    for caveat in answer["caveats"]:
        print(f"注意 / note: {caveat['zh']} / {caveat['en']}")
    print("剔除 / rejected: " + (", ".join(f"{k} {n:,}" for k, n in counts.items()) or "0"))


def _source(spot: dict[str, Any]) -> str:
    """Return the most probable source, if sites were given."""
    if "sources" not in spot:
        return ""
    first = max(spot["sources"], key=lambda s: float(s["probability"]))
    if first["site_id"] is None:
        return f"  未登记 / unregistered {first['probability']:.0%}"
    return f"  {first['type']} {first['name'] or first['site_id']} {first['probability']:.0%}"


def add_bench_arguments(subparsers: Any) -> None:
    """Register ``hotspots DIR`` under ``bench``: score the survey on a fleet with truth."""
    verb = subparsers.add_parser(
        "hotspots", help="在带真值的车队数据上评测走航 / score the survey on a fleet with truth"
    )
    verb.add_argument(
        "folders", metavar="DIR", nargs="+",
        help="points, edges, stations, truth_hotspots, truth_transient_plumes, truth_vehicles, truth_points",
    )  # fmt: skip
    verb.add_argument("--json", action="store_true")
    verb.add_argument("--seed", type=int, default=1)
    verb.set_defaults(run=_bench)


def _bench(args: argparse.Namespace) -> int:
    from pathlib import Path

    rows = [(Path(folder).name, _scored(folder, args.seed)) for folder in args.folders]
    if args.json:
        print(json.dumps(dict(rows), ensure_ascii=False, allow_nan=False))
        return 0
    print(
        "folder            F1    hit/true  reported  error m  plumes  faults  wrongly  gains±5%  edges   matched/s  cpu s"
    )
    for name, row in rows:
        spots, faults = row["hotspots"], row["faults"]
        error = spots["median_error_m"]
        print(
            f"{name[:16]:16} {spots['f1']:5.3f}  {spots['hit']:4d}/{spots['true']:<4d}"
            f" {spots['reported']:8d}  {'-' if error is None else format(error, '.1f'):>7}"
            f"  {row['plumes']['reported']:2d}/{row['plumes']['met']:<3d}"
            f"  {faults['named']:2d}/{faults['true']:<3d}  {faults['wrongly']:7d}"
            f"  {_share(row['gains']['within_5_percent']):>8}  {_share(row['directed_edges']):>6}"
            f"  {row['matched_per_cpu_s']:9,d}  {row['cpu_seconds']:5.1f}"
        )
        if spots["missed"]:
            print(f"  漏 / missed: {', '.join(spots['missed'])}")
    return 0


def _share(value: float | None) -> str:
    return "-" if value is None else f"{value:.1%}"


def _scored(folder: str, seed: int) -> dict[str, Any]:
    """Survey a folder and score it; processor time, the files' reading apart."""
    from qingyuan.hotspots import read_points, read_stations, read_streets, survey
    from qingyuan.hotspots.bench import find_file, read_truth, score

    truth = read_truth(folder)
    paths = {name: find_file(folder, name) for name in ("points", "edges", "stations")}
    for name in ("points", "edges"):
        if paths[name] is None:
            raise Problem(
                "hotspots.no_part", folder=folder.rstrip("/").rpartition("/")[2], name=name
            )
    roads = read_streets(str(paths["edges"]))
    fixes, _ = read_points(str(paths["points"]), roads.plane, roads=roads.graph)
    stations = None if paths["stations"] is None else read_stations(paths["stations"], roads.plane)
    steps: list[tuple[str, float]] = []
    found = survey(
        fixes, roads.graph, stations=stations, seed=seed,
        told=lambda step: steps.append((step, time.process_time())),
    )  # fmt: skip
    steps.append(("end", time.process_time()))
    began = dict(steps)
    row = score(found, roads.graph, truth)
    row["cpu_seconds"] = round(began["end"] - steps[0][1], 1)
    row["matched_per_cpu_s"] = round(len(fixes) / max(began["passes"] - began["match"], 1e-9))
    return row
