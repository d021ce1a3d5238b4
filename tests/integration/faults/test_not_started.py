"""What keeps a city from starting is said in both languages, with the way out, and nothing is begun."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from living_city import bare_environment
from qingyuan import hj212
from qingyuan.cities import read_city, shipped_city
from qingyuan.gateway.devices import canonical_sha256
from qingyuan.host.folder import DataFolder
from qingyuan.store.observations import Observations


def _qingyuan(
    environment: dict[str, str], *arguments: str, **how: object
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "qingyuan.cli", *arguments],
        env=environment, capture_output=True, text=True, check=False, timeout=120, **how,
    )  # type: ignore[call-overload]  # options are those of subprocess.run  # fmt: skip


def _told(done: subprocess.CompletedProcess[str], code: str, *words: str) -> None:
    """Assert a refusal: exit 1, the code once, and each word in both sentences."""
    assert done.returncode == 1, done.stderr
    assert f"[{code}]" in done.stderr, done.stderr
    assert "Traceback" not in done.stderr
    said = done.stderr.partition(f"[{code}]")[2].strip().splitlines()
    for word in words:
        assert word in said[0], said
        assert word in said[1], said


@contextmanager
def _listening(address: str) -> Iterator[None]:
    host, _, port = address.rpartition(":")
    with socket.create_server((host, int(port))):
        yield


@pytest.mark.parametrize("verb", ["demo", "up"])
@pytest.mark.parametrize("setting", ["QINGYUAN_WEB", "QINGYUAN_GATEWAY"])
def test_a_port_in_use_is_named_with_its_holder_and_its_setting(tmp_path, verb, setting) -> None:
    environment = bare_environment(tmp_path / "data")
    with _listening(environment[setting]):
        done = _qingyuan(environment, verb)
    _told(done, "host.port_in_use", environment[setting], setting, f"pid {os.getpid()}")
    assert not (tmp_path / "data" / "pg").exists()


@pytest.mark.parametrize("verb", ["demo", "up", "migrate"])
def test_a_folder_that_cannot_be_written_is_named(tmp_path, verb) -> None:
    (tmp_path / "file").write_text("not a folder")
    environment = bare_environment(tmp_path / "file" / "data")
    _told(_qingyuan(environment, verb), "host.folder_not_writable", str(tmp_path), "QINGYUAN_DATA")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_of_somebody_else_is_named(tmp_path) -> None:
    (tmp_path / "theirs").mkdir(mode=0o500)
    environment = bare_environment(tmp_path / "theirs" / "data")
    _told(_qingyuan(environment, "demo"), "host.folder_not_writable", str(tmp_path))


@pytest.mark.parametrize(("verb", "kind"), [("demo", "demo"), ("up", "city")])
def test_a_second_start_on_the_same_folder_is_refused_and_harms_nothing(
    tmp_path, verb, kind
) -> None:
    environment = bare_environment(tmp_path / "data")
    folder = DataFolder(tmp_path / "data")
    with folder.hold():
        folder.create(kind)
        before = sorted(p.name for p in folder.path.iterdir())
        done = _qingyuan(environment, verb)
        _told(done, "host.folder_in_use", str(folder.path), str(os.getpid()), "QINGYUAN_DATA")
        assert sorted(p.name for p in folder.path.iterdir()) == before


def test_the_gateway_alone_names_its_port_too(tmp_path) -> None:
    environment = bare_environment(tmp_path / "data")
    DataFolder(tmp_path / "data").create("city")
    with _listening(environment["QINGYUAN_GATEWAY"]):
        done = subprocess.run(
            [sys.executable, "-m", "qingyuan.gateway", "--data", str(tmp_path / "data"),
             "--bind", environment["QINGYUAN_GATEWAY"]],
            env=environment, capture_output=True, text=True, check=False, timeout=60,
        )  # fmt: skip
    assert done.returncode == 1
    assert "gateway.port_in_use" in done.stderr
    assert done.stderr.count("QINGYUAN_GATEWAY") == 2  # both languages
    assert "Traceback" not in done.stderr


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """一块 24 MB 的磁盘；不能挂载处跳过。"""
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", str(disk)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if mounted.returncode:
        pytest.skip(f"a small disk cannot be mounted here: {mounted.stderr.strip()}")
    yield disk
    subprocess.run(["umount", "-l", str(disk)], check=True)


@pytest.mark.skipif(sys.platform != "linux", reason="tmpfs is Linux's")
def test_a_disk_without_room_is_told_before_anything_starts(small_disk) -> None:
    done = _qingyuan(bare_environment(small_disk / "data"), "demo")
    _told(done, "host.disk_full", str(small_disk), "500")
    assert not (small_disk / "data" / "pg").exists()


@contextmanager
def _gateway(folder: Path, environment: dict[str, str]) -> Iterator[None]:
    log = folder.parent / "gateway.log"
    with log.open("w") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "qingyuan.gateway", "--data", str(folder),
             "--bind", environment["QINGYUAN_GATEWAY"]],
            env=environment, stdout=out, stderr=out,
        )  # fmt: skip
        try:
            end = time.monotonic() + 30
            while "gateway_listening" not in log.read_text():
                assert process.poll() is None, log.read_text()
                assert time.monotonic() < end
                time.sleep(0.05)
            yield
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(30)


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="tmpfs is Linux's")
def test_a_disk_that_fills_up_stops_the_answers_and_loses_nothing(small_disk, tmp_path) -> None:
    environment = bare_environment(small_disk / "data")
    folder = DataFolder(small_disk / "data").create("city")
    device = _published(folder)
    with (
        _gateway(folder.path, environment),
        closing(_Station(environment["QINGYUAN_GATEWAY"], device)) as station,
    ):
        assert station.is_answered("0.000")
        ballast = _fill(small_disk)
        answered = 1  # the journal's last block may still have room for a few
        while station.is_answered(f"0.{answered:03d}", seconds=2):
            answered += 1
            assert answered < 100, "a full disk, and everything is acknowledged"
        ballast.unlink()
        assert station.hears(seconds=20)  # on the same connection, without being sent again
        assert station.is_answered(f"0.{answered + 1:03d}")
    texts = Observations(folder.store).table.read(columns=("text",)).column("text").to_pylist()
    assert sorted(texts) == [f"0.{n:03d}" for n in range(answered + 2)]


def _published(folder: DataFolder) -> dict[str, object]:
    found = next(d for d in read_city(shipped_city("four_nodes")).devices)
    row: dict[str, object] = {
        "mn": found.mn, "station": found.station, "st": found.st, "password": found.password,
        "crc": ["standard"], "repairs": [], "answer": "flag", "label": "start",
        "factors": {"w21003": {"unit": "mg/L"}}, "active": True,
    }  # fmt: skip
    folder.devices.write_text(
        json.dumps({"devices": [row], "sha256": canonical_sha256([row])}), "utf-8"
    )
    return row


def _fill(disk: Path) -> Path:
    ballast = disk / "ballast"
    with ballast.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(b"\0" * 4096)
        except OSError:
            pass
    return ballast


class _Station:
    """A device with one connection."""

    def __init__(self, address: str, device: dict[str, object]) -> None:
        host, _, port = address.rpartition(":")
        self._device = device
        self._link = socket.create_connection((host, int(port)), timeout=30)
        self._number = 0

    def close(self) -> None:
        """Hang up."""
        self._link.close()

    def is_answered(self, text: str, *, seconds: float = 20) -> bool:
        """Send a packet; whether its acknowledgement comes in time."""
        self._number += 1
        at = f"202609220830{self._number % 60:02d}"
        raw = hj212.upload(
            cn="2011", mn=str(self._device["mn"]), st=str(self._device["st"]),
            pw=str(self._device["password"]), qn=f"{at}{self._number:03d}",
            data_time=f"20260922{8 + self._number // 3600:02d}{self._number // 60 % 60:02d}{self._number % 60:02d}",
            values={"w21003": {"Rtd": text, "Flag": "N"}},
        )  # fmt: skip
        self._link.sendall(raw)
        return self.hears(seconds=seconds)

    def hears(self, *, seconds: float) -> bool:
        """Whether an acknowledgement comes within *seconds*."""
        self._link.settimeout(seconds)
        reply = b""
        try:
            while b"\r\n" not in reply:
                piece = self._link.recv(4096)
                if not piece:
                    return False
                reply += piece
        except TimeoutError:
            return False
        return b"CN=9014" in reply
