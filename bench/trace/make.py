"""Write invented events as folders, with truth and probe, to judge a tracer by.

    python bench/trace/make.py DIR [--first 1001] [--count 40] [--size small|middle|large] [--kind one]

Seeds 1–999 were looked at while the tracer was made; report on 1001 and above.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import io
from pathlib import Path

from happen import KINDS, Happening, happen

from qingyuan.river import write_event


def main() -> None:
    """Write the events asked for."""
    call = argparse.ArgumentParser()
    call.add_argument("folder", type=Path)
    call.add_argument("--first", type=int, default=1001)
    call.add_argument("--count", type=int, default=40)
    call.add_argument("--size", choices=("", "small", "middle", "large"), default="")
    call.add_argument("--kind", choices=("", *KINDS), default="")
    args = call.parse_args()
    for seed in range(args.first, args.first + args.count):
        write(happen(seed, size=args.size, kind=args.kind), args.folder / f"world-{seed:05d}")


def write(found: Happening, folder: Path) -> None:
    """Write one event folder with ``truth.toml`` and, where water can be sampled, ``probe.csv.gz``."""
    write_event(found.event, folder)
    truth = found.truth
    if truth.kind == "none":
        text = f'outfall_id = "none"\ncause = "{truth.cause}"\n'
    else:
        several = truth.kind == "several"

        def told(values: list[str]) -> str:
            return f"[{', '.join(values)}]" if several else values[0]

        lines = [
            f"outfall_id = {told([_quote(o) for o in truth.outfalls])}",
            f"release_start = {told([_quote(t.isoformat()) for t in truth.release_start])}",
            f"duration_h = {told([f'{d:.4g}' for d in truth.duration_h])}",
            f"flow_m3_s = {told([f'{q:.5g}' for q in truth.flow_m3_s])}",
            f'cause = "{truth.cause}"',
        ]
        for outfall, strength in (truth.concentration or {}).items():
            lines += ["", f"[concentration.{outfall}]" if several else "[concentration]"]
            lines += [f"{code} = {value:.5g}" for code, value in strength.items()]
        text = "\n".join(lines) + "\n"
    (folder / "truth.toml").write_text(text, "utf-8")
    if found.probe is None:
        return
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["reach_id", "position_m", "time", "factor", "value"])
    for (reach, position, factor), (times, values) in sorted(found.probe.series.items()):
        for time, value in zip(times, values, strict=True):
            writer.writerow([reach, position, time.isoformat(), factor, value])
    (folder / "probe.csv.gz").write_bytes(gzip.compress(out.getvalue().encode(), mtime=0))


def _quote(text: str) -> str:
    return f'"{text}"'


if __name__ == "__main__":
    main()
