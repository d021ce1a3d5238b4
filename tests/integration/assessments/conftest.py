"""Two months of a small city's air and water, with one dusty night and one bad week."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from django.test import Client

from case_town import Town, build_town
from qingyuan.core.periods import day_of
from qingyuan.host.folder import DataFolder
from qingyuan.reporting import AIR_ITEMS
from qingyuan.store.observations import Observations
from qingyuan.web.accounts.models import User
from qingyuan.web.registry.models import AirStation, District

FIRST, TODAY = date(2026, 8, 1), date(2026, 9, 22)
DUST = datetime(2026, 9, 9, 20, tzinfo=UTC)  # 04:00 of the 10th in the city
USUAL = {"pm25": 20, "pm10": 40, "so2": 6, "no2": 18, "co": 0.6, "o3": 80}


@dataclass
class Air:
    """The town with a station on each side, and its folder's store."""

    town: Town
    store: Observations


def _rows(
    station: str, values: Callable[[datetime], dict[str, float]]
) -> Iterator[dict[str, object]]:
    start = day_of(FIRST).start
    end = datetime(2026, 9, 22, 1, tzinfo=UTC)
    for hour in range(int((end - start).total_seconds()) // 3600):
        time = start + timedelta(hours=hour)
        for factor, value in values(time).items():
            yield {
                "station": station, "factor": factor, "cn": "hist", "suffix": "Avg", "time": time,
                "text": f"{value:g}", "flag": "N", "unit": "", "mn": f"M-{station}",
                "received_at": time + timedelta(hours=1),
            }  # fmt: skip


def _air(more: float) -> Callable[[datetime], dict[str, float]]:
    def values(time: datetime) -> dict[str, float]:
        found = {AIR_ITEMS[name]: value + more for name, value in USUAL.items() if name != "co"}
        found[AIR_ITEMS["co"]] = USUAL["co"]
        if DUST <= time < DUST + timedelta(hours=5):
            found[AIR_ITEMS["pm10"]], found[AIR_ITEMS["pm25"]] = 400, 60
        found["a01007"] = 0.3 if time.hour == 0 else 2.0
        found["a01008"] = 350 if time.hour % 2 else 10
        return found

    return values


def _water(ammonia: float) -> Callable[[datetime], dict[str, float]]:
    def values(time: datetime) -> dict[str, float]:
        return {"w01001": 7.4, "w01009": 8.0, "w01019": 3.0, "w21003": ammonia, "w21011": 0.1}

    return values


@pytest.fixture(scope="session")
def readings(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a store that is written once and only read."""
    folder = DataFolder(tmp_path_factory.mktemp("air") / "city").create("city")
    import pyarrow as pa

    rows = [
        *_rows("air:A1", _air(0)), *_rows("air:A2", _air(10)),
        *_rows("section:S1", _water(0.4)), *_rows("section:S3", _water(1.4)),
    ]  # fmt: skip
    Observations(folder.store).bulk(pa.Table.from_pylist(rows), app=("history", 1))
    return folder.path


@pytest.fixture
def air(db: None, settings, readings: Path) -> Air:
    settings.FOLDER = DataFolder(readings)
    town = build_town()
    AirStation.objects.create(
        code="A2", name_zh="西河站", lon=121.3, lat=36.3, kind="assessed",
        district=District.objects.get(code="379902"),
    )  # fmt: skip
    return Air(town, Observations(settings.FOLDER.store))


@pytest.fixture
def enter(air: Air) -> Callable[[str], Client]:
    def as_person(username: str) -> Client:
        client = Client()
        client.force_login(User.objects.get(username=username))
        return client

    return as_person


@pytest.fixture(autouse=True)
def now(monkeypatch: pytest.MonkeyPatch) -> datetime:
    """Let every request fall on 09:00 of 22 September."""
    at = datetime(2026, 9, 22, 1, 0, tzinfo=UTC)

    class Still:
        rate = 1.0

        @staticmethod
        def now() -> datetime:
            return at

    monkeypatch.setattr("qingyuan.web.project.middleware._clock", Still)
    return at
