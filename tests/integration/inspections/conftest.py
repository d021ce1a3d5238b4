from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from django.test import Client

from inspected_town import InspectedTown, build_inspected_town
from qingyuan.host.folder import DataFolder
from qingyuan.web.inspections.models import Batch


@pytest.fixture
def place(db: None, settings, tmp_path: Path) -> InspectedTown:
    settings.FOLDER = DataFolder(tmp_path / "data")
    settings.FOLDER.store.mkdir(parents=True)
    return build_inspected_town()


@pytest.fixture
def enter(place: InspectedTown) -> Callable[[str], Client]:
    def make(username: str) -> Client:
        client = Client()
        client.force_login(
            place.town.who(username), backend="django.contrib.auth.backends.ModelBackend"
        )
        return client

    return make


@pytest.fixture
def batch(place: InspectedTown) -> Batch:
    return place.batch()
