"""Field stations over real sockets, against a platform that answers as it is told to."""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from qingyuan import hj212
from qingyuan.cli import main
from qingyuan.hj212 import Frame, Framer, Noise, Packet, Sessions, Terms, parse, request_command
from qingyuan.synth.devices import DEVIATIONS, FieldStations, Plan, device_rows


def wall_clock() -> datetime:
    return datetime.fromtimestamp(time.time(), tz=UTC)


class Platform:
    """Answers uploads and asks what it is told to ask; remembers everything."""

    def __init__(self, answers: Callable[[Packet], bool] = lambda packet: True) -> None:
        self.packets: list[Packet] = []
        self.noise = 0
        self.connections = 0
        self.ended: list[str] = []
        self._answers = answers
        self._asking: list[Packet] = []
        self._sessions = Sessions(Terms(overtime=timedelta(seconds=2)))

    def ask(self, cn: str, area: str = "", *, st: str = "32", flag: int = 5) -> None:
        """Ask the first station that is heard."""
        qn = f"2026092209000{len(self._asking):04d}"
        self._asking.append(Packet(qn, st, cn, "123456", "", flag, None, None, "", area))

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        framer = Framer()
        try:
            while data := await reader.read(65_536):
                for event in (*framer.feed(data), *framer.settle()):
                    if isinstance(event, Noise):
                        self.noise += len(event.raw)
                        continue
                    self._hear(event, writer, wall_clock())
        except ConnectionError:
            pass
        finally:
            writer.close()

    def _hear(self, event: Frame, writer: asyncio.StreamWriter, at: datetime) -> None:
        packet = parse(event)
        self.packets.append(packet)
        if not self._answers(packet):
            return
        said = self._sessions.hear(packet, at=at)
        if self._asking and packet.cn == "2011":
            asked = self._asking.pop(0)
            asked = Packet(asked.qn, asked.st, asked.cn, asked.pw, packet.mn, asked.flag, None, None, "", asked.area)  # fmt: skip
            said += self._sessions.ask(asked, at=at)
        for one in said:
            if isinstance(one, hj212.Send):
                writer.write(one.raw)
            elif isinstance(one, hj212.Ended):
                self.ended.append(f"{one.request.packet.cn} {one.outcome}")


def play(plan: Plan, platform: Platform) -> dict[str, object]:
    async def run() -> dict[str, object]:
        server = await asyncio.start_server(platform.serve, "127.0.0.1", 0)
        async with server:
            port = server.sockets[0].getsockname()[1]
            return await asyncio.wait_for(FieldStations(plan).run("127.0.0.1", port), 30)

    return asyncio.run(run())


@pytest.mark.parametrize("dialect", ["2005", "2017", "2025", "surface-water"])
def test_every_packet_is_sent_once_and_acknowledged(dialect: str):
    platform = Platform()
    report = play(Plan(dialects=(dialect,), count=20, rate=400, seconds=0.5), platform)
    assert report["made"] == report["acknowledged"] == len(platform.packets) == 200
    assert (report["resends"], report["reconnects"], report["waiting"]) == (0, 0, 0)
    assert {p.dialect for p in platform.packets} == {dialect}
    assert {p.verdict for p in platform.packets} == {"valid"}
    keys = {(p.mn, p.fields["DataTime"]) for p in platform.packets}
    assert len(keys) == 200, "no station says the same second twice"
    assert report["latency_ms"]["p99"] > 0


def test_a_station_waits_for_each_answer_before_it_goes_on():
    """附录C.48: with answers wanted, the next packet follows the 9014."""
    platform = Platform(answers=lambda packet: False)
    plan = Plan(count=3, rate=60, seconds=0.4, overtime_s=0.15, recount=1)
    report = play(plan, platform)
    first = Counter((p.mn, p.qn) for p in platform.packets)
    assert len(first) == 3, "each is still at its first packet"
    assert min(first.values()) >= 2, "which it sends again"
    assert report["reconnects"] >= 3, "and after too many tries on a new link"
    assert report["waiting"] == report["made"]


def test_what_was_lost_is_sent_again_until_it_arrives():
    platform = Platform()
    plan = Plan(count=5, rate=50, seconds=1, loss=0.2, overtime_s=0.1, recount=8)
    report = play(plan, platform)
    assert report["acknowledged"] == 50
    assert report["resends"] > 0
    assert len({(p.mn, p.fields["DataTime"]) for p in platform.packets}) == 50


def test_a_storm_breaks_every_link_and_nothing_is_lost():
    platform = Platform()
    report = play(Plan(count=20, rate=200, seconds=1, storm_s=0.3, overtime_s=1), platform)
    assert report["reconnects"] >= 40
    assert report["acknowledged"] == 200
    assert len({(p.mn, p.fields["DataTime"]) for p in platform.packets}) == 200


