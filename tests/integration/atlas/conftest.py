from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.test import Client

from qingyuan.store.observations import Observations
from qingyuan.web.accounts.models import User
from qingyuan.web.audit.services import SYSTEM
from qingyuan.web.monitoring.services import absorb
from qingyuan.web.registry.services import load_city
from small_city import AT, small_city


@pytest.fixture
def at() -> datetime:
    return AT


@pytest.fixture
def city(db: None) -> None:
    load_city(small_city(), by=SYSTEM, at=AT)


@pytest.fixture
def observations(tmp_path: Path) -> Observations:
    return Observations(tmp_path / "store")


@pytest.fixture
def readings(city: None, observations: Observations) -> Observations:
    """望澜桥的氨氮：三小时前Ⅲ类，现在超标。"""
    observations.append(
        [
            {
                "station": "section:S1",
                "factor": "w21003",
                "cn": "2011",
                "suffix": "Rtd",
                "time": AT - timedelta(minutes=minute),
                "text": "0.62" if minute > 60 else "1.34",
                "flag": "N",
                "unit": "mg/L",
                "mn": "A37990000000000000000S01",
                "received_at": AT - timedelta(minutes=minute) + timedelta(seconds=2),
            }
            for minute in range(240, -1, -5)
        ]
    )
    absorb(observations, at=AT)
    return observations


@pytest.fixture
def as_person(city: None, client: Client) -> Callable[[str], Client]:
    def enter(username: str) -> Client:
        client.force_login(User.objects.get(username=username))
        return client

    return enter
