from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from qingyuan.core.problems import Problem
from qingyuan.feeds import Item, Station, judge, read_batch
from qingyuan.feeds.batch import CSV, JSON, MOST_BYTES
from qingyuan.feeds.mqtt import Broker

AT = datetime(2026, 9, 22, 2, tzinfo=UTC)
STATIONS = {
    "MN1": Station("MN1", "outfall:O1", {"w21003": "mg/L"}),
    "MN2": Station("MN2", "outfall:O2", {"w21003": "mg/L"}, active=False),
}
GOOD = {"mn": "MN1", "factor": "w21003", "time": "2026-09-22T09:00:00+08:00", "value": "0.350"}


def _judged(allowed: list[str] | None = None, **changed: str):
    return judge(Item(1, GOOD | changed), STATIONS, received_at=AT, allowed=allowed)


def test_numbers_stay_as_they_were_written() -> None:
    raw = (
        b'{"observations":[{"mn":"MN1","factor":"w21003","time":"t","value":0.350},{"value":1e2}]}'
    )
    first, second = read_batch(raw, media=JSON)
    assert first["value"] == "0.350"
    assert second["value"] == "1e2"
    assert second["mn"] == ""


@pytest.mark.parametrize(
    ("raw", "media", "count"),
    [
        (json.dumps(GOOD), JSON, 1),
        (json.dumps([GOOD, GOOD]), "application/json; charset=utf-8", 2),
        ("\ufeffmn,factor,time,value\nMN1,w21003,t,1\n", CSV, 1),
        ("factor,time,value,flag\nw21003,t,1,N\n", CSV, 1),
        ('[1, null, "x"]', JSON, 3),
    ],
)
def test_one_some_or_odd_observations(raw: str, media: str, count: int) -> None:
    assert len(read_batch(raw.encode(), media=media)) == count


@pytest.mark.parametrize(
    ("raw", "media", "code"),
    [
        (b"{", JSON, "feeds.unreadable"),
        (b'{"value": NaN}', JSON, "feeds.unreadable"),
        (b"[" * 100_000, JSON, "feeds.unreadable"),
        (b"\xff\xfe", JSON, "feeds.unreadable"),
        (b"a,b\n1,2\n", CSV, "feeds.unreadable"),
        (b"<x/>", "text/xml", "feeds.media"),
        (b" " * (MOST_BYTES + 1), JSON, "feeds.too_large"),
        (b"[" + b"{}," * 10_000 + b"{}]", JSON, "feeds.too_many"),
    ],
    ids=["json", "nan", "deep", "not-utf8", "csv", "xml", "large", "many"],
)
def test_a_batch_that_cannot_be_read(raw: bytes, media: str, code: str) -> None:
    with pytest.raises(Problem) as told:
        read_batch(raw, media=media)
    assert told.value.code == code
    assert told.value.zh
    assert told.value.en


def test_a_good_item_becomes_a_row_of_the_store() -> None:
    row = _judged().row
    assert row is not None
    assert row["time"] == datetime(2026, 9, 22, 1, tzinfo=UTC)
    assert (row["station"], row["cn"], row["suffix"], row["text"], row["unit"]) == (
        "outfall:O1", "2011", "Rtd", "0.350", "mg/L",
    )  # fmt: skip
    assert _judged(cn="2061").row["suffix"] == "Avg"


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"mn": "MN9"}, "feeds.unknown_device"),
        ({"mn": "MN2"}, "feeds.inactive_device"),
        ({"factor": "w99999"}, "feeds.unknown_factor"),
        ({"unit": "μg/L"}, "feeds.other_unit"),
        ({"cn": "9014"}, "feeds.data_kind"),
        ({"suffix": "Flag"}, "feeds.data_kind"),
        ({"flag": "<script>"}, "feeds.flag"),
        ({"value": "NaN"}, "feeds.not_a_number"),
        ({"value": ""}, "feeds.not_a_number"),
        ({"time": "yesterday"}, "feeds.time"),
        ({"time": "0001-01-01T00:00:00+14:00"}, "feeds.time"),
        ({"time": "2026-09-22T09:00:00"}, "feeds.naive_time"),
        ({"time": "2026-09-24T09:00:00+08:00"}, "feeds.untimely"),
        ({"time": "1999-09-24T09:00:00Z"}, "feeds.untimely"),
    ],
)
def test_what_an_item_may_not_be(changed: dict[str, str], code: str) -> None:
    verdict = _judged(**changed)
    assert (verdict.reason, verdict.row) == (code, None)
    assert Problem(code, given="x").zh


def test_a_device_out_of_scope_is_as_unknown_as_one_that_is_not_there() -> None:
    assert _judged(allowed=["MN2"]).reason == _judged(mn="MN9").reason
    assert _judged(allowed=["MN1"]).accepted


def test_the_topic_names_the_device_where_the_item_does_not() -> None:
    item = Item(1, {k: v for k, v in GOOD.items() if k != "mn"})
    assert judge(item, STATIONS, received_at=AT, mn="MN1").accepted
    assert judge(item, STATIONS, received_at=AT).reason == "feeds.unknown_device"


def test_an_address_of_a_broker() -> None:
    broker = Broker.parse("mqtts://u%40x:p%2Fw@broker.example/city/+/data?version=5&client=qy2")
    assert broker == Broker(
        "broker.example", 8883, "city/+/data", 5, "u@x", "p/w", True, "", "qy2"
    )  # fmt: skip
    assert Broker.parse("mqtt://h:1999/a/#").topic == "a/#"
    for odd in (
        "mqtt://h",
        "http://h/t",
        "mqtt:///t",
        "mqtt://h/t?version=6",
        "mqtt://s:secret@h:x/t",
    ):
        with pytest.raises(Problem) as told:
            Broker.parse(odd)
        assert told.value.code == "feeds.broker_address"
        assert "secret" not in told.value.zh
