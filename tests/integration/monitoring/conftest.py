from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from qingyuan.store.observations import Observations
from qingyuan.web.accounts.models import User
from qingyuan.web.audit.services import SYSTEM
from qingyuan.web.registry.services import load_city
from small_city import AT, small_city

MNS = {
    "section:S1": "A37990000000000000000S01",
    "section:S3": "A37990000000000000000S03",
    "outfall:O1": "A37990000000000000000D01",
}


@pytest.fixture
def at() -> datetime:
    return AT


@pytest.fixture
def city(db: None) -> None:
    load_city(small_city(), by=SYSTEM, at=AT)


@pytest.fixture
def person(city: None) -> Callable[[str], User]:
    return lambda username: User.objects.get(username=username)


@pytest.fixture
def observations(tmp_path: Path) -> Observations:
    return Observations(tmp_path / "store")


@pytest.fixture
def arrive(observations: Observations) -> Callable[..., int]:
    """Store readings of one series: minute after the start → text as sent."""

    def store(
        values: dict[int, str],
        *,
        station: str = "section:S1",
        factor: str = "w21003",
        **more: object,
    ) -> int:
        rows = [
            {
                "station": station,
                "factor": factor,
                "cn": "2011",
                "suffix": "Rtd",
                "time": AT + timedelta(minutes=minute),
                "text": text,
                "flag": "N",
                "unit": "mg/L",
                "mn": MNS.get(station, ""),
                "received_at": AT + timedelta(minutes=minute, seconds=2),
            }
            | more
            for minute, text in values.items()
        ]
        return observations.append(rows)

    return store
