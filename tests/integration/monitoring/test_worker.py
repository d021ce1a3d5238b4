from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from qingyuan.host.citytime import CityClock
from qingyuan.host.folder import DataFolder
from qingyuan.store.observations import Observations
from qingyuan.web.monitoring.models import Follower
from qingyuan.web.monitoring.services import Following, judge_day
from qingyuan.web.monitoring.worker import Worker, tick
from qingyuan.web.registry.models import OutfallLimit
from qingyuan.web.signals.models import Signal

pytestmark = pytest.mark.django_db


class Hands:
    """Wall time and the monotonic clock, moved together by the test."""

    def __init__(self, wall):
        self.wall, self.seconds = wall, 1000.0

    def pass_by(self, seconds: float) -> None:
        self.wall += timedelta(seconds=seconds)
        self.seconds += seconds


@pytest.fixture
def hands(at):
    return Hands(at)


@pytest.fixture
def worker(city, hands, tmp_path):
    clock = CityClock(tmp_path, wall=lambda: hands.wall)
    return Worker(DataFolder(tmp_path), clock, monotonic=lambda: hands.seconds)


def test_a_round_takes_what_is_new_and_measures_the_lag(worker, hands, arrive):
    arrive({0: "1.2", 1: "1.3"})
    hands.pass_by(65)
    taken = worker.tick()
    assert (taken.rows, len(taken.signals), taken.lag_s) == (2, 1, 3.0)
    assert worker.tick().rows == 0
    assert Follower.objects.get().lag_s == 3.0


def test_silence_is_noticed_after_its_time_and_not_after_the_clock_was_moved(
    worker, hands, arrive, tmp_path
):
    arrive({0: "0.5"})
    hands.pass_by(30)
    worker.tick()
    CityClock(tmp_path, wall=lambda: hands.wall).advance(timedelta(hours=1))  # the demo's “+1 h”
    hands.pass_by(6)
    worker.tick()
    assert not Signal.objects.filter(kind="silence").exists()
    arrive({61: "0.5", 62: "0.5"})
    for _ in range(16):
        hands.pass_by(60)
        worker.tick()
    silent = set(Signal.objects.filter(kind="silence").values_list("object_code", flat=True))
    assert silent == {"S1", "S3", "O1"}  # nobody spoke for a quarter of an hour


def test_stopping_saves_where_it_stands(worker, hands, arrive):
    arrive({0: "1.2"})
    hands.pass_by(5)
    worker.tick()
    assert Follower.objects.get().state is None
    worker.stop()
    row = Follower.objects.get()
    assert row.state_version == row.version
    assert row.state is not None


def test_two_processes_do_not_both_follow(city, observations, arrive, at, django_db_blocker):
    first, second = Following(observations), Following(observations)
    arrive({0: "1.2", 1: "1.3"})
    later = at + timedelta(minutes=2)
    assert len(first.absorb(at=later).signals) == 1
    taken = second.absorb(at=later)  # begins from what was saved: reads the rows again, folds them
    assert taken.signals == ()
    assert Signal.objects.get().count == 2


def test_the_log_that_was_cleaned_away_is_begun_again(city, observations, arrive, at, monkeypatch):
    from qingyuan.core.problems import Problem

    following = Following(observations)
    arrive({0: "1.2"})

    def gone(*_: object, **__: object) -> None:
        raise Problem("store.version_gone", table="observations", version=0, current=1)

    with monkeypatch.context() as patched:
        patched.setattr(observations, "news", gone)
        assert following.absorb(at=at).rows == 0
    assert Follower.objects.get().restarted == 1
    arrive({1: "1.3"})
    assert following.absorb(at=at + timedelta(minutes=2)).rows == 1


def test_tick_keeps_one_worker_per_folder(city, tmp_path, hands, arrive):
    folder, clock = DataFolder(tmp_path), CityClock(tmp_path, wall=lambda: hands.wall)
    arrive({0: "0.5"})
    hands.pass_by(10)
    assert tick(folder, clock).rows == 1
    assert tick(folder, clock).rows == 0


def _a_day(observations: Observations, at, *, value: str, hours: int = 24):
    start = at - timedelta(hours=9 + 24)  # midnight of yesterday in the city
    observations.append(
        [
            {
                "station": "outfall:O1",
                "factor": "w01018",
                "cn": "2011",
                "suffix": "Rtd",
                "time": start + timedelta(minutes=m),
                "text": value,
                "flag": "N",
                "unit": "mg/L",
                "mn": "A37990000000000000000D01",
                "received_at": start + timedelta(minutes=m, seconds=1),
            }
            for m in range(60 * hours)
        ]
    )
    from qingyuan.core.periods import city_date
    from qingyuan.web.registry.models import Device

    Device.objects.filter(station="outfall:O1").update(factors={"w21003": "mg/L", "w01018": "mg/L"})
    OutfallLimit.objects.get_or_create(
        outfall_id="O1", factor="w01018", averaging="daily", valid_from=city_date(start),
        defaults={"limit": Decimal("50"), "unit": "mg/L", "standard": "GB 4287-2012", "level": "表2"},
    )  # fmt: skip
    return city_date(start)


def test_a_daily_limit_is_held_against_the_mean_of_the_day(city, observations, at):
    day = _a_day(observations, at, value="60")
    (signal,) = judge_day(observations, day=day, at=at)
    assert (signal.value_text, signal.limit_text, signal.multiple) == (
        "60",
        "≤50 mg/L",
        Decimal("0.2"),
    )
    assert "日均值限值" in signal.clause
    assert judge_day(observations, day=day, at=at) == []
    assert Following(observations).absorb(at=at).signals == ()  # never against an instant


def test_a_day_of_too_few_hours_is_not_judged(city, observations, at):
    assert judge_day(observations, day=_a_day(observations, at, value="60", hours=12), at=at) == []


def test_a_day_at_the_limit_is_inside(city, observations, at):
    assert judge_day(observations, day=_a_day(observations, at, value="50.0"), at=at) == []


def test_many_stations_silent_at_once_are_one_message(city, observations, at, monkeypatch):
    from qingyuan.web.notices.models import Notice
    from qingyuan.web.registry.models import Device

    Device.objects.bulk_create(
        Device(
            mn=f"{n:024X}", station=f"section:X{n}", st="21", password="0", dialect="2017", answer="flag",
            label="start", encoding="utf-8", interval_s=60,
        )
        for n in range(12)
    )  # fmt: skip
    following = Following(observations)
    stations = list(following.intervals)
    following.check_silence(at=at, stations=stations)
    raised = following.check_silence(at=at + timedelta(minutes=11), stations=stations)
    assert len(raised) == 15
    assert list(Notice.objects.values_list("user__username", "title_zh")) == [
        ("duty", "15 个站点同时无数据")
    ]
