"""The demo city measured from outside: starts, alarms, map, pages, the headless loop.

    python bench/demo/measure.py [--only starts,alarms,map,pages,headless] [--quick]

One city, in a folder of its own, is started twice; the rest is measured on the second start.
Prints one JSON object.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import alarms
import map_idle
import pages
from living import demo, environment_of

PARTS = ("starts", "alarms", "map", "pages", "headless")
GOAL_FIRST_S, GOAL_SECOND_S, GOAL_HEADLESS_S = 60.0, 15.0, 120.0


def main() -> None:
    """Measure what was asked for and print it."""
    call = argparse.ArgumentParser()
    call.add_argument("--only", default=",".join(PARTS), help="parts, separated by commas")
    call.add_argument("--quick", action="store_true", help="a tenth of the work, for a look")
    args = call.parse_args()
    wanted = set(args.only.split(","))
    told: dict[str, object] = {}
    if wanted & {"starts", "alarms", "map", "pages"}:
        with tempfile.TemporaryDirectory(prefix="qy-bench-") as name:
            told |= _in_one_city(environment_of(Path(name) / "demo"), wanted, quick=args.quick)
    if "headless" in wanted:
        told["headless"] = _guarded(_headless)
    print(json.dumps(told, ensure_ascii=False, indent=1))


def _guarded(deed: Callable[[], dict[str, object]]) -> dict[str, object]:
    """Keep the other parts when one fails; its reason is told in its place."""
    try:
        return deed()
    except Exception as fault:  # noqa: BLE001 -- a benchmark tells what went wrong and goes on
        return {"failed": f"{type(fault).__name__}: {fault}"}


def _in_one_city(
    environment: dict[str, str], wanted: set[str], *, quick: bool
) -> dict[str, object]:
    told: dict[str, object] = {}
    with demo(environment) as first:
        time.sleep(2.0)
    with demo(environment) as second:
        told["starts"] = {
            "first_s": round(first, 1), "goal_first_s": GOAL_FIRST_S,
            "second_s": round(second, 1), "goal_second_s": GOAL_SECOND_S,
            "meets_goal": first <= GOAL_FIRST_S and second <= GOAL_SECOND_S,
        }  # fmt: skip
        time.sleep(5.0)  # what the stations missed while the city was down has come in
        if "map" in wanted:
            told["map"] = _guarded(lambda: map_idle.measure(environment, rounds=2 if quick else 5))
        if "pages" in wanted:
            told["pages"] = _guarded(
                lambda: pages.measure(environment, seconds=5.0 if quick else 30.0)
            )
        # last: each alarm is traced, and the worker is busy with that for a while after
        if "alarms" in wanted:
            told["alarms"] = _guarded(
                lambda: alarms.measure(environment, alarms=6 if quick else 40)
            )
    return told


def _headless() -> dict[str, object]:
    """Run the whole loop without a screen, as ``qingyuan demo --headless`` does."""
    with tempfile.TemporaryDirectory(prefix="qy-bench-") as name:
        report = Path(name) / "report.json"
        done = subprocess.run(
            [sys.executable, "-m", "qingyuan.cli", "demo", "--headless", "--seed", "1",
             "--report", str(report)],
            env=environment_of(Path(name) / "unused"), capture_output=True, text=True, check=False,
        )  # fmt: skip
        row = json.loads(report.read_text("utf-8")) if report.exists() else {"ok": False}
    return {
        "ok": row["ok"] and done.returncode == 0,
        "seconds": row.get("seconds"),
        "culprit_rank": row.get("culprit_rank"),
        "stages_s": {s["name"]: s["seconds"] for s in row.get("stages", ())},
        "goal_s": GOAL_HEADLESS_S,
        "meets_goal": bool(row["ok"]) and row["seconds"] <= GOAL_HEADLESS_S,
    }


if __name__ == "__main__":
    main()
