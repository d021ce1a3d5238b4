from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from own_broker import MOSQUITTO, Mosquitto, until
from qingyuan.feeds.mqtt import Broker, Subscriber
from qingyuan.store.observations import Observations
from qingyuan.store.quarantine import Quarantine

from .conftest import batch

pytestmark = pytest.mark.skipif(MOSQUITTO is None, reason="没有 Mosquitto / no Mosquitto here")


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Mosquitto]:
    made = Mosquitto(tmp_path / "broker")
    yield made
    made.stop()


@pytest.fixture
def subscribe(open_intake) -> Iterator[Callable[[str], Subscriber]]:
    made: list[Subscriber] = []

    def start(url: str) -> Subscriber:
        subscriber = Subscriber(Broker.parse(url), open_intake(), longest_retry_s=1)
        made.append(subscriber)
        subscriber.start()
        return subscriber

    yield start
    for subscriber in made:
        subscriber.stop()


def _texts(data: Path) -> list[str]:
    return sorted(Observations(data / "store").since(-1).column("text").to_pylist())


@pytest.mark.parametrize("version", ["3.1.1", "5"])
def test_messages_reach_the_store_once(data, broker, subscribe, version):
    subscriber = subscribe(broker.url(version=version))
    assert subscriber.connected.wait(10)
    single = b'{"factor":"w21003","time":"2026-09-22T08:00:00+08:00","value":0.350}'
    broker.publish("city/MN1/data", batch("0.41", "0.42"), single, single, b"rubbish")
    until(lambda: subscriber.acknowledged == 4, "all four are acknowledged")
    subscriber.stop()
    assert _texts(data) == ["0.350", "0.41", "0.42"]
    assert [r["reason"] for r in Quarantine(data / "store").recent()] == ["feeds.unreadable"]


def test_nothing_is_acknowledged_before_it_is_durable(data, broker, subscribe, monkeypatch):
    subscriber = subscribe(broker.url(version="5"))
    assert subscriber.connected.wait(10)

    def full(*_: object) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("qingyuan.store.journal.os.write", full)
    broker.publish("city/MN1/data", batch("0.51"))
    until(lambda: subscriber.problem is not None, "the full disk is noticed")
    assert subscriber.acknowledged == 0
    monkeypatch.undo()
    until(lambda: subscriber.acknowledged == 1, "acknowledged once there is room")
    subscriber.stop()
    assert _texts(data) == ["0.51"]


def test_what_was_published_while_we_or_the_broker_were_away_is_not_lost(data, broker, subscribe):
    subscriber = subscribe(broker.url())
    assert subscriber.connected.wait(10)
    broker.publish("city/MN1/data", batch("0.61"))
    until(lambda: subscriber.acknowledged == 1, "the first is taken")
    broker.stop()
    until(lambda: not subscriber.connected.is_set(), "the loss is noticed")
    broker.start()
    assert subscriber.connected.wait(20)
    subscriber.stop()
    broker.publish("city/MN1/data", batch("0.62", minute=5))  # nobody is there
    subscribe(broker.url())
    until(lambda: "0.62" in _texts(data), "the broker kept it for us")
    assert _texts(data) == ["0.61", "0.62"]


def test_a_wrong_password_is_said_and_takes_nothing(data, broker, subscribe, caplog):
    caplog.set_level("ERROR", logger="qingyuan.feeds")
    subscriber = subscribe(broker.url().replace("secret", "wrong"))
    until(lambda: "broker_refused" in caplog.text, "the refusal is logged")
    assert not subscriber.connected.is_set()
    assert "wrong" not in caplog.text
