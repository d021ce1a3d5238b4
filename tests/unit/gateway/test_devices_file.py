"""The list of devices is read when it changes, and a bad one changes nothing."""

from __future__ import annotations

import json
import logging
from pathlib import Path

from qingyuan.gateway.devices import DevicesFile, canonical_sha256


def write(path: Path, devices: object, **extra: object) -> None:
    path.with_suffix(".new").write_text(json.dumps({"devices": devices, **extra}), "utf-8")
    path.with_suffix(".new").replace(path)


def test_the_list_follows_the_file(tmp_path: Path, caplog):
    path = tmp_path / "devices.json"
    file = DevicesFile(path)
    assert not file.refresh()
    row = {"mn": "M1", "station": "section:S01", "factors": {"w21003": {"unit": "mg/L"}}}
    write(path, [row], sha256=canonical_sha256([row]))
    assert file.refresh()
    assert not file.refresh()
    assert file.devices["M1"].units == {"w21003": "mg/L"}
    assert file.devices["M1"].answer == "flag"
    with caplog.at_level(logging.WARNING):
        write(path, [row, {"mn": "M2", "station": "air:A01", "crc": ["modbus"]}], sha256="0" * 64)
        assert file.refresh()
    assert "devices_hash_differs" in caplog.text
    assert file.devices["M2"].crc == {"modbus"}


def test_a_list_that_cannot_be_read_leaves_the_old_one(tmp_path: Path, caplog):
    path = tmp_path / "devices.json"
    file = DevicesFile(path)
    write(path, [{"mn": "M1", "station": "section:S01"}])
    assert file.refresh()
    for text in ("{", "[]", '{"devices": [{"mn": "M2"}]}', '{"devices": 3}', '{"devices": [1]}'):
        path.with_suffix(".new").write_text(text, "utf-8")
        path.with_suffix(".new").replace(path)
        assert not file.refresh()
        assert list(file.devices) == ["M1"]
    assert "gateway.devices_unreadable" in caplog.text
