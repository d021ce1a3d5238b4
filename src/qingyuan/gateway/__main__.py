"""``python -m qingyuan.gateway --data DIR --bind HOST:PORT``: the gateway as a process."""

from __future__ import annotations

import argparse
import logging
import sys
from pathlib import Path

from qingyuan.core.problems import Problem
from qingyuan.gateway import main


def _address(text: str) -> tuple[str, int]:
    host, _, port = text.rpartition(":")
    if not host or not port.isdigit() or int(port) > 65535:
        raise argparse.ArgumentTypeError("HOST:PORT")
    return host.strip("[]"), int(port)


def run() -> int:
    """Read the arguments and serve; a Problem is said in both languages and ends with 1."""
    parser = argparse.ArgumentParser(prog="python -m qingyuan.gateway")
    parser.add_argument("--data", type=Path, required=True, help="数据目录 / data folder")
    parser.add_argument("--bind", type=_address, default=("127.0.0.1", 8212), metavar="HOST:PORT")
    call = parser.parse_args()
    logging.basicConfig(stream=sys.stderr, level=logging.INFO, format="%(levelname)s %(message)s")
    from qingyuan.host.citytime import CityClock

    try:
        return main(call.data, call.bind, CityClock(call.data).now)
    except Problem as problem:
        logging.getLogger("qingyuan.gateway").error("gateway_not_started code=%s", problem.code)
        sys.stderr.write(f"{problem.zh}\n{problem.en}\n")
        return 1


if __name__ == "__main__":
    sys.exit(run())
