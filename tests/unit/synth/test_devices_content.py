"""Field stations without sockets: what they say, how they obey, whom a gateway must know."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest

from qingyuan import hj212
from qingyuan.cli import main
from qingyuan.gateway.devices import DevicesFile
from qingyuan.hj212 import Framer, Packet, parse, stamp
from qingyuan.hj212.tables import COMMANDS, commands_of
from qingyuan.synth.devices import DIALECTS, Content, Plan, device_rows, kind_of, written
from qingyuan.synth.devices.requests import History, Reply, Settings, respond

AT = datetime(2026, 9, 22, 1, tzinfo=UTC)
SECOND = int(AT.timestamp())
MN = "010000A8900016F000169DC0"


@pytest.mark.parametrize(
    ("dialect", "cn"),
    [
        (dialect, cn)
        for dialect in DIALECTS
        for cn in ("2011", "2051", "2061", "2031")
        if cn in commands_of(dialect)
    ],
)
def test_what_a_station_says_is_right_in_its_dialect(dialect: str, cn: str):
    plan = Plan(dialects=(dialect,), count=1)
    (row,) = device_rows(plan)
    content = Content(kind_of(dialect, factors=20), 1)
    said = list(
        content.packets(
            station=0, cn=cn, second=SECOND, mn=str(row["mn"]), pw="123456", qn_ms=SECOND * 1000
        )
    )
    packets = [parse(one.raw, dialect=dialect) for one in said]
    for packet, one in zip(packets, said, strict=True):
        assert packet.verdict == "valid"
        assert packet.reasons == ()
        assert packet.qn.encode() == one.qn
        assert parse(one.raw).dialect == dialect, "it is recognised too"
        assert packet.wants_answer
    assert sum(len(packet.readings) for packet in packets) == 20
    if len(packets) > 1:
        assert [(p.pno, p.pnum) for p in packets] == [
            (number + 1, len(packets)) for number in range(len(packets))
        ]


def test_the_same_seed_says_the_same_and_another_something_else():
    plan = Plan(count=3, rate=3, seconds=2, backfill_hours=1, seed=7)
    first = b"".join(written(plan, begin=SECOND))
    assert b"".join(written(plan, begin=SECOND)) == first
    other = Plan(count=3, rate=3, seconds=2, backfill_hours=1, seed=8)
    assert b"".join(written(other, begin=SECOND)) != first
    packets = [parse(event) for event in Framer().feed(first)]
    told = [(p.mn, p.cn, p.fields["DataTime"], p.pno) for p in packets]
    assert len(set(told)) == len(told) > 40
    assert len({(p.mn, p.qn) for p in packets}) == len(packets), "no number is used twice"


def test_2025_data_that_was_missed_says_so_and_is_encrypted_with_a_key():
    content = Content(kind_of("2025", factors=5), 1)
    key = hj212.Key(b"0123456789abcdef")
    (said,) = content.packets(
        station=0, cn="2061", second=SECOND, mn=MN, pw="123456", qn_ms=SECOND * 1000,
        resent=True, key=key,
    )  # fmt: skip
    assert parse(said.raw).reasons == ("cipher.no_key",)
    packet = parse(said.raw, key=key)
    assert (packet.verdict, packet.rf, len(packet.readings)) == ("valid", "1", 5)


def request(cn: str, area: str = "", *, flag: int = 5, pw: str = "123456", mn: str = MN) -> Packet:
    raw = hj212.request(cn=cn, mn=mn, st="32", pw=pw, qn="20260922090000000", area=area, flag=flag)
    return parse(raw)


def answers(packet: Packet, settings: Settings, dialect: str = "2017") -> list[str]:
    said, _ = respond(packet, dialect=dialect, st="32", mn=MN, settings=settings, now=AT)
    return [
        f"{(p := parse(one.raw)).cn} {p.area}" if isinstance(one, Reply) else one.cn for one in said
    ]


def test_a_station_refuses_what_is_not_for_it():
    settings = Settings("123456", 5, 3)
    assert answers(request("1011", pw="000000"), settings) == ["9011 QnRtn=3"]
    assert answers(request("1011", mn="0" * 24), settings) == ["9011 QnRtn=4"]
    assert answers(request("7777"), settings) == ["9011 QnRtn=8"]


def test_a_station_obeys():
    settings = Settings("123456", 5, 3)
    assert answers(request("1000", "OverTime=7;ReCount=2"), settings) == [
        "9011 QnRtn=1", "9012 ExeRtn=1",
    ]  # fmt: skip
    answers(request("1062", "RtdInterval=60"), settings)
    answers(request("1064", "MinInterval=5"), settings)
    answers(request("1012", f"SystemTime={stamp(AT + timedelta(hours=1))}"), settings)
    assert answers(request("2012"), settings) == ["9013 "]
    assert not settings.pushes
    answers(request("2011"), settings)
    answers(request("1072", "NewPW=654321"), settings)
    assert settings == Settings("654321", 7.0, 2, 3600.0, 60, 5, pushes=True)


def test_a_station_tells_what_it_is_asked():
    settings = Settings("123456", 5, 3)
    told = answers(request("1011"), settings)
    assert told == ["9011 QnRtn=1", f"1011 PolId=w01018;SystemTime={stamp(AT)}", "9012 ExeRtn=1"]
    assert answers(request("1061"), settings)[1] == "1061 RtdInterval=30"
    (_, history, *more, last) = answers(
        request("2061", f"BeginTime={stamp(AT - timedelta(hours=4))};EndTime={stamp(AT)}"), settings
    )
    assert {history, *more} == {"2061"}
    assert len(more) == 3, "the hour that has not ended yet is not told"
    assert last == "9012 ExeRtn=1"
    nothing = answers(
        request("2051", f"BeginTime={stamp(AT)};EndTime={stamp(AT + timedelta(hours=1))}"), settings
    )
    assert nothing == ["9011 QnRtn=1", "9012 ExeRtn=100"]


def test_days_begin_at_midnight_in_beijing():
    settings = Settings("123456", 5, 3)
    area = f"BeginTime={stamp(AT - timedelta(days=3))};EndTime={stamp(AT)}"
    said, result = respond(
        request("2031", area), dialect="2017", st="32", mn=MN, settings=settings, now=AT
    )
    days = [one.second for one in said if isinstance(one, History)]
    assert result == "history"
    assert [stamp(datetime.fromtimestamp(day, tz=UTC))[8:] for day in days] == ["000000"] * len(
        days
    )
    assert len(days) == 2


@pytest.mark.parametrize("dialect", DIALECTS)
def test_every_request_of_the_table_leads_to_its_end(dialect: str):
    for rows in COMMANDS.values():
        for row in rows:
            asked = row.direction in ("down", "both") and row.kind not in (
                "interaction",
                "extension",
            )
            if not asked or dialect not in row.versions.split():
                continue
            flag = hj212.dialect_of(dialect).sends << 2 | 1
            settings = Settings("123456", 5, 3)
            said, _ = respond(
                request(row.cn, "PolId=w01018", flag=flag),
                dialect=dialect, st="32", mn=MN, settings=settings, now=AT,
            )  # fmt: skip
            told = [parse(one.raw) for one in said if isinstance(one, Reply)]
            assert {packet.verdict for packet in told} == {"valid"}, row.cn
            end = "9013" if row.kind == "notify" else "9012"
            assert told[-1].cn == end, row.cn
            if "data" in row.flow and "BeginTime" not in row.area_down:
                assert row.cn in {packet.cn for packet in told}, row.cn


def test_the_list_of_devices_is_what_a_gateway_reads(tmp_path):
    path = tmp_path / "devices.json"
    call = ["synth", "devices", "--count", "4", "--dialect", "2005", "--dialect", "2025",
            "--deviation", "crc.modbus", "--deviation", "length.digits", "--key", "30" * 16,
            "--devices-json", str(path)]  # fmt: skip
    assert main(call) == 0
    assert json.loads(path.read_text("utf-8"))["version"] == 2
    file = DevicesFile(path)
    file.refresh()
    assert {device.dialect for device in file.devices.values()} == {"2005", "2025"}
    for device in file.devices.values():
        assert device.crc == {"standard", "modbus"}
        assert device.repairs == {"crc.modbus", "length.digits"}
        assert (device.key is not None) == (device.dialect == "2025")


def test_without_an_address_the_packets_are_written(capfdbinary):
    assert main(["synth", "devices", "--count", "2", "--rate", "2", "--seconds", "2"]) == 0
    out = capfdbinary.readouterr().out
    packets = [parse(event) for event in Framer().feed(out)]
    assert [packet.verdict for packet in packets] == ["valid"] * 4
    assert len({packet.mn for packet in packets}) == 2


@pytest.mark.parametrize(
    ("options", "code"),
    [
        (["--dialect", "2018"], "synth.unknown_name"),
        (["--deviation", "crc.nice"], "synth.unknown_name"),
        (["--key", "12"], "synth.bad_key"),
        (["--count", "0"], "synth.out_of_range"),
        (["--loss", "1"], "synth.out_of_range"),
    ],
)
def test_a_wrong_call_is_told_apart(options: list[str], code: str, capsys):
    assert main(["synth", "devices", *options]) != 0
    assert code in capsys.readouterr().err


def test_deviations_can_be_listed(capsys):
    assert main(["synth", "devices", "--deviation", "list"]) == 0
    assert "crc.modbus_swapped" in capsys.readouterr().out
