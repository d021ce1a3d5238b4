"""Both sides of the town; each request of a test is undone."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from pytest_django import Settings

from qingyuan.host.citytime import CityClock
from qingyuan.host.folder import DataFolder

from .world import World, build_world


@pytest.fixture
def world(db: None, monkeypatch: pytest.MonkeyPatch) -> World:
    """Both sides of the town; the city's clock stands half an hour after the last deed."""
    made = build_world()
    monkeypatch.setattr(CityClock, "now", lambda self: made.town.at + timedelta(minutes=30))
    return made


@pytest.fixture
def kept_files(tmp_path: Path, settings: Settings) -> Path:
    """A files folder of its own, so that what is left on disk can be counted."""
    settings.FOLDER = DataFolder(tmp_path / "data").create("city")
    return settings.FOLDER.files
