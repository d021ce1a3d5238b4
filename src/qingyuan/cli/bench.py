"""``qingyuan bench``: how well a craft does on cases whose answer is known (评测)."""

from __future__ import annotations

import argparse

from qingyuan.cli import hotspots, trace

__all__ = ["add_arguments"]


def add_arguments(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add ``bench trace DIR`` and ``bench hotspots DIR``; speed is measured by ``make bench``."""
    bench = verbs.add_parser(
        "bench", help="评测：以已知答案衡量 / scores on cases whose answer is known"
    )
    kinds = bench.add_subparsers(dest="kind", metavar="KIND", required=True)
    trace.add_bench_arguments(kinds)
    hotspots.add_bench_arguments(kinds)
