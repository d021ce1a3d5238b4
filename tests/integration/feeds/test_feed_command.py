from __future__ import annotations

import os
import signal
import subprocess
import sys

import pytest

from own_broker import MOSQUITTO, until
from qingyuan.host.folder import DataFolder
from qingyuan.host.programs import platform_programs
from qingyuan.host.rights import Urls
from qingyuan.host.settings import Settings

from .conftest import batch
from .test_mqtt import _texts, broker  # noqa: F401 -- the broker is a fixture


@pytest.mark.skipif(MOSQUITTO is None, reason="没有 Mosquitto / no Mosquitto here")
def test_the_command_takes_messages_until_it_is_told_to_stop(data, broker):  # noqa: F811 -- the fixture
    process = subprocess.Popen(
        [sys.executable, "-m", "qingyuan.cli", "feed"],
        env={**os.environ, "QINGYUAN_DATA": str(data), "QINGYUAN_MQTT": broker.url()},
        stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stderr is not None
    try:
        line = process.stderr.readline()
        assert "broker_connected" in line, line
        broker.publish("city/MN1/data", batch("0.81"))
        until(lambda: _texts(data) == ["0.81"], "the message is in the store")
    finally:
        process.send_signal(signal.SIGTERM)
        _, rest = process.communicate(timeout=20)
    assert process.returncode == 0
    assert "secret" not in line + rest


def test_a_city_starts_it_when_there_is_a_broker_and_keeps_the_password_to_itself(tmp_path):
    urls = Urls(owner="postgresql:///o", app="postgresql:///a")
    env = {"QINGYUAN_DATA": str(tmp_path)}
    without = platform_programs(DataFolder(tmp_path), Settings.from_environment(env), urls)
    assert "feed" not in [program.name for program in without]
    told = Settings.from_environment(env | {"QINGYUAN_MQTT": "mqtt://u:secret@h/t"})
    (feed,) = [p for p in platform_programs(DataFolder(tmp_path), told, urls) if p.name == "feed"]
    assert "secret" not in " ".join(feed.command)
    assert feed.environment["QINGYUAN_MQTT"].endswith("@h/t")
