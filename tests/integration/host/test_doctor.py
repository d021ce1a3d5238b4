from __future__ import annotations

import json
import socket
from pathlib import Path

import pytest

from qingyuan.cli import main
from qingyuan.host.doctor import examine
from qingyuan.host.settings import Settings


def _examine(**environment: str) -> dict[str, str]:
    return {f.name: f.state for f in examine(Settings.from_environment(environment))}


def test_a_fresh_machine_is_examined_without_being_changed(tmp_path: Path) -> None:
    states = _examine(QINGYUAN_DATA=str(tmp_path / "new" / "city"), QINGYUAN_WEB="127.0.0.1:0")
    assert list(states) == ["python", "data", "web", "gateway", "database", "fonts", "browser"]
    assert states["data"] == states["web"] == states["database"] == "good"
    assert list(tmp_path.iterdir()) == []


def test_a_taken_port_is_found(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        states = _examine(QINGYUAN_DATA=str(tmp_path), QINGYUAN_WEB=f"127.0.0.1:{port}")
    assert states["web"] == "poor"


def test_a_database_that_does_not_answer_is_found(tmp_path: Path) -> None:
    nowhere = "postgresql://a:b@127.0.0.1:9/x"
    states = _examine(QINGYUAN_DATA=str(tmp_path), DATABASE_URL=nowhere, DATABASE_OWNER_URL=nowhere)
    assert states["database"] == "bad"


def test_the_verb_prints_one_row_each(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys
) -> None:
    for name in ("DATABASE_URL", "DATABASE_OWNER_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("QINGYUAN_DATA", str(tmp_path))
    monkeypatch.setenv("QINGYUAN_WEB", "127.0.0.1:0")
    monkeypatch.setenv("QINGYUAN_GATEWAY", "127.0.0.1:0")
    assert main(["doctor", "--json"]) == 0
    assert {row["name"] for row in json.loads(capsys.readouterr().out)} >= {"data", "database"}
    assert main(["doctor"]) == 0
    assert "✓ database" in capsys.readouterr().out
