"""The gateway (数据接入).

Room: an asyncio TCP server for field devices: journal, decode, acknowledge, commit to the store.
Knows: connections, registered devices and their policies, what is durable, what is committed.
Never knows: PostgreSQL, users, limits, cases; it runs while the platform is down.
Sources: HJ 212-2017 通讯流程; architecture.md §2, §3 and §4; hj212.md §6 and §7.
"""

from __future__ import annotations

import asyncio
import contextlib
import resource
import signal
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

__all__ = ["main"]


def main(folder: Path, bind: tuple[str, int], clock: Callable[[], datetime]) -> int:
    """Serve field devices until SIGTERM or SIGINT; return the exit code.

    Parameters
    ----------
    folder : Path
        The data folder.
    bind : tuple of str and int
        Host and port; port 0 lets the system choose (``store/connections.json`` tells which).
    clock : callable
        City time, aware: the time of receipt.

    Raises
    ------
    Problem
        ``gateway.port_in_use``, ``gateway.cannot_bind``, ``store.journal_in_use``.
    """
    from qingyuan.gateway.server import Gateway

    with contextlib.suppress(ValueError, OSError):  # a descriptor for each connection
        _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))

    async def serve() -> None:
        gateway = Gateway(folder, clock=clock)
        await gateway.start(bind)
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stop.set)
        await stop.wait()
        await gateway.stop()

    asyncio.run(serve())
    return 0
