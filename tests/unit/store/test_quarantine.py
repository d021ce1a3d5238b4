from datetime import UTC, date, datetime, timedelta

import pytest

from qingyuan.store.quarantine import Quarantine, QuarantineCount

START = datetime(2026, 9, 1, 15, 0, tzinfo=UTC)


def packet(hour, reason="hj212.crc_mismatch", mn="A1", raw=b"##0003abc0000\r\n"):
    return {
        "received_at": START + timedelta(hours=hour),
        "reason": reason,
        "mn": mn,
        "raw": raw,
        "offset": hour,
    }


@pytest.fixture
def quarantine(tmp_path):
    return Quarantine(tmp_path)


def test_the_newest_come_first_across_days_with_their_bytes(quarantine):
    quarantine.append([packet(hour, raw=bytes([hour])) for hour in range(4)])
    assert [row["raw"] for row in quarantine.recent(3)] == [b"\x03", b"\x02", b"\x01"]


def test_packets_of_one_device_or_reason_can_be_asked_for(quarantine):
    quarantine.append([packet(0), packet(1, mn="B2"), packet(2, reason="gateway.unknown_device")])
    assert [row["mn"] for row in quarantine.recent(mn="B2")] == ["B2"]
    assert [row["offset"] for row in quarantine.recent(reason="gateway.unknown_device")] == [2]


def test_counts_are_by_beijing_day_reason_and_device(quarantine):
    quarantine.append([packet(0), packet(1), packet(2), packet(3, mn="B2")])
    first, second = date(2026, 9, 1), date(2026, 9, 2)
    code = "hj212.crc_mismatch"
    assert quarantine.counts() == [
        QuarantineCount(first, code, "A1", 1),
        QuarantineCount(second, code, "A1", 2),
        QuarantineCount(second, code, "B2", 1),
    ]
    assert quarantine.counts(last=first) == [QuarantineCount(first, code, "A1", 1)]


def test_a_replayed_batch_is_set_aside_once(quarantine):
    quarantine.append([packet(0)], app=("gateway", 3))
    quarantine.append([packet(0)], app=("gateway", 3))
    assert len(quarantine.recent()) == 1
    assert quarantine.app_version("gateway") == 3


def test_an_empty_quarantine_answers_nothing(quarantine):
    assert quarantine.recent() == []
    assert quarantine.counts() == []


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ({"reason": "x.y"}, "store.missing_column"),
        ({"received_at": START}, "store.missing_column"),
        ({"received_at": datetime(2026, 9, 1), "reason": "x.y"}, "store.naive_time"),  # noqa: DTZ001 -- the fault under test
    ],
)
def test_an_incomplete_row_is_refused(quarantine, raises_problem, row, code):
    with raises_problem(code):
        quarantine.append([row])


def test_tidying_keeps_every_packet(quarantine):
    for hour in range(9):
        quarantine.append([packet(0, raw=bytes([hour]))])
    assert quarantine.tidy() == 1
    assert {row["raw"] for row in quarantine.recent()} == {bytes([hour]) for hour in range(9)}
