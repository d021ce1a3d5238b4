"""Write docs/{zh,en}/benchmarks.md from ``bench/figures.json``; ``make bench`` runs it last.

    python bench/report.py [--check]

``--check`` writes nothing and tells whether the pages are those of the figures. Other arguments,
meant for `measure.py`, are ignored.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
DOCS = HERE.parent / "docs"
Row = tuple[str, str, str, str, str]  # what zh, what en, measured, beside it zh, beside it en

HEADS = {
    "zh": (
        "# 测量\n\n由 `bench/figures.json` 生成（`make bench`），请勿手改。同一台机器、同一次运行里并排比较；"
        "看比值，不看绝对值。测试里不计时。\n",
        "机器", "| 测什么 | 测得 | 目标或对照 |\n|---|---|---|\n", "测于", "用时", "起测时的系统负载",
        "没有测", "没有测成", "测量时机器正被别的工作占用：秒数偏大，请在空闲机器上重测。",
    ),
    "en": (
        "# Benchmarks\n\nPrinted from `bench/figures.json` (`make bench`); do not edit. Things are compared side "
        "by side, in one run on one machine; read the ratios rather than the seconds. No test is timed.\n",
        "Machine", "| what | measured | goal or beside it |\n|---|---|---|\n", "measured on", "took",
        "load of the machine at the start", "not measured", "could not be measured",
        "The machine was busy with other work: the seconds are too long; measure again when it is quiet.",
    ),
}  # fmt: skip
TITLES = {
    "demo": ("演示城市", "The demo city"),
    "hj212.parse": ("读报文", "Reading packets"),
    "hj212.gateway": ("接入应答", "The gateway's acknowledgements"),
    "store": ("观测库", "The store"),
    "scale": ("观测库变大时（docs/zh/scale.md）", "The store as it grows (docs/en/scale.md)"),
    "cases": ("十万件案件、一百万条办理记录", "A hundred thousand cases, a million deeds"),
    "exchange": ("导入五万行", "An import of 50,000 rows"),
    "air": ("空气：1,600 站一年的小时值", "Air: a year of hours of 1,600 stations"),
    "hotspots.matching": ("走航：地图匹配", "Mobile survey: map matching"),
    "hotspots.fleet": (
        "走航：热点与故障车辆（报告用种子未参与设计）",
        "Mobile survey: hot spots and faulty vehicles (seeds reported were not designed on)",
    ),
    "hotspots.day": ("走航：一天的数据", "Mobile survey: a fleet's day"),
    "trace": ("溯源（未参与设计的一半事件）", "Tracing (the half of the events not designed on)"),
}


def main() -> int:
    """Write both pages, or with ``--check`` say whether they are stale."""
    call = argparse.ArgumentParser()
    call.add_argument("--check", action="store_true")
    check = call.parse_known_args()[0].check
    path = HERE / "figures.json"
    if not path.exists():
        return 0  # nothing was measured yet
    figures = json.loads(path.read_text("utf-8"))
    stale = []
    for number, language in enumerate(("zh", "en")):
        page, text = DOCS / language / "benchmarks.md", page_of(figures, number, language)
        if check and (not page.exists() or page.read_text("utf-8") != text):
            stale.append(page.relative_to(DOCS.parent).as_posix())
        elif not check:
            page.write_text(text, "utf-8")
    for name in stale:
        print(f"{name}: 与 figures.json 不符，请运行 make bench / not as figures.json says")
    return 1 if stale else 0


def page_of(figures: dict[str, Any], number: int, language: str) -> str:
    """Return the page in one language."""
    head, machine, columns, on, took, load, skipped, failed, busy = HEADS[language]
    m = figures["machine"]
    parts = [
        head,
        f"{machine}: {m['cpu']}, {m['architecture']}, {m['cores']} × CPU, {m['memory_gb']} GB, "
        f"{m['system']}, Python {m['python']}\n",
    ]
    for name, title in TITLES.items():
        part = figures["parts"].get(name)
        if part is None:
            continue
        parts.append(f"## {title[number]}\n")
        if reason := part.get("skipped") or part.get("failed"):
            word = skipped if "skipped" in part else failed
            parts.append(f"{word}: {_cell(str(reason))}\n")
            continue
        parts.append(
            f"{on} {part['measured_on']}; {took} {part['took_s']:.0f} s; {load} {part['load_before']}\n"
        )
        if part["load_before"] > m["cores"]:
            parts.append(f"{busy}\n")
        if "note" in part:  # how figures were put together when they are not of one run
            parts.append(f"{part['note'][number]}\n")
        lines = [
            f"| {_cell(row[number])} | {row[2]} | {_cell(row[3 + number])} |"
            for row in ROWS[name](part)
        ]
        parts.append(columns + "\n".join(lines) + "\n")
    return "\n".join(parts)


def _cell(text: str) -> str:
    return text.replace("|", "&#124;").replace("\n", " ")


def _goal(text: str, met: bool) -> tuple[str, str]:
    return f"{text}：{'达到' if met else '未达到'}", f"{text}: {'met' if met else 'not met'}"


def _broken(part: dict[str, Any], zh: str, en: str) -> Iterator[Row]:
    """Yield the one row of a part that was skipped or failed."""
    reason = str(part.get("skipped") or part.get("failed"))[:160]
    yield zh, en, "—", reason, reason


def _demo(part: dict[str, Any]) -> Iterator[Row]:
    if starts := part.get("starts"):
        for which, zh, en in (
            ("first", "第一次启动到就绪", "first start until ready"),
            ("second", "第二次启动到就绪", "second start until ready"),
        ):
            measured, goal = starts[f"{which}_s"], starts[f"goal_{which}_s"]
            yield zh, en, f"{measured} s", *_goal(f"≤ {goal:.0f} s", measured <= goal)
    yield from _alarms(part.get("alarms", {}))
    yield from _map(part.get("map", {}))
    yield from _pages(part.get("pages", {}))
    if headless := part.get("headless"):
        if "failed" in headless:
            yield from _broken(headless, "无界面演示", "headless demo")
        else:
            yield (
                "无界面演示全程（四节点）", "headless demo, the whole loop (four nodes)",
                f"{headless['seconds']} s", *_goal(f"≤ {headless['goal_s']:.0f} s", headless["meets_goal"]),
            )  # fmt: skip


def _alarms(part: dict[str, Any]) -> Iterator[Row]:
    zh, en = "报文被接收 → 告警台看到", "packet accepted → seen on the alarm console"
    if not part or "failed" in part:
        if part:
            yield from _broken(part, zh, en)
        return
    screen, goal = part["packet_to_screen"], part["goal_p99_s"]
    n, lost = part["alarms"], part["never_seen"]
    many_zh, many_en = f"（{n} 次，漏 {lost} 次）", f" ({n} alarms, {lost} never seen)"
    if not screen["n"]:
        goal_zh, goal_en = _goal(f"≤ {goal:.0f} s", met=False)
        yield zh + many_zh, en + many_en, "—", goal_zh, goal_en
        return
    yield zh + "，p50" + many_zh, en + ", p50" + many_en, f"{screen['median_s']} s", *_look(part)
    yield (
        zh + "，p99",
        en + ", p99",
        f"{screen['p99_s']} s",
        *_goal(f"≤ {goal:.0f} s", part["meets_goal"]),
    )
    answer = part["packet_to_acknowledgement"]
    yield (
        "报文发出 → 应答 9014，p99", "packet sent → acknowledgement 9014, p99",
        f"{answer['p99_ms']} ms", "落盘之后才应答", "answered only after the disk has it",
    )  # fmt: skip


def _look(part: dict[str, Any]) -> tuple[str, str]:
    mean, every = part["mean_wait_for_the_next_look_s"], part["console_asks_every_s"]
    return (
        f"其中平均 {mean} s 是等页面下一次来问（每 {every:.0f} s 一次）",
        f"of which {mean} s on average wait for the page's next look (every {every:.0f} s)",
    )


def _map(part: dict[str, Any]) -> Iterator[Row]:
    if not part or "skipped" in part or "failed" in part:
        if part:
            yield from _broken(part, "地图静止", "map idle")
        return
    first, again = part["empty_cache"], part["again"]
    version = f"Chromium {part['chromium']}"
    yield (
        f"地图画完并静止，无显卡，空缓存，p95（{version}）",
        f"map drawn and idle, no GPU, empty cache, p95 ({version})",
        f"{first['p95_s']} s", *_goal(f"≤ {part['goal_s']:.0f} s", part["meets_goal"]),
    )  # fmt: skip
    yield "同上，第二次打开，p50", "the same, opened again, p50", f"{again['median_s']} s", "", ""


def _pages(part: dict[str, Any]) -> Iterator[Row]:
    if not part or "failed" in part:
        if part:
            yield from _broken(part, "页面", "pages")
        return
    names = {"workbench": ("工作台", "workbench"), "ledger": ("台账", "ledger")}
    modes = {
        "reading_a_second": ("每页看约 1 秒", "reading each page for a second"),
        "asking_at_once": ("不停地点", "asking again at once"),
        "alone": ("只有一人，不停地点", "one person alone, asking at once"),
    }
    for mode, said in modes.items():
        run = part[mode]
        people = 1 if mode == "alone" else part["people"]
        for page, called in names.items():
            if page not in run:
                continue
            times = run.get("times_a_trivial_page", {}).get(page)
            beside = (
                (f"空页的 {times} 倍", f"{times} × a trivial page") if times else ("", "")
            )  # fmt: skip
            if mode == "reading_a_second":
                goal = part["goal_p95_ms"]
                beside = _goal(f"≤ {goal:.0f} ms", run[page]["p95_ms"] <= goal)
            yield (
                f"{called[0]}，{part['cases']:,} 件案件，{people} 人，{said[0]}，p95",
                f"{called[1]}, {part['cases']:,} cases, {people} at once, {said[1]}, p95",
                f"{run[page]['p95_ms']} ms", *beside,
            )  # fmt: skip


def _parse(part: dict[str, Any]) -> Iterator[Row]:
    yield (
        "每秒报文数，一个核（拆包、校验、全部数据项）",
        "packets a second, one core (framing, checksum, every value)",
        f"{part['packets_per_s']:,}",
        *_goal(f"≥ {part['goal_packets_per_s']:,}", part["packets_per_s"] >= part["goal_packets_per_s"]),
    )  # fmt: skip
    yield (
        "一次 CRC", "one CRC", f"{part['crc_us']} µs",
        f"标准里的逐位循环的 1/{part['crc_times_faster_than_the_loop']}",
        f"1/{part['crc_times_faster_than_the_loop']} of the standard's own loop",
    )  # fmt: skip


def _gateway(part: dict[str, Any]) -> Iterator[Row]:
    yield (
        f"每秒应答数，{part['stations']} 个站点，落盘之后", f"acknowledged a second, {part['stations']} stations, after fsync",
        f"{part['acknowledged_per_s']:,}", "一个 3,000 站点的城市每分钟一包需要 50", "a city of 3,000 stations, a packet a minute, needs 50",
    )  # fmt: skip
    yield "等应答，p99", "wait for the answer, p99", f"{part['wait_ms_p99']} ms", "", ""
    yield (
        "入库行数 / 应有行数", "rows stored / rows expected",
        f"{part['rows_stored']:,} / {part['rows_expected']:,}", "", "",
    )  # fmt: skip


def _store(part: dict[str, Any]) -> Iterator[Row]:
    appends, means = part["appends"], part["means"]
    yield (
        f"提交 {appends['rows_each']} 行，p50", f"commit of {appends['rows_each']} rows, p50",
        f"{appends['append']['median_ms']} ms",
        f"直接写 Delta 的 {appends['ratio_to_delta_by_path']} 倍；只写 Parquet（不识别重发，无事务）的 {appends['ratio_to_bare_parquet']} 倍",
        f"{appends['ratio_to_delta_by_path']} × plain write_deltalake; {appends['ratio_to_bare_parquet']} × bare Parquet (no re-sends recognised, no transaction)",
    )  # fmt: skip
    yield (
        f"{means['rows']:,} 行的小时均值（审核标记、量程、更正、有效性）",
        f"hourly means of {means['rows']:,} rows (flags, ranges, corrections, validity)",
        f"{means['means']['median_ms']:,} ms",
        f"DuckDB SQL 的 {means['ratio_to_duckdb_sql']} 倍、pandas 的 {means['ratio_to_pandas']} 倍；那两种不审核、用二进制浮点",
        f"{means['ratio_to_duckdb_sql']} × DuckDB SQL, {means['ratio_to_pandas']} × pandas; those check nothing and use binary floats",
    )  # fmt: skip
    yield (
        "一个断面一项 90 天的小时均值（一张图）", "hourly means of one series over 90 days (a chart)",
        f"{means['one_series_90_days']['median_ms']} ms", "", "",
    )  # fmt: skip


def _scale(part: dict[str, Any]) -> Iterator[Row]:
    """Yield each size: what a row takes, and the hourly means of everything by engine."""
    for size in part["sizes"]:
        held, fixes = size["observations"], size["fixes"]
        yield (
            f"{held['rows']:,} 行，每行占盘", f"{held['rows']:,} rows, on disk each",
            f"{held['bytes_a_row']} B", f"走航点每行 {fixes['bytes_a_row']} B", f"a fix {fixes['bytes_a_row']} B",
        )  # fmt: skip
        for answer in size["answers"]:
            if answer["question"] not in ("all hours", "segments"):
                continue
            is_hours = answer["question"] == "all hours"
            n = (held if is_hours else fixes)["rows"]
            zh, en = ("全部小时均值", "hourly means of all") if is_hours else ("穿行与路段", "passes and segments")  # fmt: skip
            if "failed" in answer:
                yield from _broken(answer, f"{n:,} 行，{zh}，{answer['engine']}", f"{n:,} rows, {en}, {answer['engine']}")  # fmt: skip
                continue
            yield (
                f"{n:,} 行，{zh}，{answer['engine']}", f"{n:,} rows, {en}, {answer['engine']}",
                f"{answer['seconds']} s", f"处理器 {answer['cpu_s']} s，内存峰值 {answer['peak_mb']} MB",
                f"{answer['cpu_s']} s of CPU, {answer['peak_mb']} MB at most",
            )  # fmt: skip


def _cases(part: dict[str, Any]) -> Iterator[Row]:
    """Yield the processor time of a page, the slowest page of each kind, and the mixed load."""
    names = {
        "health": ("空页", "a trivial page"), "ledger": ("台账（各种筛选）", "ledger (every filter)"),
        "case": ("案件页", "case page"), "home": ("工作台", "workbench"),
        "statistics": ("统计", "statistics"), "search": ("搜索", "search"),
        "workbench": ("工作台", "workbench"),
    }  # fmt: skip
    costs = part.get("cost_ms", {})
    for kind, cost in costs.items():
        zh, en = names[kind]
        times = round(cost["web"] / max(costs["health"]["web"], 0.1), 1)
        yield (
            f"{zh}：一页的处理器时间，网页进程 + 数据库", f"{en}: CPU of a page, web + database",
            f"{cost['web']} + {cost['database']} ms", f"空页的 {times} 倍", f"{times} × a trivial page",
        )  # fmt: skip
    for kind in ("ledger", "workbench", "statistics"):
        if run := part.get(kind):
            slowest = max(run["slowest"].values())
            yield (
                f"{names[kind][0]}，最慢的一种问法", f"{names[kind][1]}, the slowest of what is asked",
                f"{slowest} ms", *_goal(f"≤ {run['goal_ms']:.0f} ms", run["over_goal"] == 0),
            )  # fmt: skip
    if mixed := part.get("mixed"):
        asked, answered = mixed["asked_per_s"], mixed["answered_per_s"]
        own = mixed["cores_used"]["asking"]
        yield (
            f"每秒 {asked:.0f} 页混合，p95（答出 {answered}；提问程序自己占 {own} 核）",
            f"{asked:.0f} mixed pages a second, p95 ({answered} answered; the asking itself took {own} cores)",
            f"{mixed['p95_ms']} ms",
            *_goal(f"≤ {mixed['goal_p95_ms']:.0f} ms", mixed["p95_ms"] <= mixed["goal_p95_ms"]),
        )  # fmt: skip


def _exchange(part: dict[str, Any]) -> Iterator[Row]:
    times = round(part["check_s"] / max(part["pandas_read_s"], 0.01), 1)
    yield (
        f"检查 {part['rows']:,} 行 {part['columns']} 列，列出 {part['faults']:,} 处错误并做出带错误列的工作簿",
        f"{part['rows']:,} rows of {part['columns']} columns checked, {part['faults']:,} faults listed, the workbook with them made",
        f"{part['check_s']} s", *_goal("≤ 30 s", part["check_s"] <= 30),
    )  # fmt: skip
    yield (
        "pandas 只读同一个文件（不检查、不比较）", "pandas reading the same file (nothing checked or compared)",
        f"{part['pandas_read_s']} s", f"本系统的全部检查是它的 {times} 倍", f"our whole check takes {times} × that",
    )  # fmt: skip


def _trace(part: dict[str, Any]) -> Iterator[Row]:
    half = part["even"]
    ours, simple = half["tracer"], half["simple"]
    for kind, key, zh, en in (
        ("one", "top1", "单一来源：真凶排第一", "one source: the true one first"),
        ("one", "top3", "单一来源：真凶在前三", "one source: the true one in the first three"),
        ("all", "cover90", "90 % 集合含真相", "the 90 % set holds the truth"),
        ("all", "size90", "90 % 集合的大小", "size of the 90 % set"),
        ("all", "ln_score", "真相的对数概率（越大越好）", "log probability of the truth (higher is better)"),
        ("one", "seconds_median", "一个事件的处理器秒数，中位", "CPU seconds of an event, median"),
    ):  # fmt: skip
        mine, other = ours[kind][key], simple[kind][key]
        yield zh, en, f"{mine:.3g}", f"简单方法 {other:.3g}", f"simple tracer {other:.3g}"


def _air(part: dict[str, Any]) -> Iterator[Row]:
    """Yield our time and memory, then each other script with what it gets wrong."""
    exact = part["contestants"]["exact"]
    met = exact["seconds"] <= part["goal_seconds"] and exact["peak_mb"] <= part["goal_mb"]
    yield (
        "读文件、日 AQI 与首要污染物、月综合指数、排名（精确）",
        "file to daily AQI, primaries, monthly index and rank, exact",
        f"{exact['seconds']} s（读 {exact['reading_seconds']} s，处理器 {exact['cpu_seconds']} s），{exact['peak_mb']} MB",
        *_goal("3 s, 1 GB", met),
    )
    yield (
        "新到一小时（全部站点）", "one new hour, every station",
        f"{exact['new_hour_ms']} ms",
        *_goal("50 ms", exact["new_hour_ms"] <= part["goal_hour_ms"]),
    )  # fmt: skip
    for name in ("pandas", "polars", "duckdb"):
        other = part["contestants"][name]
        if "seconds" not in other:
            yield name, name, "—", str(other["skipped"]), str(other["skipped"])
            continue
        wrong = other["wrong"]
        yield (
            f"{name} 脚本（二进制浮点）", f"a {name} script (binary floats)",
            f"{other['seconds']} s（处理器 {other['cpu_seconds']} s），{other['peak_mb']} MB",
            f"错误：AQI {wrong['aqi_percent']} %，首要污染物 {wrong['primary_percent']} %，月指数 {wrong['index_percent']} %，名次 {wrong['rank_percent']} %",
            f"wrong: AQI {wrong['aqi_percent']} %, primaries {wrong['primary_percent']} %, monthly index {wrong['index_percent']} %, rank {wrong['rank_percent']} %",
        )  # fmt: skip


def _matching(part: dict[str, Any]) -> Iterator[Row]:
    """Yield our matching, the journeys matched by hand, and each matcher beside ours."""
    goals, drawn, hand = part["goals"], part["drawn"], part["by_hand"]
    yield (
        "3 秒一点、10 m 误差（抽取的行程）", "fixes of 3 s with 10 m of error (journeys drawn)",
        f"{drawn['fixes_per_cpu_s']:,}/s，{drawn['directed_edges']:.1%}",
        *_goal("≥ 20,000/s，≥ 94 %", drawn["fixes_per_cpu_s"] >= goals["fixes_per_cpu_s"]
               and drawn["directed_edges"] >= goals["directed_edges"]),
    )  # fmt: skip
    yield (
        f"共享车队全部 {part['shared']['fixes']:,} 点", f"the shared fleet, all {part['shared']['fixes']:,} fixes",
        f"{part['shared']['fixes_per_cpu_s']:,}/s，{part['shared']['directed_edges']:.1%}",
        *_goal("≥ 20,000/s，≥ 94 %", part["shared"]["fixes_per_cpu_s"] >= goals["fixes_per_cpu_s"]
               and part["shared"]["directed_edges"] >= goals["directed_edges"]),
    )  # fmt: skip
    yield (
        f"人工匹配的 {hand['journeys']} 条行程，召回率、准确率", f"{hand['journeys']} journeys matched by hand, recall and precision",
        f"{hand['recall']:.1%}，{hand['precision']:.1%}",
        *_goal("≥ 97.4 %，≥ 95 %", hand["recall"] >= goals["recall"] and hand["precision"] >= goals["precision"]),
    )  # fmt: skip
    pairs = part["pairs"]
    mine = pairs["ours"]["fixes_per_cpu_s"]
    names = {"ours": ("本平台，只用位置", "ours, places only"), "ours_with_speed": ("本平台，连同速度", "ours, with speeds")}  # fmt: skip
    for name in ("ours", "ours_with_speed", "leuvenmapmatching", "mappymatch"):
        row, (zh, en) = pairs[name], names.get(name, (name, name))
        what = f"同样 {pairs['fixes']:,} 点：{zh}", f"the same {pairs['fixes']:,} fixes: {en}"
        if "skipped" in row:
            yield *what, "—", row["skipped"], row["skipped"]
            continue
        times = mine / row["fixes_per_cpu_s"]
        beside = (
            ("", "")
            if name in names
            else (f"本平台快 {times:.0f} 倍", f"ours is {times:.0f} times as fast")
        )
        yield *what, f"{row['fixes_per_cpu_s']:,}/s，{row['directed_edges']:.1%}", *beside


def _fleet(part: dict[str, Any]) -> Iterator[Row]:
    """Yield the shared fleet, then each kind of unseen fleets with mean and spread."""
    goals, own = part["goals"], part["shared"]
    spots, gains = own["hotspots"], own["gains"]["within_5_percent"]
    met = (
        spots["f1"] >= goals["f1_shared"] and not own["plumes"]["reported"]
        and own["faults"]["named"] == own["faults"]["true"] and gains >= goals["gains"]
        and spots["median_error_m"] <= goals["median_error_m"]
    )  # fmt: skip
    yield (
        "共享车队：F1、位置误差、误报烟团、故障（误判）、增益在 5 % 以内",
        "the shared fleet: F1, place error, plumes reported, faults named (wrongly), gains within 5 %",
        f"F1 {spots['f1']:.3f}, {spots['median_error_m']:.0f} m, {own['plumes']['reported']}/{own['plumes']['met']}, "
        f"{own['faults']['named']}/{own['faults']['true']} (+{own['faults']['wrongly']}), {gains:.0%}",
        *_goal("F1 ≥ 0.90, ≤ 60 m, 0/60, 3/3, ≥ 90 %", met),
    )  # fmt: skip
    kinds = {
        "plain": ("另写的生成器", "a generator written apart"),
        "humid": ("同上，清晨潮湿", "the same, mornings damp"),
        "rough": ("同上，定位误差持续、有脏的片区、时钟不齐", "the same, lasting position errors, a dirty quarter, clocks apart"),
    }  # fmt: skip
    for kind, (zh, en) in kinds.items():
        row = part[kind]
        n = row["seeds"][1] - row["seeds"][0] + 1
        f1, gain = row["f1"], row["gains_within_5_percent"]
        figures = (
            f"F1 {f1['mean']:.3f} ± {f1['sd']:.3f} (≥ {f1['least']:.3f}), {row['median_error_m']['mean']:.0f} m, "
            f"{row['plumes_reported']}/{row['plumes_met']}, {row['faults_named']}/{row['faults_true']} (+{row['faults_wrongly']}), {gain['mean']:.0%}"
        )
        met = f1["mean"] >= goals["f1_unseen"] and not row["plumes_reported"] and gain["mean"] >= goals["gains"]  # fmt: skip
        yield f"{zh}，{n} 个种子", f"{en}, {n} seeds", figures, *_goal("F1 ≥ 0.85, 0, ≥ 90 %", met)
        if "gains_common_error" in row:
            common, held = row["gains_common_error"], row["gains_covered_90"]["mean"]
            yield (
                f"{zh}：增益的共同误差；标明的 90 % 区间包含真值", f"{en}: the gains' common error; stated intervals of 90 % that hold the truth",
                f"{common['mean']:+.1%} ± {common['sd']:.1%} ({common['least']:+.1%} … {common['most']:+.1%}), {held:.0%}", "", "",
            )  # fmt: skip


def _day(part: dict[str, Any]) -> Iterator[Row]:
    """Yield time and memory of each size and how they grow."""
    for row in part["sizes"]:
        big = row["fixes"] >= part["goal_fixes"]
        goal = _goal("120 s CPU", row["cpu_seconds"] <= part["goal_seconds"]) if big else ("", "")
        yield (
            f"{row['taxis']} 辆车，{row['fixes']:,} 点（读文件到热点）", f"{row['taxis']} taxis, {row['fixes']:,} fixes, file to hot spots",
            f"CPU {row['cpu_seconds']} s，{row['wall_seconds']} s，{row['peak_mb']:,} MB", *goal,
        )  # fmt: skip
    if "times_the_cpu" in part:
        grown = f"× {part['times_the_cpu']} CPU，× {part['times_the_memory']} MB"
        times = part["times_the_fixes"]
        yield f"点数 × {times}", f"fixes × {times}", grown, "", ""


ROWS: dict[str, Callable[[dict[str, Any]], Iterator[Row]]] = {
    "demo": _demo,
    "hj212.parse": _parse,
    "hj212.gateway": _gateway,
    "store": _store,
    "scale": _scale,
    "cases": _cases,
    "exchange": _exchange,
    "air": _air,
    "trace": _trace,
    "hotspots.matching": _matching,
    "hotspots.fleet": _fleet,
    "hotspots.day": _day,
}

if __name__ == "__main__":
    sys.exit(main())
