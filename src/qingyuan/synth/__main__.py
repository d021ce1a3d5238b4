"""``python -m qingyuan.synth``: the virtual city as a process, sending to a gateway."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import signal
import sys
from datetime import timedelta
from pathlib import Path

from qingyuan.cities import read_city, shipped_city
from qingyuan.core.problems import Problem, Problems
from qingyuan.synth.culprits import incidents
from qingyuan.synth.stations import Fleet
from qingyuan.synth.world import World

SIZES = {"demo": "demo", "four-nodes": "four_nodes"}


def _address(text: str) -> tuple[str, int]:
    host, _, port = text.rpartition(":")
    if not host or not port.isdigit() or int(port) > 65535:
        raise argparse.ArgumentTypeError("HOST:PORT")
    return host.strip("[]"), int(port)


def run() -> int:
    """Read the arguments, start the world at city time and send until told to stop."""
    parser = argparse.ArgumentParser(prog="python -m qingyuan.synth")
    parser.add_argument("--data", type=Path, required=True, help="数据目录 / data folder")
    parser.add_argument("--gateway", type=_address, required=True, metavar="HOST:PORT")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--size", choices=sorted(SIZES), default="demo")
    call = parser.parse_args()
    try:
        fleet = _fleet(call.data, size=call.size, seed=call.seed)
    except (Problem, Problems) as problem:
        sys.stderr.write(f"{problem}\n")
        return 1
    asyncio.run(_until_stopped(fleet, *call.gateway))
    return 0


def _fleet(data: Path, *, size: str, seed: int) -> Fleet:
    from qingyuan.host.citytime import CityClock

    city = read_city(shipped_city(SIZES[size]))
    clock = CityClock(data)
    now = clock.now()
    epoch = city.epoch or now
    state = data / "run" / "world.json"
    state.parent.mkdir(parents=True, exist_ok=True)
    planned = incidents(city, seed=seed, epoch=epoch, past=False)
    since = max(epoch, now - timedelta(days=7)) if epoch <= now else now
    world = World(city, seed=seed, start=since, releases=[i.release for i in planned])
    return Fleet(world, city.devices, now=clock.now, since=since, state=state)


async def _until_stopped(fleet: Fleet, host: str, port: int) -> None:
    task = asyncio.create_task(fleet.run(host, port))
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, task.cancel)
    with contextlib.suppress(asyncio.CancelledError):
        await task


if __name__ == "__main__":
    sys.exit(run())
