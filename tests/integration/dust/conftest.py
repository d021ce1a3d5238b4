from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest
from django.test import Client

from case_town import Town, build_town
from qingyuan.host.folder import DataFolder
from qingyuan.web.accounts.models import User


@pytest.fixture
def town(db: None, settings, tmp_path: Path) -> Town:
    settings.FOLDER = DataFolder(tmp_path / "data")
    settings.FOLDER.store.mkdir(parents=True)
    return build_town()


@pytest.fixture
def at(town: Town) -> datetime:
    return town.at


@pytest.fixture
def person(town: Town) -> Callable[[str], User]:
    return town.who


@pytest.fixture
def enter(town: Town) -> Callable[[str], Client]:
    def make(username: str) -> Client:
        client = Client()
        client.force_login(town.who(username))
        return client

    return make
