from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from qingyuan.host.citytime import CityClock

WALL = datetime(2026, 9, 22, 1, 0, tzinfo=UTC)
CITY = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)


class Wall:
    def __init__(self) -> None:
        self.at = WALL

    def __call__(self) -> datetime:
        return self.at


@pytest.fixture
def wall() -> Wall:
    return Wall()


def test_without_a_file_city_time_is_wall_time(tmp_path: Path, wall: Wall) -> None:
    clock = CityClock(tmp_path, wall=wall)
    assert clock.now() == WALL
    assert clock.rate == 1.0


def test_city_time_passes_at_its_rate(tmp_path: Path, wall: Wall) -> None:
    clock = CityClock(tmp_path, wall=wall)
    clock.start(CITY, rate=60)
    wall.at += timedelta(seconds=10)
    assert clock.now() == CITY + timedelta(minutes=10)


def test_an_advance_is_seen_by_every_other_reader(tmp_path: Path, wall: Wall) -> None:
    clock, other = CityClock(tmp_path, wall=wall), CityClock(tmp_path, wall=wall)
    clock.start(CITY)
    assert other.now() == CITY
    wall.at += timedelta(seconds=5)
    assert clock.advance(timedelta(hours=1)) == CITY + timedelta(hours=1, seconds=5)
    assert other.now() == CITY + timedelta(hours=1, seconds=5)


def test_the_clock_never_goes_back(tmp_path: Path, wall: Wall, raises_problem) -> None:
    clock = CityClock(tmp_path, wall=wall)
    with raises_problem("host.time_backwards"):
        clock.advance(timedelta(seconds=-1))
    with raises_problem("host.time_rate"):
        clock.start(CITY, rate=0)


def test_an_advance_without_a_file_begins_at_wall_time(tmp_path: Path, wall: Wall) -> None:
    clock = CityClock(tmp_path, wall=wall)
    clock.advance(timedelta(days=1))
    assert clock.now() == WALL + timedelta(days=1)


@pytest.mark.parametrize(
    "text",
    ["", "{}", '{"wall": "2026", "city": "x", "rate": 1}',
     '{"wall": "2026-01-01T00:00:00", "city": "2026-01-01T00:00:00", "rate": 1}'],
)  # fmt: skip
def test_an_unreadable_file_is_a_plain_problem(
    tmp_path: Path, wall: Wall, raises_problem, text: str
) -> None:
    (tmp_path / "city-time.json").write_text(text, "utf-8")
    with raises_problem("host.time_unreadable"):
        CityClock(tmp_path, wall=wall).now()


def test_the_real_wall_clock_is_aware(tmp_path: Path) -> None:
    assert CityClock(tmp_path).now().utcoffset() == timedelta(0)
