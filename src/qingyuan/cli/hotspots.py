"""``qingyuan hotspots``: dust hot spots, faulty vehicles and gains of a taxi fleet (走航热点)."""

from __future__ import annotations

import argparse
import json
import sys
import time
from typing import Any

from qingyuan.core.problems import Problem, Problems

__all__ = ["add_arguments"]

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
    verb.add_argument("--roads", required=True, metavar="EDGES", help="有向路段 / directed edges")
    verb.add_argument("--stations", metavar="CSV", help="固定站小时值 / hourly means of stations")
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
    from qingyuan.hotspots import answer_of, read_points, read_roads, read_stations, survey

    start = time.perf_counter()

    def told(step: str) -> None:
        print(f"{_STEPS[step]} · {time.perf_counter() - start:.0f} s", file=sys.stderr, flush=True)

    told("read")
    graph, plane = read_roads(args.roads)
    fixes, missing = read_points(args.points, plane)
    stations = read_stations(args.stations, plane) if args.stations else None
    found = survey(fixes, graph, stations=stations, seed=args.seed, told=told)
    answer = answer_of(found, graph, plane, missing=missing)
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
            f"  {hours:>9}  {share:>12}   {spot['p_value']:.1e}  {spot['name']['road']}"
        )
    for fault in answer["faulty_vehicles"]:
        says = fault["evidence"]
        print(f"{fault['vehicle_id']}: {fault['fault']} · {says['says']} / {says['says_en']}")
    counts: dict[str, int] = {}
    for row in answer["rejected"]:
        counts[row["reason"]] = counts.get(row["reason"], 0) + row["fixes"]
    print("剔除 / rejected: " + (", ".join(f"{k} {n:,}" for k, n in counts.items()) or "0"))
