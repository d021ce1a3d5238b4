from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from django.test import Client
from pytest_django import Settings

from petition_desk import Desk, build_desk
from qingyuan.host.citytime import CityClock
from qingyuan.host.folder import DataFolder


@pytest.fixture
def desk(db: None, settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Desk:
    settings.FOLDER = DataFolder(tmp_path / "data").create("city")
    made = build_desk()
    monkeypatch.setattr(CityClock, "now", lambda _: made.at + timedelta(minutes=30))
    return made


@pytest.fixture
def enter(desk: Desk) -> Callable[[str], Client]:
    """Sign somebody in; their browser."""

    def make(username: str) -> Client:
        client = Client()
        client.force_login(desk.who(username))
        return client

    return make
