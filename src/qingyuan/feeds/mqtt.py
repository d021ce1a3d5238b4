"""MQTT (消息代理): a client of somebody's broker; what it takes is acknowledged when it is durable.

The session outlives the connection, so that the broker keeps what is published meanwhile (QoS 1
and 2). A message is acknowledged only after the journal's fsync; until then the broker sends it
again. Where an observation names no device, the level before the last of its topic does:
``…/<mn>/data``.
"""

from __future__ import annotations

import logging
import queue
import ssl
import threading
import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import paho.mqtt.client as mqtt
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from qingyuan.core.problems import Problem
from qingyuan.feeds.batch import CSV, JSON
from qingyuan.feeds.intake import Arrival, Intake

__all__ = ["Broker", "Subscriber"]

_log = logging.getLogger("qingyuan.feeds")
_WAITING = 5_000  # messages in memory; beyond it the socket is not read
_TOGETHER = 500  # messages of one fsync
_SESSION_S = 7 * 86400
_RETRY_S = 1.0
_COMMIT_S = 2.0


@dataclass(frozen=True, slots=True)
class Broker:
    """Where the broker is and how to speak to it (代理地址)."""

    host: str
    port: int
    topic: str
    version: int = 4
    user: str = ""
    password: str = ""
    tls: bool = False
    authority: str = ""
    client: str = "qingyuan"

    @classmethod
    def parse(cls, url: str) -> Broker:
        """Read ``mqtt[s]://[user:password@]host[:port]/topic/filter[?version=5&ca=FILE&client=ID]``.

        Raises
        ------
        Problem
            ``feeds.broker_address``; a password is not repeated in it.
        """
        parts = urlsplit(url)
        said = {name: values[-1] for name, values in parse_qs(parts.query).items()}
        topic = unquote(parts.path.lstrip("/")) + (f"#{parts.fragment}" if "#" in url else "")
        shown = f"{parts.scheme}://{parts.hostname or ''}/{topic}"
        version = {"": 4, "3.1.1": 4, "4": 4, "5": 5}.get(said.get("version", ""))
        try:
            port = parts.port
        except ValueError:
            port = -1
        if (
            parts.scheme not in ("mqtt", "mqtts")
            or not parts.hostname
            or not topic
            or version is None
            or port == -1
        ):
            raise Problem("feeds.broker_address", given=shown)  # fmt: skip
        tls = parts.scheme == "mqtts"
        return cls(
            host=parts.hostname,
            port=port or (8883 if tls else 1883),
            topic=topic,
            version=version,
            user=unquote(parts.username or ""),
            password=unquote(parts.password or ""),
            tls=tls,
            authority=said.get("ca", ""),
            client=said.get("client", "qingyuan"),
        )