def test_history_is_owed_at_the_start_and_live_data_goes_first():
    platform = Platform()
    plan = Plan(count=2, rate=10, seconds=0.5, backfill_hours=24, factors=3)
    report = play(plan, platform)
    cns = Counter(p.cn for p in platform.packets)
    assert cns["2051"] == 2 * 144
    assert cns["2061"] in (2 * 23, 2 * 24)
    assert cns["2011"] == 5
    assert report["backfill_acknowledged"] == cns["2051"] + cns["2061"]


def test_requests_are_answered_and_dialogues_end():
    platform = Platform()
    now = wall_clock()
    spell = f"BeginTime={hj212.stamp(now - timedelta(hours=3))};EndTime={hj212.stamp(now)}"
    for cn, area in (("1011", ""), ("1012", f"SystemTime={hj212.stamp(now)}"), ("2061", spell),
                     ("2051", spell), ("2022", ""), ("3012", "PolId=w01018"),
                     ("3020", "PolId=w01018;InfoId=i12001")):  # fmt: skip
        assert request_command(cn) is not None
        platform.ask(cn, area)
    report = play(Plan(count=1, rate=20, seconds=1), platform)
    assert report["requests"] == 7
    assert sorted(platform.ended) == [
        "1011 done", "1012 done", "2022 done", "2051 done", "2061 done", "3012 done", "3020 done",
    ]  # fmt: skip
    assert Counter(p.cn for p in platform.packets)["2051"] >= 17
    assert report["waiting"] == 0


def test_a_forwarder_a_spare_logger_and_cut_frames():
    platform = Platform()
    names = ("link.several_devices", "frame.cut", "frame.foreign")
    report = play(Plan(count=40, rate=200, seconds=0.5, deviations=names), platform)
    assert platform.connections == 21, "twenty behind one forwarder, twenty that cut their frames"
    assert report["acknowledged"] == 100
    assert platform.noise > 0
    platform = Platform()
    play(Plan(count=2, rate=20, seconds=0.5, deviations=("link.several_links",)), platform)
    assert platform.connections == 4
    assert len(platform.packets) > 10


def test_all_deviations_at_once_do_not_stop_the_good_half():
    platform = Platform()
    plan = Plan(dialects=("2005", "2017", "2025", "surface-water"), count=40, rate=160, seconds=0.5,
                deviations=tuple(DEVIATIONS), share=0.5, overtime_s=0.2, recount=1)  # fmt: skip
    report = play(plan, platform)
    good = [row["mn"] for n, row in enumerate(device_rows(plan)) if not plan.deviates(n)]
    heard = Counter(p.mn for p in platform.packets)
    assert len(good) == 20
    assert all(heard[mn] == 2 for mn in good)
    assert report["acknowledged"] >= 40


@pytest.mark.parametrize(
    ("name", "seen"),
    [("repeat.same", 2), ("answer.deaf", 3), ("answer.insists", 1), ("qn.missing", 1)],
)
def test_manners_that_make_packets_come_again(name: str, seen: int):
    platform = Platform(answers=lambda packet: True)
    plan = Plan(count=1, rate=2, seconds=0.5, deviations=(name,), overtime_s=0.1, recount=2)
    play(plan, platform)
    times = Counter(p.fields["DataTime"] for p in platform.packets)
    assert max(times.values()) >= seen


def test_a_packet_nobody_can_believe_does_not_stop_its_station():
    platform = Platform()
    plan = Plan(count=1, rate=8, seconds=0.5, deviations=("crc.unknown", "tail.lf"),
                overtime_s=0.05, recount=1)  # fmt: skip
    report = play(plan, platform)
    assert report["unanswered"] == 2
    assert report["acknowledged"] == 2


def test_the_verb_plays_and_reports(tmp_path, capsys):
    """Two commands: the list of devices, then the stations."""

    async def run() -> tuple[int, Platform]:
        platform = Platform()
        server = await asyncio.start_server(platform.serve, "127.0.0.1", 0)
        async with server:
            port = server.sockets[0].getsockname()[1]
            call = ["synth", "devices", "--to", f"127.0.0.1:{port}", "--count", "3", "--rate", "30",
                    "--seconds", "0.5", "--json"]  # fmt: skip
            process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "qingyuan.cli", *call, stdout=asyncio.subprocess.PIPE
            )
            out, _ = await process.communicate()
            told.append(json.loads(out))
            return process.returncode or 0, platform

    told: list[dict[str, object]] = []
    code, platform = asyncio.run(run())
    assert code == 0
    assert told[0]["acknowledged"] == len(platform.packets) == 15
    assert main(["synth", "devices", "--deviation", "list"]) == 0
    assert "§6.19" in capsys.readouterr().out
