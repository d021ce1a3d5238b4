"""``python -m qingyuan.gateway --data DIR --bind HOST:PORT``: the gateway as a process.

May be started several times on one folder, each on its own port (docs/en/gateway.md).
"""

from __future__ import annotations

import argparse
import logging
import os
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
    parser.add_argument("--tls-bind", type=_address, metavar="HOST:PORT",
                        help="加密端口 / address of the TLS port")  # fmt: skip
    parser.add_argument("--tls-cert", type=Path, help="证书（PEM）/ certificate")
    parser.add_argument("--tls-key", type=Path, help="私钥（PEM）/ its key")
    parser.add_argument("--keep-days", type=float, default=30.0,
                        help="流水保留天数 / days that the journal is kept")  # fmt: skip
    call = parser.parse_args()
    tls = (call.tls_bind, call.tls_cert, call.tls_key)
    if any(tls) and not all(tls):
        parser.error("--tls-bind, --tls-cert, --tls-key: all or none / 三项须同时给出")
    logging.basicConfig(stream=sys.stderr, level=logging.INFO, format="%(levelname)s %(message)s")
    from qingyuan.gateway.server import Options
    from qingyuan.host.citytime import CityClock

    options = Options(
        keep_days=call.keep_days,
        database_url=os.environ.get("DATABASE_URL", ""),
        tls=tls if all(tls) else None,
    )
    try:
        return main(call.data, call.bind, CityClock(call.data).now, options)
    except Problem as problem:
        logging.getLogger("qingyuan.gateway").error("gateway_not_started code=%s", problem.code)
        sys.stderr.write(f"{problem.zh}\n{problem.en}\n")
        return 1


if __name__ == "__main__":
    sys.exit(run())
