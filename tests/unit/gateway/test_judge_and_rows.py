"""What becomes of a packet, and which rows it makes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from ipaddress import ip_network

import pytest

from qingyuan import hj212
from qingyuan.core.problems import messages_of
from qingyuan.gateway.devices import Device
from qingyuan.gateway.flood import Flood
from qingyuan.gateway.judge import judge
from qingyuan.gateway.manners import Manners
from qingyuan.gateway.rows import Observed, quarantine_row
from qingyuan.gateway.session import Session
from qingyuan.hj212 import DEVIATIONS, Framer, Noise
from qingyuan.store.journal import Position

MN = "A370299000000000000S0101"
AT = datetime(2026, 9, 22, 0, 30, tzinfo=UTC)


def registered(**policy) -> dict[str, Device]:
    return {MN: Device(mn=MN, station="section:S01", password="123456", **policy)}


def raw(cn: str = "2061", *, data_time: datetime = AT - timedelta(hours=2), flag: int = 5) -> bytes:
    values = {
        "w21003": {"Avg": "0.350", "Max": "0.41", "Flag": "N"},
        "w01018": {"Avg": "-", "SampleTime": "20260922080000"},
    }
    return hj212.upload(
        cn=cn, mn=MN, st="21", pw="123456", qn=AT, data_time=data_time, values=values, flag=flag
    )


def judged(data: bytes, devices: dict[str, Device]):
    return judge((Framer().feed(data) or Framer().close())[0], devices, at=AT)


def rows_of(data: bytes, devices: dict[str, Device]) -> list[dict[str, object]]:
    found = judged(data, devices)
    observed = Observed()
    observed.add(found.packet, devices[MN], received_at=AT, position=Position(3, 40))
    return observed.table().to_pylist()


def test_one_row_per_value_with_its_place_in_the_journal():
    rows = rows_of(raw(), registered(units={"w21003": "mg/L"}))
    assert [(r["factor"], r["suffix"], r["text"], r["flag"], r["unit"]) for r in rows] == [
        ("w21003", "Avg", "0.350", "N", "mg/L"),
        ("w21003", "Max", "0.41", "N", "mg/L"),
        ("w01018", "Avg", "-", "", ""),
    ]
    assert {(r["segment"], r["offset"], r["cn"], r["station"]) for r in rows} == {
        (3, 40, "2061", "section:S01")
    }


@pytest.mark.parametrize(
    ("cn", "shift"),
    [
        ("2061", timedelta(hours=1)),
        ("2031", timedelta(days=1)),
        ("2051", timedelta(minutes=10)),
        ("2011", timedelta(0)),
    ],
)
def test_a_device_that_stamps_the_end_is_moved_to_the_start(cn: str, shift: timedelta):
    start = AT - timedelta(hours=2)
    assert {row["time"] for row in rows_of(raw(cn), registered())} == {start}
    assert {row["time"] for row in rows_of(raw(cn), registered(label="end"))} == {start - shift}


def test_packets_without_data_make_no_rows():
    heartbeat = hj212.heartbeat(mn=MN, st="21", pw="123456", qn=AT)
    assert judged(heartbeat, registered()).accepted
    assert rows_of(heartbeat, registered()) == []


@pytest.mark.parametrize(
    ("flag", "policy", "reply"),
    [
        (5, "flag", "9014"),
        (4, "flag", ""),
        (4, "always", "9014"),
        (5, "never", ""),
    ],
)
def test_the_answer_follows_flag_or_policy(flag: int, policy: str, reply: str):
    assert judged(raw(flag=flag), registered(answer=policy)).reply == reply


def test_answers_are_not_answered():
    reply = hj212.answer(hj212.parse(raw()))
    assert judged(reply, registered(answer="always")).reply == ""


def test_times_that_cannot_be_believed():
    ahead = judged(raw(data_time=AT + timedelta(hours=25)), registered())
    assert (ahead.reason, ahead.reply) == ("gateway.future_time", "")
    for time in ("20269999000000", "00010101000000", "19700101080000", ""):
        area = f"DataTime={time};w21003-Avg=1"
        timeless = hj212.request(cn="2061", mn=MN, st="21", pw="123456", qn=AT, area=area)
        assert judged(timeless, registered()).reason == "gateway.no_time"


def test_an_inactive_device_is_set_aside():
    found = judged(raw(), registered(active=False))
    assert found.reason == "gateway.inactive_device"
    row = quarantine_row(found, raw(), received_at=AT, peer="10.0.0.1:99", position=Position(1, 0))
    assert (row["mn"], row["peer"], row["verdict"], row["raw"]) == (
        MN,
        "10.0.0.1:99",
        "valid",
        raw(),
    )


def test_every_reason_can_be_read_in_both_languages():
    codes = messages_of("gateway")
    for data, devices in (
        (raw(), {}),
        (raw(), registered(active=False)),
        (raw()[:-6] + b"BEEF\r\n", registered()),
    ):
        reason = judged(data, devices).reason
        assert reason in codes or reason in DEVIATIONS


def test_a_scanner_cannot_fill_the_disk():
    session = Session(1, "10.0.0.1:99", since=AT)
    kept = []
    for _ in range(100):
        kept += session.receive(b"\x00" * 1023 + b"\x01", {}, at=AT)
    assert len(kept) == 20
    assert session.counts["foreign_bytes"] == 100 * 1024
    (arrival,) = session.receive(raw(), registered(), at=AT)
    assert hj212.parse(arrival.reply).cn == "9014"


def test_noise_is_never_answered():
    found = judge(Noise(b"x", "frame.foreign"), registered(), at=AT)
    assert (found.reason, found.reply, found.packet.raw) == ("frame.foreign", "", b"x")


def test_a_device_is_let_in_by_network_and_port():
    near = registered(networks=(ip_network("10.0.0.0/8"),))
    here, there = "10.1.2.3:5000", "192.168.1.1:5000"
    frame = Framer().feed(raw())[0]
    assert judge(frame, near, at=AT, peer=here).accepted
    assert judge(frame, near, at=AT, peer=there).reason == "gateway.wrong_network"
    assert judge(frame, near, at=AT, peer="::ffff:10.1.2.3:5000").accepted
    assert judge(frame, registered(tls=True), at=AT).reason == "gateway.tls_required"
    assert judge(frame, registered(tls=True), at=AT, secure=True).accepted


def test_an_encrypted_packet_is_read_with_the_key_of_its_device():
    key = hj212.Key(bytes(range(16)))
    packet = hj212.parse(raw(flag=9))
    sealed = hj212.render(packet, key=key)
    assert sealed != raw(flag=9)
    found = judged(sealed, registered(key=key))
    assert (found.reason, found.packet.readings) == ("", packet.readings)
    assert judged(sealed, registered()).reason == "cipher.no_key"
    wrong = judged(sealed, registered(key=hj212.Key(bytes(16))))
    assert wrong.reason == "cipher.wrong_key"
    assert judged(raw(), registered(key=key)).accepted  # plain ones are read as well


def test_of_a_flood_so_much_is_kept_and_the_rest_is_told():
    flood = Flood(most=10)
    keeps = [
        flood.keeps(f"X{n}", "gateway.unknown_device", f"10.0.0.1:{n}", known=False, at=AT)
        for n in range(1000)
    ]
    assert sum(keeps) == 10  # by address: a stranger may give itself any name
    assert flood.keeps(MN, "gateway.wrong_password", "10.0.0.1:1", known=True, at=AT)
    (told,) = flood.due(AT)
    assert (told.count, told.mn, told.reason) == (990, "", "gateway.unknown_device")
    assert flood.due(AT) == []
    later = AT + timedelta(hours=1)
    assert flood.keeps("X", "gateway.unknown_device", "10.0.0.1:1", known=False, at=later)


def test_a_flood_from_everywhere_takes_no_more_memory():
    flood = Flood(most=1, keys=100)
    for n in range(5000):
        flood.keeps("", "frame.foreign", f"10.{n % 250}.{n // 250}.1:9", known=False, at=AT)
    assert len(flood._seen) <= 101
    assert sum(told.count for told in flood.due(AT)) == 5000 - 101


def _text(text: str, encoding: str) -> bytes:
    segment = (
        f"QN=20260922083000000;ST=21;CN=2011;PW=123456;MN={MN};Flag=5;"
        f"CP=&&DataTime=20260922083000;w21003-Rtd=0.5,w21003-Info={text}&&"
    )
    return hj212.frame(segment.encode(encoding))


@pytest.mark.parametrize(
    ("terms", "reasons"),
    [
        pytest.param({}, ("encoding.gb18030",), id="登记为UTF-8"),
        pytest.param({"encoding": "auto"}, ("encoding.gb18030",), id="自动"),
        pytest.param({"encoding": "gb18030"}, (), id="登记为GB18030"),
    ],
)
def test_a_packet_is_read_by_the_encoding_of_its_device(terms, reasons):
    found = judged(_text("正常", "gb18030"), registered(**terms))
    assert found.accepted
    assert found.packet.readings[0][1]["Info"] == "正常"
    assert tuple(r for r in found.packet.reasons if r.startswith("encoding")) == reasons


def test_a_packet_is_read_in_the_dialect_of_its_device():
    found = judged(raw(), registered(dialect="2005"))
    assert (found.packet.dialect, found.accepted) == ("2005", True)
    assert "mn.width" in found.packet.reasons
    assert judged(raw(), {}).packet.dialect == "2017"


def test_a_header_in_disorder_is_still_read_by_its_device():
    segment = raw()[6:-6].replace(f"MN={MN}".encode(), f"mn={MN}".encode())
    found = judged(hj212.frame(segment), registered(repairs=frozenset({"header.case"})))
    assert (found.device.mn, found.packet.mn) == (MN, MN)


def test_a_checksum_is_overlooked_only_where_the_owner_says_so():
    spoilt = raw()[:-6] + b"BEEF\r\n"
    assert judged(spoilt, registered()).reason == "crc.unknown"
    ignoring = registered(crc=frozenset({"standard", "ignore"}))
    found = judged(spoilt, ignoring)
    assert (found.reason, found.reply) == ("", "9014")
    assert "crc.unknown" in found.packet.reasons
    headless = hj212.frame(raw()[6:-6].replace(b"CN=2061;", b""))[:-6] + b"BEEF\r\n"
    assert not judged(headless, ignoring).accepted


def test_what_accepted_packets_deviate_in_is_told_and_a_policy_follows():
    manners = Manners()
    devices = registered(dialect="2005")
    for number in range(4):
        at = AT + timedelta(seconds=30 * number)
        found = judge(Framer().feed(raw(data_time=at))[0], devices, at=at)
        manners.heard(found, conn=1, at=at)
    told = manners.told()[MN]
    assert (told["packets"], told["dialect"], told["crc"], told["encoding"]) == (
        4, "2017", "standard", "utf-8",
    )  # fmt: skip
    assert told["deviations"]["mn.width"] == 4


def test_devices_without_a_departure_are_not_told_of_and_strangers_never():
    manners, mn = Manners(), "A37029900000000000000101"
    packet = hj212.upload(
        cn="2011", mn=mn, st="21", pw="123456", qn=AT, data_time=AT, values={"w21003": {"Rtd": "1"}}
    )
    good = judged(packet, {mn: Device(mn=mn, station="section:S01", password="123456")})
    assert good.packet.reasons == ()
    manners.heard(good, conn=1, at=AT)
    doubted = judged(raw(), registered())._replace(reason="gateway.wrong_password")
    manners.heard(doubted, conn=1, at=AT)
    manners.heard(judged(raw(), {}), conn=1, at=AT)
    assert manners.told() == {}


def test_what_is_remembered_of_devices_is_bounded():
    manners = Manners(most=5)
    for number in range(50):
        mn = f"A370299000000000000S0{number:03d}"
        known = {mn: Device(mn=mn, station="section:S01", password="123456", dialect="2005")}
        packet = hj212.upload(
            cn="2011", mn=mn, st="21", pw="123456", qn=AT, data_time=AT,
            values={"w21003": {"Rtd": "1"}},
        )  # fmt: skip
        manners.heard(judged(packet, known), conn=number, at=AT)
    assert len(manners.told()) == 5
