"""The gateway (数据接入).

Room: an asyncio TCP server for field devices: journal, decode, acknowledge, commit to the store.
Knows: connections, registered devices and their policies, what is durable, what is committed.
Never knows: PostgreSQL, users, limits, cases; it runs while the platform is down.
Sources: HJ 212-2017 通讯流程; architecture.md §2, §3 and §4; hj212.md §6 and §7.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import resource
import signal
import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from qingyuan.gateway.server import Options

__all__ = ["main"]

_SWITCH_S = 0.002  # how long the committing thread may keep the others waiting


def main(
    folder: Path,
    bind: tuple[str, int],
    clock: Callable[[], datetime],
    options: Options | None = None,
) -> int:
    """Serve field devices until SIGTERM or SIGINT; return the exit code.

    Parameters
    ----------
    folder : Path
        The data folder.
    bind : tuple of str and int
        Host and port; port 0 lets the system choose (``store/connections.json`` tells which).
    clock : callable
        City time, aware: the time of receipt.
    options : Options, optional
        TLS port, outbox, how long the journal is kept.

    Raises
    ------
    Problem
        ``gateway.port_in_use``, ``gateway.cannot_bind``, ``gateway.no_certificate``.
    """
    with contextlib.suppress(ValueError, OSError):  # a descriptor for each connection
        _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    from qingyuan.gateway.server import Gateway

    # Packets are trees, freed by counting references; looking for cycles among them costs a third.
    gc.freeze()
    gc.set_threshold(100_000, 50, 100)
    sys.setswitchinterval(_SWITCH_S)

    async def serve() -> None:
        gateway = Gateway(folder, clock=clock, options=options)
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stop.set)
        await gateway.start(bind)
        await stop.wait()
        await gateway.stop()

    asyncio.run(serve())
    return 0
