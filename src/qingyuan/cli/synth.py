"""``qingyuan synth``: an invented city, its devices, its packets, its history (虚拟城市)."""

from __future__ import annotations

import argparse
import gzip
import json
import sys
from contextlib import AbstractContextManager, nullcontext
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

if TYPE_CHECKING:
    from qingyuan.cities import City

__all__ = ["add_arguments"]

_SIZES = {"demo": "demo", "four-nodes": "four_nodes"}


def add_arguments(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add ``synth city``, ``synth devices`` and ``synth truth``."""
    synth = subparsers.add_parser("synth", help="虚拟城市 / an invented city and its world")
    deeds = synth.add_subparsers(dest="deed", required=True, metavar="DEED")
    city = deeds.add_parser("city", help="生成虚构城市包 / write an invented city folder")
    city.add_argument("--seed", type=int, default=1, metavar="N")
    city.add_argument("--out", type=Path, required=True, metavar="DIR")
    city.set_defaults(run=_city)
    devices = deeds.add_parser(
        "devices", help="写出各站点的 HJ 212 报文 / write the packets its devices would send"
    )
    _world_arguments(devices)
    devices.add_argument("--hours", type=float, default=1.0, help="时长 / length (1)")
    devices.add_argument(
        "--every", type=int, default=600, metavar="S", help="间隔秒 / spacing (600)"
    )
    devices.add_argument(
        "--out", default="-", metavar="FILE", help="“-”为标准输出，.gz 则压缩 / - is stdout"
    )
    devices.set_defaults(run=_devices)
    truth = deeds.add_parser(
        "truth", help="列出该种子下的真实排放事件 / what truly happens for a seed"
    )
    _world_arguments(truth)
    truth.set_defaults(run=_truth)


def _world_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--seed", type=int, default=1, metavar="N")
    parser.add_argument("--size", choices=sorted(_SIZES), default="four-nodes")
    parser.add_argument(
        "--city", type=Path, metavar="DIR", help="自己的城市包 / a city folder of one's own"
    )
    parser.add_argument(
        "--start",
        type=datetime.fromisoformat,
        metavar="ISO",
        help="起点，缺省为城市起始时刻 / start",
    )


def _read(call: argparse.Namespace) -> tuple[City, datetime]:
    from qingyuan.cities import read_city, shipped_city
    from qingyuan.core.periods import CITY_TZ
    from qingyuan.core.problems import Problem

    city = read_city(call.city or shipped_city(_SIZES[call.size]))
    start = call.start or city.epoch
    if start is None:
        raise Problem("synth.no_start", city=city.name)
    return city, start if start.tzinfo else start.replace(tzinfo=CITY_TZ)


def _city(call: argparse.Namespace) -> int:
    from qingyuan.synth.geography import write_city

    for path in write_city(call.out, seed=call.seed):
        print(path)
    return 0


def _devices(call: argparse.Namespace) -> int:
    from qingyuan import synth
    from qingyuan.cli.progress import Progress
    from qingyuan.synth.packets import realtime_packet

    city, start = _read(call)
    planned = synth.incidents(city, seed=call.seed, epoch=start, past=False)
    world = synth.World(city, seed=call.seed, start=start, releases=[i.release for i in planned])
    first = -(-int(start.timestamp()) // call.every) * call.every
    stop = (start + timedelta(hours=call.hours)).timestamp()
    with _out(call.out) as out:
        for second in Progress("时刻 / instants").over(range(first, int(stop), call.every)):
            at = datetime.fromtimestamp(second, tz=UTC)
            world.advance(at)
            for device in city.devices:
                packet = realtime_packet(world, device, at) if device.active else None
                if packet:
                    out.write(packet)
    return 0


def _out(name: str) -> AbstractContextManager[BinaryIO]:
    if name == "-":
        return nullcontext(sys.stdout.buffer)
    if name.endswith(".gz"):
        return gzip.open(name, "wb")  # type: ignore[return-value]  # writes bytes like any other file
    return Path(name).open("wb")


def _truth(call: argparse.Namespace) -> int:
    from qingyuan import synth

    city, start = _read(call)
    for incident in synth.incidents(city, seed=call.seed, epoch=start):
        row = {
            "role": incident.role,
            "section": incident.section_id,
            "factor": incident.factor,
            "limit": incident.limit,
            "crosses": incident.crosses.isoformat(),
            **incident.release.as_truth(),
        }
        print(json.dumps(row, ensure_ascii=False, allow_nan=False))
    return 0
