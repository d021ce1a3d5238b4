"""A few practice events, read from their folders and traced; they are synthetic, with truth."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from qingyuan.river import event_digest, read_event, trace, write_event
from qingyuan.river.bench import read_truth, score

pytestmark = pytest.mark.shared


@pytest.fixture(scope="module")
def events(shared_data: Path) -> Path:
    folder = shared_data / "water" / "events"
    if not folder.is_dir():
        pytest.skip("the shared data has no practice events")
    return folder


@pytest.mark.parametrize("name", ["ev-005", "ev-007", "ev-009", "ev-013", "ev-015"])
def test_the_culprit_is_among_the_first_three(events: Path, name: str) -> None:
    answer = trace(read_event(events / name), seed=1)
    result = score(answer, read_truth(events / name), name=name)
    assert result.rank is not None
    assert result.rank <= 3
    assert result.in90
    assert not result.false_name


def test_a_drifting_sensor_is_not_blamed_on_an_outfall(events: Path) -> None:
    answer = trace(read_event(events / "ev-003"), seed=1)
    assert read_truth(events / "ev-003").cause == "sensor_drift"
    assert answer.none_kind["sensor"] > 0.5


def test_an_event_with_a_shared_network_survives_writing(events: Path, tmp_path: Path) -> None:
    event = read_event(events / "ev-017")
    assert len(event.outfalls) == 1500
    again = read_event(write_event(event, tmp_path / "ev-017"))
    assert again == event
    assert event_digest(again) == event_digest(event)


def test_the_command_line_answers_in_json(events: Path) -> None:
    found = subprocess.run(
        [sys.executable, "-m", "qingyuan.cli", "trace", str(events / "ev-015"), "--json"],
        capture_output=True,
        text=True,
        check=True,
    )
    answer = json.loads(found.stdout)
    assert answer["candidates"][0]["outfall_id"] == read_truth(events / "ev-015").outfalls[0]
    assert answer["seconds"] > 0
    assert answer["peak_mb"] < 1024
    total = sum(c["probability"] for c in answer["candidates"])
    assert total + answer["rest"] + answer["none"] + answer["several"] == pytest.approx(1)


def test_the_command_line_refuses_what_is_no_event(tmp_path: Path) -> None:
    found = subprocess.run(
        [sys.executable, "-m", "qingyuan.cli", "trace", str(tmp_path)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert found.returncode == 1
    assert "event.toml" in found.stderr
