"""Compare the tracer with the simple one on a folder of events with truth, half by half.

    python bench/trace/compare.py DIR [--seed N] [--half odd|even] [--json]

The tracer was designed on the odd half; the even half is what it says of the unseen.
"""

from __future__ import annotations

import argparse
import json
import platform
import resource
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from baseline import baseline

from qingyuan.river import Event, Trace, read_event, trace
from qingyuan.river.bench import Score, read_truth, score, summarise


def main() -> None:
    """Print both tracers' figures side by side."""
    call = argparse.ArgumentParser()
    call.add_argument("folder", type=Path)
    call.add_argument("--seed", type=int, default=1)
    call.add_argument("--half", choices=("odd", "even", "both"), default="both")
    call.add_argument("--json", action="store_true", help="one JSON object instead of a table")
    args = call.parse_args()
    told: dict[str, object] = {}
    folders = sorted(p.parent for p in args.folder.glob("*/truth.toml"))
    if not args.json:
        print(f"{platform.machine()} · {platform.system()} · Python {platform.python_version()}")
    for half, chosen in (("odd (design)", folders[::2]), ("even (report)", folders[1::2])):
        if args.half not in (half.split()[0], "both"):
            continue
        ours: list[Score] = []
        simple: list[Score] = []
        for folder in chosen:
            event, truth = read_event(folder), read_truth(folder)
            ours.append(
                score(_timed(lambda e: trace(e, seed=args.seed), event), truth, event=event)
            )
            simple.append(score(_timed(baseline, event), truth, event=event))
        mine, theirs = summarise(ours), summarise(simple)
        told[half.split()[0]] = {"events": len(chosen), "tracer": mine, "simple": theirs}
        if args.json:
            continue
        print(f"\n{half}: {len(chosen)} events")
        for kind, figures in mine.items():
            print(f"  {kind}")
            for name, value in figures.items():
                other = theirs[kind].get(name)
                print(f"    {name:18} {value:8.3g}   simple {_shown(other)}")
    if args.json:
        print(json.dumps(told, ensure_ascii=False))


def _timed(run: Callable[[Event], Trace], event: Event) -> Trace:
    start = time.process_time()
    answer = run(event)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return replace(answer, seconds=time.process_time() - start, peak_mb=peak)


def _shown(value: float | None) -> str:
    return "-" if value is None else f"{value:.3g}"


if __name__ == "__main__":
    main()
