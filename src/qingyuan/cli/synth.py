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
    from qingyuan.synth.devices import Plan

__all__ = ["add_arguments", "address"]

_SIZES = {"demo": "demo", "four-nodes": "four_nodes"}


def add_arguments(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add ``synth city``, ``packets``, ``devices`` and ``truth``."""
    synth = subparsers.add_parser("synth", help="虚拟城市 / an invented city and its world")
    deeds = synth.add_subparsers(dest="deed", required=True, metavar="DEED")
    city = deeds.add_parser("city", help="生成虚构城市包 / write an invented city folder")
    city.add_argument("--seed", type=int, default=1, metavar="N")
    city.add_argument("--out", type=Path, required=True, metavar="DIR")
    city.set_defaults(run=_city)
    packets = deeds.add_parser(
        "packets",
        help="写出虚拟城市各站点的报文 / write the packets the city's stations would send",
    )
    _world_arguments(packets)
    packets.add_argument("--hours", type=float, default=1.0, help="时长 / length (1)")
    packets.add_argument(
        "--every", type=int, default=600, metavar="S", help="间隔秒 / spacing (600)"
    )
    packets.add_argument(
        "--out", default="-", metavar="FILE", help="“-”为标准输出，.gz 则压缩 / - is stdout"
    )
    packets.set_defaults(run=_packets)
    _add_devices(deeds)
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


def _add_devices(deeds: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    devices = deeds.add_parser(
        "devices",
        help="现场机群：向网关发送，遵守应答 / field stations that speak to a gateway and heed it",
        description="无 --to 时把报文写到标准输出；--devices-json 写出网关接受它们所需的设备清单。 / "
        "Without --to the packets go to standard output; --devices-json writes the list a gateway "
        "needs to accept them.",
    )
    add = devices.add_argument
    add("--to", type=address, metavar="HOST:PORT", help="网关 / the gateway")
    add(
        "--dialect",
        action="append",
        metavar="NAME",
        help="2005、2017、2025、surface-water；可重复，轮流使用 / may be repeated (2017)",
    )
    add("--count", type=int, default=10, metavar="N", help="站点数 / stations (10)")
    add(
        "--rate",
        type=float,
        default=10.0,
        metavar="R",
        help="每秒实时包总数 / live packets a second, all together (10)",
    )
    add(
        "--seconds",
        type=float,
        default=60.0,
        metavar="S",
        help="时长，0 为不停 / 0 never ends (60)",
    )
    add("--factors", type=int, default=20, metavar="K", help="每包因子数 / factors a packet (20)")
    add(
        "--deviation",
        action="append",
        default=[],
        metavar="NAME",
        help="偏差，可重复；all 为全部，list 列出 / may be repeated; all, or list to see them",
    )
    add("--share", type=float, default=1.0, help="有偏差的站点比例 / share that deviates (1)")
    add("--loss", type=float, default=0.0, help="丢包比例 / share of packets lost (0)")
    add(
        "--storm",
        type=float,
        default=0.0,
        metavar="S",
        help="每隔几秒全部断线重连 / all reconnect every S seconds",
    )
    add(
        "--backfill-hours",
        type=float,
        default=0.0,
        metavar="H",
        help="开始时补传几小时历史 / hours of history owed at the start",
    )
    add("--no-answer", action="store_true", help="不要求应答（附录C.47）/ ask for no answers")
    add("--overtime", type=float, default=5.0, metavar="S", help="应答超时 / timeout (5)")
    add("--recount", type=int, default=3, metavar="N", help="重发次数 / re-sends (3)")
    add(
        "--window",
        type=int,
        default=1,
        metavar="N",
        help="每站最多几包未应答 / packets a station sends ahead of answers (1)",
    )
    add("--key", default="", metavar="HEX", help="SM4 密钥，用于 2025 / SM4 key for 2025")
    add("--seed", type=int, default=1, metavar="N")
    add(
        "--devices-json", type=Path, metavar="FILE", help="写出设备清单 / write the list of devices"
    )
    add("--json", action="store_true", help="报告为 JSON / the report as JSON")
    devices.set_defaults(run=_devices)


def address(text: str) -> tuple[str, int]:
    """Read HOST:PORT."""
    host, _, port = text.rpartition(":")
    if not host or not port.isdigit() or int(port) > 65535:
        raise argparse.ArgumentTypeError("HOST:PORT")
    return host.strip("[]"), int(port)


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


def _packets(call: argparse.Namespace) -> int:
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


def _devices(call: argparse.Namespace) -> int:
    from qingyuan.synth.devices import DEVIATIONS

    if "list" in call.deviation:
        for one in DEVIATIONS.values():
            print(f"{one.name:<26}§6.{one.point:<4}{one.zh} / {one.en}")
        return 0
    plan = _plan(call)
    if call.devices_json:
        _write_devices(call.devices_json, plan)
        if not call.to:
            return 0
    if not call.to:
        return _write_packets(plan)
    return _play(call, plan)


def _plan(call: argparse.Namespace) -> Plan:
    from qingyuan.core.problems import Problem
    from qingyuan.synth.devices import DEVIATIONS, DIALECTS, Plan

    dialects = tuple(call.dialect or ["2017"])
    every = list(DEVIATIONS) if "all" in call.deviation else call.deviation
    for given, known in ((dialects, DIALECTS), (every, tuple(DEVIATIONS))):
        for name in given:
            if name not in known:
                raise Problem("synth.unknown_name", given=name, known=", ".join(known))
    if call.key and (len(call.key) != 32 or set(call.key.lower()) - set("0123456789abcdef")):
        raise Problem("synth.bad_key", given=str(len(call.key)))
    for name, low, high in (("count", 1, 1_000_000), ("rate", 0, 1e6), ("factors", 1, 500),
                            ("share", 0, 1), ("loss", 0, 0.95), ("window", 1, 1000)):  # fmt: skip
        if not low <= getattr(call, name) <= high:
            raise Problem("synth.out_of_range", name=name, low=str(low), high=str(high))
    return Plan(
        dialects=dialects, count=call.count, rate=call.rate, seconds=call.seconds,
        factors=call.factors, deviations=tuple(dict.fromkeys(every)), share=call.share,
        loss=call.loss, storm_s=call.storm, backfill_hours=call.backfill_hours,
        answer=not call.no_answer, overtime_s=call.overtime, recount=call.recount,
        window=call.window, key=call.key, seed=call.seed,
    )  # fmt: skip


def _write_devices(path: Path, plan: Plan) -> None:
    """Write ``devices.json`` as the registry publishes it: whole or not at all."""
    from qingyuan.gateway.devices import canonical_sha256
    from qingyuan.synth.devices import device_rows

    rows = list(device_rows(plan))
    said = {
        "version": 2,
        "published_at": datetime.now(UTC).isoformat(),  # noqa: TID251 -- the edge
        "sha256": canonical_sha256(rows),
        "devices": rows,
    }
    part = path.with_name(path.name + ".part")
    part.write_text(json.dumps(said, ensure_ascii=False), "utf-8")
    part.replace(path)


def _write_packets(plan: Plan) -> int:
    """Write what the stations would send, without anybody listening."""
    from qingyuan.synth.devices import written

    out = sys.stdout.buffer
    for raw in written(plan, begin=int(datetime.now(UTC).timestamp())):  # noqa: TID251 -- the edge
        out.write(raw)
    out.flush()
    return 0


def _play(call: argparse.Namespace, plan: Plan) -> int:
    import asyncio
    import resource
    import signal

    from qingyuan.cli.progress import Progress
    from qingyuan.synth.devices import FieldStations

    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))  # a descriptor for each station

    async def play() -> dict[str, object]:
        stop = asyncio.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
        with Progress("数据包 / packets") as shown:
            told = 0

            def step(sent: int) -> None:
                nonlocal told
                for _ in range(sent - told):
                    shown.step()
                told = sent

            return await FieldStations(plan).run(*call.to, stop=stop, progress=step)

    report = asyncio.run(play())
    if call.json:
        print(json.dumps(report, ensure_ascii=False))
    else:
        _print_report(report)
    return 0 if report["sent"] and not report["waiting"] and not report["unanswered"] else 1


def _print_report(report: dict[str, object]) -> None:
    late = report["latency_ms"]
    assert isinstance(late, dict)
    print(
        f"站点 stations {report['stations']} · 发送 sent {report['sent']} · 已应答 acknowledged "
        f"{report['acknowledged']} · 等待 waiting {report['waiting']} · 重发 re-sent "
        f"{report['resends']} · 重连 reconnected {report['reconnects']}\n"
        f"应答用时 latency ms: 中位 median {late['median']} · p95 {late['p95']} · p99 {late['p99']} "
        f"· 最大 max {late['max']} · {report['acknowledged_per_s']} 包/秒 packets/s"
    )


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
