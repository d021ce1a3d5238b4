"""Run every comparison of this folder and keep the figures: ``make bench``.

    python bench/measure.py [--only demo,hj212.parse,…] [--quick] [--rows FILE]

Each script below runs in a process of its own and prints one JSON object; together, with the
machine named, they are printed and kept in ``bench/figures.json``, from which ``bench/report.py``
makes docs/{zh,en}/benchmarks.md. Parts not asked for keep the figures they had. Some 20 minutes, and as much again
or, on a busy machine, an hour for the store at 10⁸ rows (part ``scale``, 20 GB of disk).
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
FIGURES = HERE / "figures.json"
SHARED = Path(os.environ.get("QINGYUAN_SHARED", HERE.parents[1] / "shared")) / "data"
EVENTS = SHARED / "water" / "events"
TAXIS = SHARED / "air"
# part → script, its arguments, those for a quick look, the longest it may take (s)
PARTS: dict[str, tuple[str, list[str], list[str], int]] = {
    "demo": ("demo/measure.py", [], ["--quick"], 540),
    "hj212.parse": ("hj212/parse.py", [], [], 60),
    "hj212.gateway": ("hj212/gateway.py", ["100", "10"], ["20", "3"], 90),
    "store": ("store/observations.py", [], [], 120),
    "scale": (
        "scale/grow.py",
        ["--rows", "1e6,1e7,1e8", "--spark", "--worker-mb", "3072"],
        ["--rows", "1e6"],
        7200,
    ),
    "cases": ("cases/measure.py", [], ["--cases", "3000", "--seconds", "5"], 900),
    "exchange": ("exchange/fifty_thousand.py", [], ["--rows", "5000"], 120),
    "integrity": ("integrity/evaluate.py", ["--seeds", "16"], ["--seeds", "2"], 360),
    "air": ("air/year.py", [], ["--stations", "200"], 240),
    "trace": (
        "trace/compare.py",
        [str(EVENTS), "--half", "even", "--json"],
        [str(EVENTS), "--half", "even", "--json"],
        180,
    ),
    "hotspots.matching": (
        "hotspots/matching.py",
        [str(TAXIS)],
        [str(TAXIS), "--fixes", "1200"],
        360,
    ),
    "hotspots.fleet": ("hotspots/fleet.py", [str(TAXIS)], [str(TAXIS), "--quick"], 900),
    "hotspots.day": (
        "hotspots/day.py",
        [str(TAXIS / "synthetic_taxi_edges.csv.gz")],
        [str(TAXIS / "synthetic_taxi_edges.csv.gz"), "--taxis", "4"],
        360,
    ),
}


def main() -> int:
    """Measure, keep and print; 1 when a part failed."""
    call = argparse.ArgumentParser()
    call.add_argument("--only", default=",".join(PARTS), help="parts, separated by commas")
    call.add_argument("--rows", type=Path, help="rows of hotspots.fleet, when made in pieces")
    call.add_argument("--quick", action="store_true", help="a look, not a measurement; not kept")
    args = call.parse_args()
    kept = json.loads(FIGURES.read_text("utf-8")) if FIGURES.exists() else {}
    parts = dict(kept.get("parts", {}))
    wanted = [name for name in PARTS if name in args.only.split(",")]
    for name in wanted:
        print(f"bench: {name} …", file=sys.stderr, flush=True)
        more = ["--rows", str(args.rows)] if args.rows and name == "hotspots.fleet" else []
        parts[name] = _measure(name, more, quick=args.quick)
    told = {"machine": _machine(), "parts": parts}
    text = json.dumps(told, ensure_ascii=False, indent=1) + "\n"
    if not args.quick:
        FIGURES.write_text(text, "utf-8")
    print(text)
    return 1 if any("failed" in parts[name] for name in wanted) else 0


def _measure(name: str, more: list[str], *, quick: bool) -> dict[str, object]:
    script, arguments, fewer, longest = PARTS[name]
    if name == "trace" and not EVENTS.is_dir():
        return {"skipped": "no practice events beside the repository (QINGYUAN_SHARED)"}
    if name.startswith("hotspots") and not TAXIS.is_dir():
        return {"skipped": "no shared fleet beside the repository (QINGYUAN_SHARED)"}
    began, load = time.monotonic(), os.getloadavg()[0]
    try:
        done = subprocess.run(
            [sys.executable, str(HERE / script), *(fewer if quick else arguments), *more],
            capture_output=True, text=True, check=False, timeout=longest,
        )  # fmt: skip
        if done.returncode:
            return {"failed": (done.stderr or done.stdout).strip()[-600:]}
        figures: dict[str, object] = json.loads(done.stdout)
    except subprocess.TimeoutExpired:
        return {"failed": f"longer than {longest} s"}
    except ValueError:
        return {"failed": f"no JSON: {done.stdout[-300:]}"}
    return {
        "measured_on": time.strftime("%Y-%m-%d", time.gmtime()),
        "took_s": round(time.monotonic() - began, 1),
        "load_before": round(load, 1),
        **figures,
    }


def _machine() -> dict[str, object]:
    model = platform.processor() or platform.machine()
    memory = None
    if Path("/proc/cpuinfo").exists():
        for line in Path("/proc/cpuinfo").read_text("utf-8").splitlines():
            if line.startswith(("model name", "Model")):
                model = line.partition(":")[2].strip()
                break
        kilobytes = Path("/proc/meminfo").read_text("utf-8").split()[1]
        memory = round(int(kilobytes) / 1_048_576)
    return {
        "cpu": model,
        "architecture": platform.machine(),
        "cores": os.cpu_count(),
        "memory_gb": memory,
        "system": f"{platform.system()} {platform.release().split('-')[0]}",
        "python": platform.python_version(),
    }


if __name__ == "__main__":
    sys.exit(main())
