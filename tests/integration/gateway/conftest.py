"""A gateway on a free port."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from gateway_station import NOW, STATIONS
from qingyuan.gateway.server import Gateway

Open = Callable[..., AbstractAsyncContextManager[Gateway]]


@pytest.fixture
def open_gateway(tmp_path: Path) -> Open:
    """Start a gateway on ``tmp_path`` inside a running loop; stop it at the end."""

    @asynccontextmanager
    async def opened(**options: Any):
        gateway = Gateway(tmp_path, clock=lambda: NOW, commit_every=0.05, **options)
        await gateway.start(("127.0.0.1", 0))
        try:
            yield gateway
        finally:
            while STATIONS:
                await STATIONS.pop().close()
            await gateway.stop()

    return opened


@pytest.fixture
def run() -> Callable[[Coroutine[Any, Any, None]], None]:
    def running(scenario: Coroutine[Any, Any, None]) -> None:
        asyncio.run(asyncio.wait_for(scenario, 60))

    return running
