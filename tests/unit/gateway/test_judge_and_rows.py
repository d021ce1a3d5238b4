"""What becomes of a packet, and which rows it makes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from qingyuan import hj212
from qingyuan.core.problems import messages_of
from qingyuan.gateway.devices import Device
from qingyuan.gateway.judge import judge
from qingyuan.gateway.rows import observation_rows, quarantine_row
from qingyuan.gateway.session import Session
from qingyuan.hj212 import DEVIATIONS, Framer, Noise
from qingyuan.store.journal import Position, Record

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
    record = Record(Position(3, 40), Position(3, 400), {"peer": "10.0.0.1:99"}, data)
    return observation_rows(record, judged(data, devices), received_at=AT)


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
    record = Record(Position(1, 0), Position(1, 9), {"peer": "10.0.0.1:99"}, raw())
    row = quarantine_row(record, found, received_at=AT)
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
