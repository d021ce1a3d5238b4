from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from qingyuan.feeds import Intake, StationsFile
from qingyuan.host.folder import DataFolder

AT = datetime(2026, 9, 22, 2, tzinfo=UTC)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    devices = [
        {
            "mn": "MN1",
            "station": "outfall:O1",
            "factors": {"w21003": {"unit": "mg/L"}},
            "active": True,
        }
    ]
    folder = tmp_path / "data"
    DataFolder(folder).create("city")
    (folder / "devices.json").write_text(json.dumps({"version": 1, "devices": devices}))
    return folder


@pytest.fixture
def open_intake(data: Path) -> Iterator[Callable[[], Intake]]:
    opened: list[Intake] = []

    def make() -> Intake:
        intake = Intake(
            data / "journal" / "feeds",
            data / "store",
            stations=StationsFile(data / "devices.json"),
            clock=lambda: AT,
        )
        opened.append(intake)
        return intake

    yield make
    for intake in opened:
        intake.close()


def batch(*values: object, minute: int = 0, **more: str) -> bytes:
    rows = [
        {"mn": "MN1", "factor": "w21003", "time": f"2026-09-22T09:{minute + i:02}:00+08:00", "value": v, **more}
        for i, v in enumerate(values)
    ]  # fmt: skip
    return json.dumps({"observations": rows}).encode()
