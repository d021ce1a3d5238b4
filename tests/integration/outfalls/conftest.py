from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest
from django.test import Client

from qingyuan.host.folder import DataFolder
from qingyuan.web.accounts.models import Unit, User
from qingyuan.web.accounts.services import put_person
from qingyuan.web.audit.services import SYSTEM
from qingyuan.web.registry.models import Outfall
from qingyuan.web.registry.services import load_city
from small_city import AT, small_city


@pytest.fixture
def at() -> datetime:
    return AT


@pytest.fixture
def city(db: None, settings, tmp_path: Path) -> None:
    settings.FOLDER = DataFolder(tmp_path / "data")
    settings.FOLDER.store.mkdir(parents=True)
    load_city(small_city(), by=SYSTEM, at=AT)
    put_person(
        username="head", name="综合组", unit=Unit.objects.get(code="bureau"),
        role_names=["department_head"], at=AT, by=SYSTEM,
    )  # fmt: skip


@pytest.fixture
def person(city: None) -> Callable[[str], User]:
    return lambda username: User.objects.get(username=username)


@pytest.fixture
def enter(person: Callable[[str], User]) -> Callable[[str], Client]:
    def make(username: str) -> Client:
        client = Client()
        client.force_login(person(username))
        return client

    return make


@pytest.fixture
def outfall(city: None) -> Outfall:
    return Outfall.objects.get(code="O1")
