"""A real MQTT broker (Mosquitto) of a test's own."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import paho.mqtt.client as mqtt

__all__ = ["MOSQUITTO", "Mosquitto", "until"]

MOSQUITTO = shutil.which("mosquitto", path=f"{os.environ.get('PATH', '')}:/usr/sbin")


class Mosquitto:
    """A real broker on a free port, with a password, that remembers over a restart."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir()
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        passwords = folder / "passwords"
        subprocess.run(
            [str(Path(str(MOSQUITTO)).with_name("mosquitto_passwd")) if Path(str(MOSQUITTO)).with_name("mosquitto_passwd").exists() else "mosquitto_passwd", "-b", "-c", str(passwords), "city", "secret"],
            check=True, capture_output=True,
        )  # fmt: skip
        (folder / "conf").write_text(
            f"listener {self.port} 127.0.0.1\nallow_anonymous false\npassword_file {passwords}\n"
            f"persistence true\npersistence_location {folder}/\nuser {_user()}\n"
        )
        self.process: subprocess.Popen[bytes] | None = None
        self.start()

    def start(self) -> None:
        self.process = subprocess.Popen(
            [str(MOSQUITTO), "-c", str(self.folder / "conf")],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        until(self._listens, "the broker listens")

    def _listens(self) -> bool:
        try:
            socket.create_connection(("127.0.0.1", self.port), 1).close()
        except OSError:
            return False
        return True

    def stop(self) -> None:
        if self.process is not None:
            self.process.terminate()
            self.process.wait(10)
            self.process = None

    def url(self, **more: str) -> str:
        said = "&".join(f"{k}={v}" for k, v in more.items())
        return f"mqtt://city:secret@127.0.0.1:{self.port}/city/+/data?{said}"

    def publish(self, topic: str, *payloads: bytes, qos: int = 1) -> None:
        client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2)
        client.username_pw_set("city", "secret")
        client.connect("127.0.0.1", self.port)
        client.loop_start()
        for payload in payloads:
            client.publish(topic, payload, qos=qos).wait_for_publish(10)
        client.disconnect()
        client.loop_stop()


def _user() -> str:
    import pwd

    return pwd.getpwuid(os.getuid()).pw_name


def until(true: Callable[[], bool], what: str, seconds: float = 20) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, what
        time.sleep(0.02)