class Subscriber:
    """Takes messages of a broker into an `Intake` until stopped (订阅).

    Parameters
    ----------
    broker : Broker
        Reconnects by itself, first after one second, then longer, at most a minute.
    intake : Intake
        Where messages go; this object does not close it.
    first_retry_s, longest_retry_s : int
        Bounds of the pause between two attempts to connect.
    """

    def __init__(
        self,
        broker: Broker,
        intake: Intake,
        *,
        first_retry_s: int = 1,
        longest_retry_s: int = 60,
    ) -> None:
        self.broker, self._intake = broker, intake
        self._waiting: queue.Queue[mqtt.MQTTMessage] = queue.Queue(_WAITING)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="mqtt-intake", daemon=True)
        self.connected = threading.Event()
        self.taken = self.acknowledged = 0
        self.problem: Problem | None = None
        self._client = self._make_client(first_retry_s, longest_retry_s)

    def start(self) -> None:
        """Begin to connect and to take messages."""
        five = self.broker.version == 5
        session: dict[str, Any] = {}
        if five:
            properties = Properties(PacketTypes.CONNECT)
            properties.SessionExpiryInterval = _SESSION_S
            properties.ReceiveMaximum = _TOGETHER
            session = {"clean_start": False, "properties": properties}
        self._client.connect_async(self.broker.host, self.broker.port, keepalive=30, **session)
        self._thread.start()
        self._client.loop_start()

    def stop(self) -> None:
        """Finish what was taken, leave the broker, keep the session there."""
        self._stop.set()
        self._thread.join(timeout=20)
        self._client.disconnect()
        self._client.loop_stop()

    def _make_client(self, first: int, longest: int) -> mqtt.Client:
        five = self.broker.version == 5
        client = mqtt.Client(
            mqtt.CallbackAPIVersion.VERSION2,
            client_id=self.broker.client,
            protocol=mqtt.MQTTv5 if five else mqtt.MQTTv311,
            clean_session=None if five else False,
            manual_ack=True,
        )
        if self.broker.user:
            client.username_pw_set(self.broker.user, self.broker.password or None)
        if self.broker.tls:
            client.tls_set_context(ssl.create_default_context(cafile=self.broker.authority or None))
        client.reconnect_delay_set(first, longest)
        client.on_connect = self._on_connect
        client.on_subscribe = self._on_subscribe
        client.on_disconnect = self._on_disconnect
        client.on_message = self._on_message
        return client

    def _on_connect(
        self, client: mqtt.Client, _data: object, _flags: object, reason: Any, _properties: object
    ) -> None:
        if reason.is_failure:
            _log.error("broker_refused host=%s reason=%s", self.broker.host, reason)
            return
        client.subscribe(self.broker.topic, qos=1)

    def _on_subscribe(
        self,
        _client: mqtt.Client,
        _data: object,
        _mid: int,
        reasons: list[Any],
        _properties: object,
    ) -> None:
        if any(reason.is_failure for reason in reasons):
            _log.error("topic_refused host=%s topic=%s", self.broker.host, self.broker.topic)
            return
        _log.info("broker_connected host=%s topic=%s", self.broker.host, self.broker.topic)
        self.connected.set()

    def _on_disconnect(self, _client: mqtt.Client, _data: object, _flags: object, reason: object, _properties: object) -> None:  # fmt: skip
        self.connected.clear()
        if not self._stop.is_set():
            _log.warning("broker_lost host=%s reason=%s", self.broker.host, reason)

    def _on_message(self, _client: mqtt.Client, _data: object, message: mqtt.MQTTMessage) -> None:
        while not self._stop.is_set():
            try:
                self._waiting.put(message, timeout=0.5)
            except queue.Full:
                continue  # not read on: the broker waits, nothing is dropped
            return

    def _run(self) -> None:
        due = time.monotonic() + _COMMIT_S
        while True:
            messages = self._gather()
            if messages:
                self._take(messages)
            if time.monotonic() >= due or (self._stop.is_set() and not messages):
                self._commit()
                due = time.monotonic() + _COMMIT_S
            if self._stop.is_set() and not messages:
                return

    def _gather(self) -> list[mqtt.MQTTMessage]:
        messages: list[mqtt.MQTTMessage] = []
        try:
            messages.append(self._waiting.get(timeout=0.2))
            while len(messages) < _TOGETHER:
                messages.append(self._waiting.get_nowait())
        except queue.Empty:
            pass
        return messages

    def _take(self, messages: list[mqtt.MQTTMessage]) -> None:
        arrivals = [_arrival(m, source=f"mqtt:{self.broker.client}") for m in messages]
        while True:
            try:
                self._intake.keep(arrivals)
            except Problem as problem:
                self._trouble(problem)
                if self._stop.wait(_RETRY_S):
                    return  # not acknowledged: the broker sends them again
            else:
                self._trouble(None)
                break
        self.taken += len(messages)
        for message in messages:
            if message.qos:
                self._client.ack(message.mid, message.qos)
                self.acknowledged += 1

    def _trouble(self, problem: Problem | None) -> None:
        if problem is not None and self.problem is None:
            _log.error("acknowledging_stopped code=%s %s", problem.code, problem.values)
        self.problem = problem

    def _commit(self) -> None:
        try:
            self._intake.commit()
        except Exception as fault:  # noqa: BLE001 -- whatever the store meets, the journal keeps it
            _log.error("feed_commit_failed cause=%r", fault)


def _arrival(message: mqtt.MQTTMessage, *, source: str) -> Arrival:
    raw = bytes(message.payload)
    levels = message.topic.split("/")
    media = JSON if raw.lstrip()[:1] in (b"{", b"[") else CSV
    return Arrival(raw, media, source, mn=levels[-2] if len(levels) > 1 else "")
