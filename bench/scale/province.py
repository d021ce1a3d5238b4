"""A province on paper: volumes, partitions, nodes and money, from measured bytes a row and seconds.

    python bench/scale/province.py [--check]

Reads ``scale`` of ``bench/figures.json`` and writes the tables between the marks of
docs/{zh,en}/scale.md. What is assumed stands in the tables; what was measured says so.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
DOCS = HERE.parents[1] / "docs"
DAYS = 365
CITIES, STATIONS, VEHICLES = 16, 20_000, 5_000
FACTORS, EVERY_S, ON_ROAD_S, FIX_S = 6, 600, 14 * 3600, 3
KEPT_YEARS, COPIES, DISK_CNY_GB_MONTH = 3, 2, 0.6
NODE_CORES, NODE_CNY_MONTH = 8, 2500.0
MATCHED_A_SECOND = 20_000  # map matching, the goal of bench/hotspots; not measured here
HOURS_WINDOW_S = 600.0  # a day's hours of everything, with its completeness, in ten minutes


def largest(figures: dict[str, Any], engine: str, question: str) -> tuple[dict[str, Any], dict[str, Any]] | None:  # fmt: skip
    """Return the largest size that answered a question, and its answer."""
    found = [
        (size, answer)
        for size in figures["sizes"]
        for answer in size["answers"]
        if (answer["engine"], answer["question"]) == (engine, question) and "seconds" in answer
    ]
    return max(found, key=lambda pair: pair[0]["rows"]) if found else None


def volumes(figures: dict[str, Any]) -> dict[str, float]:
    """Compute rows, bytes and machines of the province from what was measured."""
    biggest = max(figures["sizes"], key=lambda size: size["rows"])
    readings_day = STATIONS * FACTORS * 86_400 / EVERY_S
    fixes_day = VEHICLES * ON_ROAD_S / FIX_S
    per_row, per_fix = biggest["observations"]["bytes_a_row"], biggest["fixes"]["bytes_a_row"]
    hours, spots = largest(figures, "duckdb", "all hours"), largest(figures, "duckdb", "segments")
    assert hours is not None
    assert spots is not None
    hour_rate = hours[0]["observations"]["rows"] / hours[1]["cpu_s"]
    fix_rate = spots[0]["fixes"]["rows"] / spots[1]["cpu_s"]
    cpu_day = readings_day / hour_rate + fixes_day / fix_rate
    matching = fixes_day / MATCHED_A_SECOND
    year_gb = DAYS * (readings_day * per_row + fixes_day * per_fix) / 1e9
    disk_gb = year_gb * KEPT_YEARS * COPIES
    cores = max(1.0, (cpu_day + matching) / HOURS_WINDOW_S)
    nodes = max(3, -(-int(cores + 1) // NODE_CORES))
    return {
        "readings_day": readings_day, "fixes_day": fixes_day, "per_row": per_row, "per_fix": per_fix,
        "readings_gb_day": readings_day * per_row / 1e9, "fixes_gb_day": fixes_day * per_fix / 1e9,
        "year_gb": year_gb, "disk_gb": disk_gb, "hour_rate": hour_rate, "fix_rate": fix_rate,
        "cpu_day": cpu_day, "matching": matching, "cores": cores, "nodes": nodes, "partitions": CITIES * DAYS * 2,
        "day_mb": max(readings_day * per_row, fixes_day * per_fix) / CITIES / 1e6,
        "disk_cny": disk_gb * DISK_CNY_GB_MONTH, "nodes_cny": nodes * NODE_CNY_MONTH,
        "year_rows": DAYS * (readings_day + fixes_day),
    }  # fmt: skip


def province(v: dict[str, float], zh: bool) -> str:
    """Return the table of the province."""
    rows = [
        ("监测数据，一天", "readings, a day", f"{v['readings_day'] / 1e6:,.1f} M {'行' if zh else 'rows'}, {v['readings_gb_day']:,.2f} GB",
         f"{STATIONS:,} 站 × {FACTORS} 项 × 每 {EVERY_S // 60} 分钟；实测 {v['per_row']} B/行",
         f"{STATIONS:,} stations × {FACTORS} factors, every {EVERY_S // 60} min; measured {v['per_row']} B a row"),
        ("走航定位点，一天", "fixes, a day", f"{v['fixes_day'] / 1e6:,.1f} M {'行' if zh else 'rows'}, {v['fixes_gb_day']:,.2f} GB",
         f"{VEHICLES:,} 辆 × {ON_ROAD_S // 3600} 小时，每 {FIX_S} 秒一点；实测 {v['per_fix']} B/行",
         f"{VEHICLES:,} vehicles × {ON_ROAD_S // 3600} h, one every {FIX_S} s; measured {v['per_fix']} B a row"),
        ("一年", "a year", f"{v['year_rows'] / 1e9:,.1f} G {'行' if zh else 'rows'}, {v['year_gb'] / 1000:,.2f} TB", "压缩后", "compressed"),
        ("分区", "partitions", f"{v['partitions']:,}/{'年' if zh else 'year'}", f"{CITIES} 市各一库、按日、两张表；每分区最大 {v['day_mb']:,.0f} MB",
         f"{CITIES} cities with a store each, by day, two tables; {v['day_mb']:,.0f} MB at most in one"),
        (f"磁盘，{KEPT_YEARS} 年 × {COPIES} 份", f"disk, {KEPT_YEARS} years × {COPIES} copies", f"{v['disk_gb'] / 1000:,.1f} TB",
         f"假设对象存储 {DISK_CNY_GB_MONTH} 元/GB·月：{v['disk_cny']:,.0f} 元/月", f"assumed CNY {DISK_CNY_GB_MONTH} a GB and month: CNY {v['disk_cny']:,.0f} a month"),
        ("一天的小时值与路段，处理器时间", "a day's hours and segments, CPU", f"{v['cpu_day'] / 60:,.1f} min",
         f"实测 {v['hour_rate'] / 1e6:,.2f} M 行/核秒、{v['fix_rate'] / 1e6:,.2f} M 点/核秒",
         f"measured {v['hour_rate'] / 1e6:,.2f} M rows and {v['fix_rate'] / 1e6:,.2f} M fixes a core second"),
        ("一天的地图匹配，处理器时间", "a day's map matching, CPU", f"{v['matching'] / 60:,.0f} min",
         f"按每核秒 {MATCHED_A_SECOND:,} 点的目标，不是这里测的", f"at the goal of {MATCHED_A_SECOND:,} fixes a core second, not measured here"),
        (f"{HOURS_WINDOW_S / 60:.0f} 分钟内算完要的核", f"cores to do it within {HOURS_WINDOW_S / 60:.0f} min", f"{v['cores']:,.1f}", "线性外推，不含空闲余量", "linear, nothing spare"),
        ("节点", "nodes", f"{v['nodes']:.0f} × {NODE_CORES} {'核' if zh else 'cores'}",
         f"至少 3 个，坏一个还能算；假设 {NODE_CNY_MONTH:,.0f} 元/月·个：{v['nodes_cny']:,.0f} 元/月",
         f"3 at least, one may fail; assumed CNY {NODE_CNY_MONTH:,.0f} each a month: CNY {v['nodes_cny']:,.0f} a month"),
    ]  # fmt: skip
    head = "| 项 | 数 | 来历 |" if zh else "| what | figure | from |"
    return "\n".join([head, "|---|---|---|", *(f"| {r[0] if zh else r[1]} | {r[2]} | {r[3] if zh else r[4]} |" for r in rows)])  # fmt: skip


def growth(figures: dict[str, Any], zh: bool) -> str:
    """Return the table of what was measured: a line for a size, engine and question."""
    said = {
        "all hours": ("全部小时均值", "hourly means of everything"),
        "one day": ("一天的日均值", "one day's daily means"),
        "month of one station": ("一个站全期小时值", "all hours of one station"),
        "segments": ("穿行与路段", "passes and segments"),
    }
    lines = [
        "| 行数 | 问题 | 引擎 | 秒 | 处理器秒 | 内存峰值 MB | 别人占的核 |" if zh else "| rows | question | engine | seconds | CPU seconds | peak MB | cores others took |",
        "|---:|---|---|---:|---:|---:|---:|",
    ]  # fmt: skip
    for size in figures["sizes"]:
        for answer in size["answers"]:
            what = said[answer["question"]][0 if zh else 1]
            rows = size["fixes" if answer["question"] == "segments" else "observations"]["rows"]
            told = (
                f"{answer['seconds']:,.2f} | {answer['cpu_s']:,.2f} | {answer['peak_mb']:,} | {answer['others_cores']}"
                if "seconds" in answer
                else f"{'未完成' if zh else 'not finished'} | — | — | —"
            )
            lines.append(f"| {rows:,} | {what} | {answer['engine']} | {told} |")
    return "\n".join(lines)


def page(text: str, name: str, table: str) -> str:
    """Put a table between its marks."""
    begin, end = f"<!-- {name} -->", f"<!-- /{name} -->"
    before, _, rest = text.partition(begin)
    return f"{before}{begin}\n{table}\n{end}{rest.partition(end)[2]}"


def main() -> int:
    """Write both pages, or with ``--check`` say whether they are stale."""
    call = argparse.ArgumentParser()
    call.add_argument("--check", action="store_true")
    check = call.parse_args().check
    figures = json.loads((HERE.parent / "figures.json").read_text("utf-8"))["parts"].get("scale")
    if figures is None:
        return 0
    stale = False
    for language in ("zh", "en"):
        path = DOCS / language / "scale.md"
        text = path.read_text("utf-8")
        new = page(text, "growth", growth(figures, language == "zh"))
        new = page(new, "province", province(volumes(figures), language == "zh"))
        stale |= new != text
        if not check:
            path.write_text(new, "utf-8")
    return 1 if check and stale else 0


if __name__ == "__main__":
    sys.exit(main())
