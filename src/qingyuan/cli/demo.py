"""``qingyuan demo``: the demo city, at the screen or headless."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

__all__ = ["add_arguments"]


def add_arguments(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add ``demo``."""
    demo = verbs.add_parser("demo", help="演示城市 / the demo city")
    demo.add_argument(
        "--headless",
        action="store_true",
        help="无界面走完全程并退出 / the whole loop without a screen, then exit",
    )
    demo.add_argument("--seed", type=int, default=1, metavar="N", help="种子 / seed (1)")
    demo.add_argument(
        "--size",
        choices=("four-nodes", "demo"),
        help="城市大小：有界面默认 demo，无界面默认 four-nodes / size of the city",
    )
    demo.add_argument(
        "--report",
        type=Path,
        metavar="F",
        help="把结果写到文件 / write the report to a file (headless)",
    )
    demo.set_defaults(run=_run)


def _run(call: argparse.Namespace) -> int:
    if call.headless:
        from qingyuan.demo.headless import run_headless

        return run_headless(size=call.size or "four-nodes", seed=call.seed, report=call.report)
    from qingyuan.demo.running import run_demo

    os.environ.setdefault("QINGYUAN_DATA", str(Path("var/demo").absolute()))
    return run_demo(size=call.size or "demo", seed=call.seed)
