"""Recall by kind of tampering, and false alarms per station-month, of the data-quality checks.

    python bench/integrity/evaluate.py [--seeds 60] [--first 1000] [--bits] [--shared DIR]

Seeds 1–60 set the thresholds (``--bits`` prints what honest stations reach there); the figures are
of seeds from 1000 on, each 90 days of an invented monitor: 60 of past, 30 inspected, as 2 windows
ending two days apart would be folded. One JSON object on standard output.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections import Counter, defaultdict
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np
from stations import DAYS, METHODS, Monitor, make_monitor, tamper

from qingyuan.core.periods import Period
from qingyuan.readings.intake import is_valid_flag
from qingyuan.readings.integrity import Doubt, ManualSample, Rules, Series, Site, inspect, rules_at

BEGAN = datetime(2026, 6, 1, tzinfo=UTC)
WINDOW = 30 * 24


def site_of(monitor: Monitor) -> Site:
    """Return a monitor as the checks take it."""
    first = int(BEGAN.timestamp())
    series = {}
    for code, values in monitor.values.items():
        usable = np.array([is_valid_flag(f) for f in monitor.flags[code]])
        series[code] = Series(
            code, first, 3600, np.where(usable, values, np.nan),
            tuple(t if ok else "" for t, ok in zip(monitor.texts[code], usable, strict=True)),
            tuple(monitor.flags[code]),
        )  # fmt: skip
    at = lambda hour: BEGAN + timedelta(hours=hour)  # noqa: E731 -- a word of this function
    return Site(
        "outfall:X",
        series,
        slice(DAYS * 24 - WINDOW, DAYS * 24),
        limits=monitor.limits,
        stops=[Period(at(a), at(b)) for a, b in monitor.stops],
        manual=[ManualSample(at(hour), code, value) for hour, code, value in monitor.manual],
    )


def hit(doubts: list[Doubt], code: str, hours: tuple[int, int]) -> set[str]:
    """Return the kinds that point at the right factor and overlap the right hours."""
    wanted = Period(BEGAN + timedelta(hours=hours[0]), BEGAN + timedelta(hours=hours[1] + 12))
    return {
        d.kind
        for d in doubts
        if (d.factor == code or code in d.others) and d.period.overlaps(wanted)
    }


def real_series(shared: Path, rules: Rules) -> dict[str, object]:
    """Run the checks on eight real stations of Beijing air: what they tell there is mostly false."""
    import pyarrow.parquet as pq

    path = shared / "air" / "beijing_prsa_8sites_2013_2017.parquet"
    if not path.exists():
        return {"skipped": "no shared data"}
    frame = pq.read_table(path).to_pandas()
    codes = {"PM2.5": "a34004", "PM10": "a34002", "SO2": "a21026", "NO2": "a21004", "O3": "a05024"}
    found, months = Counter[str](), 0
    stations = sorted(frame["station"].unique())
    for station in stations:
        rows = frame[frame["station"] == station].sort_values(["year", "month", "day", "hour"])
        columns = {code: rows[name].to_numpy(float) for name, code in codes.items()}
        for start in range(0, len(rows) - 90 * 24 + 1, 120 * 24):
            cut = slice(start, start + 90 * 24)
            series = {
                code: Series(code, int(BEGAN.timestamp()), 3600, values[cut].copy())
                for code, values in columns.items()
            }
            months += 1
            site = Site(f"air:{station}", series, slice(60 * 24, 90 * 24))
            found.update(d.kind for d in inspect(site, rules=rules))
    return {
        "source": "Beijing PRSA hourly, 8 stations, 2013-2017 (UCI)",
        "station_months": months,
        "told_per_station_month": round(sum(found.values()) / max(1, months), 3),
        "by_kind": dict(found),
    }


def main() -> int:
    """Evaluate, and print."""
    call = argparse.ArgumentParser()
    call.add_argument("--seeds", type=int, default=60)
    call.add_argument("--first", type=int, default=1000)
    call.add_argument("--bits", action="store_true", help="what honest stations reach, by kind")
    call.add_argument("--shared", type=Path, default=Path(__file__).parents[3] / "shared" / "data")
    args = call.parse_args()
    rules = rules_at(date(2026, 8, 1))
    seeds = range(args.first, args.first + args.seeds)
    if args.bits:
        return tell_bits(rules, seeds)
    began = time.monotonic()
    false, stations_told = Counter[str](), 0
    for seed in seeds:
        told = inspect(site_of(make_monitor(seed)), rules=rules)
        false.update(d.kind for d in told)
        stations_told += bool(told)
    recall: dict[str, dict[str, object]] = {}
    for method in METHODS:
        hits, by = 0, Counter[str]()
        for seed in seeds:
            monitor, code, hours = tamper(seed, method)
            kinds = hit(inspect(site_of(monitor), rules=rules), code, hours)
            hits += bool(kinds)
            by.update(kinds)
        recall[method] = {"recall": round(hits / len(seeds), 3), "by": dict(by.most_common())}
        print(method, recall[method], file=sys.stderr, flush=True)
    runs = len(seeds) * (1 + len(METHODS))
    told = {
        "station_months": len(seeds),
        "false_alarms_per_station_month": round(sum(false.values()) / len(seeds), 3),
        "stations_with_any": stations_told,
        "false_by_kind": dict(false),
        "recall": recall,
        "seconds_per_station": round((time.monotonic() - began) / runs, 3),
        "real_air": real_series(args.shared, rules),
    }
    print(json.dumps(told, ensure_ascii=False, indent=1))
    return 0


def tell_bits(rules: Rules, seeds: range) -> int:
    """Print what honest stations reach by themselves, to set ``needed_bits``."""
    checks = {kind: {**rule, "needed_bits": 0.0} for kind, rule in rules.checks.items()}
    reached = defaultdict[str, list[float]](list)
    for seed in seeds:
        for doubt in inspect(site_of(make_monitor(seed)), rules=replace(rules, checks=checks)):
            reached[doubt.kind].append(doubt.bits)
    for kind, bits in sorted(reached.items()):
        top = sorted(bits, reverse=True)[:8]
        print(f"{kind:10} n={len(bits):4} top {[round(b, 1) for b in top]}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
