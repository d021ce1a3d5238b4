from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import pytest
from django.test import Client

from qingyuan.cities import credit_code_of
from qingyuan.host.folder import DataFolder
from qingyuan.web import exchange
from qingyuan.web.accounts.models import Unit, User
from qingyuan.web.accounts.services import put_person
from qingyuan.web.audit.services import SYSTEM
from qingyuan.web.registry.exchange import ENTERPRISES
from qingyuan.web.registry.models import Enterprise
from qingyuan.web.registry.services import load_city
from small_city import AT, small_city


def credit(number: int) -> str:
    """Return a valid unified credit code, another for every number."""
    return credit_code_of(f"91370200{number:09d}")


@pytest.fixture
def at() -> datetime:
    return AT


def _build(settings, tmp_path: Path) -> None:
    settings.FOLDER = DataFolder(tmp_path / "data")
    settings.FOLDER.store.mkdir(parents=True)
    load_city(small_city(), by=SYSTEM, at=AT)
    for number, code in enumerate(("E1", "E2"), 30):  # the small city's own are not valid codes
        Enterprise.objects.filter(code=code).update(credit_code=credit(number))
    put_person(
        username="head", name="综合组", unit=Unit.objects.get(code="bureau"),
        role_names=["department_head"], at=AT, by=SYSTEM,
    )  # fmt: skip


@pytest.fixture
def city(db: None, settings, tmp_path: Path) -> None:
    _build(settings, tmp_path)


@pytest.fixture
def committed_city(transactional_db: None, settings, tmp_path: Path) -> None:
    _build(settings, tmp_path)


@pytest.fixture
def person() -> Callable[[str], User]:
    return lambda username: User.objects.get(username=username)


@pytest.fixture
def enter(person: Callable[[str], User]) -> Callable[[str], Client]:
    def make(username: str) -> Client:
        client = Client()
        client.force_login(person(username))
        return client

    return make


@pytest.fixture
def firms() -> Callable[..., bytes]:
    """Make a workbook of enterprises from rows that say only what differs."""

    def make(*rows: Mapping[str, object]) -> bytes:
        usual = {
            "name": "新厂", "trade": "1713", "trade_zh": "棉印染精加工", "district": "379901",
            "lon": Decimal("120.4"), "lat": Decimal("36.6"),
        }  # fmt: skip
        said = [
            usual | {"credit_code": credit(number)} | dict(row) for number, row in enumerate(rows)
        ]
        return exchange.workbook(ENTERPRISES, said, exchange.Cover(by="", at=AT))

    return make
