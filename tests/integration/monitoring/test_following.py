from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from qingyuan.store.observations import Observations
from qingyuan.web.monitoring import services
from qingyuan.web.monitoring.models import Follower, Latest
from qingyuan.web.monitoring.services import Following, absorb
from qingyuan.web.notices.models import Notice
from qingyuan.web.signals.models import Signal

pytestmark = pytest.mark.django_db


def _later(at, minutes):
    return at + timedelta(minutes=minutes, seconds=3)


def test_two_of_three_readings_beyond_the_target_raise_one_alarm(city, observations, arrive, at):
    arrive({0: "0.80", 1: "1.20"})
    assert absorb(observations, at=_later(at, 1)).signals == ()
    arrive({2: "1.34"})
    (signal,) = absorb(observations, at=_later(at, 2)).signals
    assert (signal.kind, signal.station, signal.factor) == ("exceedance", "section:S1", "w21003")
    assert (signal.value_text, signal.unit, signal.limit_text) == ("1.34", "mg/L", "≤1 mg/L")
    assert signal.multiple == Decimal("0.34")
    assert signal.clause.startswith("GB 3838-2002")
    assert signal.clause.endswith("Ⅲ类")
    assert (signal.first_at, signal.last_at) == (
        at + timedelta(minutes=1),
        at + timedelta(minutes=2),
    )
    assert Notice.objects.filter(kind="signal", user__username="duty").count() == 1
    arrive({3: "1.50"})
    assert absorb(observations, at=_later(at, 3)).signals == ()
    assert Signal.objects.get().count == 3


def test_one_spike_is_no_alarm_and_a_value_at_the_limit_is_inside(city, observations, arrive, at):
    arrive({0: "0.9", 1: "9.0", 2: "0.9", 3: "1.0", 4: "1.00", 5: "1.000"})
    absorb(observations, at=_later(at, 5))
    assert not Signal.objects.exists()


def test_three_readings_inside_clear_it(city, observations, arrive, at):
    arrive({0: "1.2", 1: "1.3", 2: "0.9", 3: "0.9"})
    absorb(observations, at=_later(at, 3))
    assert Signal.objects.get().active
    arrive({4: "0.9"})
    absorb(observations, at=_later(at, 4))
    assert Signal.objects.get().state == "cleared_unacknowledged"


def test_flagged_readings_take_no_part_but_are_the_latest(city, observations, arrive, at):
    arrive({0: "5.0", 1: "5.0", 2: "5.0"}, flag="D")
    absorb(observations, at=_later(at, 2))
    assert not Signal.objects.exists()
    latest = Latest.objects.get(station="section:S1", factor="w21003")
    assert (latest.text, latest.flag, latest.valid, latest.water_class) == ("5.0", "D", False, "")


def test_an_outfall_is_held_to_its_own_limit_in_force(city, observations, arrive, at):
    arrive({0: "9.0", 1: "9.5"}, station="outfall:O1")
    (signal,) = absorb(observations, at=_later(at, 1)).signals
    assert (signal.object_kind, signal.limit_text) == ("outfall", "≤8 mg/L")
    assert "GB 4287-2012" in signal.clause
    assert "实时值预警" in signal.clause


def test_latest_keeps_the_newest_by_its_own_time(city, observations, arrive, at):
    arrive({10: "0.50"})
    absorb(observations, at=_later(at, 10))
    arrive({5: "0.40"})
    absorb(observations, at=_later(at, 11))
    latest = Latest.objects.get()
    assert (latest.text, latest.value, latest.water_class) == ("0.50", 0.5, "Ⅱ")
    assert latest.time == at + timedelta(minutes=10)


def test_a_restart_neither_misses_nor_repeats(city, observations, arrive, at, tmp_path):
    arrive({0: "0.8", 1: "1.2"})
    absorb(observations, at=_later(at, 1))
    arrive({2: "1.3"})
    again = Observations(tmp_path / "store")  # another process
    assert len(absorb(again, at=_later(at, 2)).signals) == 1
    assert absorb(again, at=_later(at, 2)).rows == 0
    assert Signal.objects.get().count == 2


def test_a_process_that_died_between_two_savings_reads_on_and_doubles_nothing(
    city, observations, arrive, at
):
    first = Following(observations)
    arrive({0: "1.2", 1: "1.3"})
    first.absorb(at=_later(at, 1))
    first.save()
    arrive({2: "1.4", 3: "0.9", 4: "0.9", 5: "0.9"})
    first.absorb(at=_later(at, 5))  # cleared; and the process dies here
    before = Signal.objects.values().get()
    arrive({6: "0.9"})
    Following(observations).absorb(at=_later(at, 6))
    after = Signal.objects.values().get()
    assert {k: v for k, v in after.items() if k != "touched_at"} == {
        k: v for k, v in before.items() if k != "touched_at"
    }
    assert Follower.objects.get().version == observations.version()


def test_what_fails_half_way_is_taken_again(city, observations, arrive, at, monkeypatch):
    following = Following(observations)
    arrive({0: "1.2", 1: "1.3"})

    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("disk")

    with monkeypatch.context() as patched:
        patched.setattr("qingyuan.web.monitoring.services.follow.apply", broken)
        with pytest.raises(RuntimeError, match="disk"):
            following.absorb(at=_later(at, 1))
    assert not Latest.objects.exists()
    assert len(following.absorb(at=_later(at, 1)).signals) == 1


def test_history_is_shown_and_never_alarmed(city, observations, arrive, at):
    arrive({-120: "3.0", -60: "3.0", 0: "3.0"}, cn="hist", suffix="Avg")
    absorb(observations, at=_later(at, 1))
    assert Latest.objects.get().text == "3.0"
    assert not Signal.objects.exists()


def test_a_value_in_another_unit_is_not_judged(city, observations, arrive, at):
    from qingyuan.web.registry.models import Device

    Device.objects.filter(station="section:S1").update(factors={"w21003": "ug/L"})
    arrive({0: "1200", 1: "1300"}, unit="ug/L")
    absorb(observations, at=_later(at, 1))
    assert not Signal.objects.exists()


def test_silence_is_told_once_and_ends_when_heard(city, observations, arrive, at):
    following = Following(observations)
    arrive({0: "0.5"})
    following.absorb(at=_later(at, 0))
    stations = ["section:S1"]
    assert following.check_silence(at=at + timedelta(minutes=9), stations=stations) == []
    (signal,) = following.check_silence(at=at + timedelta(minutes=12), stations=stations)
    assert (signal.kind, signal.station, signal.value_text, signal.limit_text) == (
        "silence",
        "section:S1",
        "11",
        "≤10 min",
    )
    assert following.check_silence(at=at + timedelta(minutes=13), stations=stations) == []
    arrive({14: "0.5"})
    following.absorb(at=_later(at, 14))
    assert not Signal.objects.get().active


def test_a_city_publishes_its_own_rules_once(
    city, person, observations, arrive, at, raises_problem
):
    from importlib.resources import files

    shipped = files("qingyuan.readings").joinpath("tables/rules-2026.toml").read_text("utf-8")
    stricter = shipped.replace('id = "readings-2026"', 'id = "qinghe-2026"').replace(
        "needed = 2", "needed = 1", 1
    )
    services.publish_rules(stricter, by=person("duty"), at=at)
    with raises_problem("monitoring.rules_known"):
        services.publish_rules(stricter, by=person("duty"), at=at)
    with raises_problem("monitoring.rules_unreadable"):
        services.publish_rules("id = 3", by=person("duty"), at=at)
    arrive({0: "1.2"})
    (signal,) = absorb(observations, at=_later(at, 0)).signals
    assert signal.rule == "qinghe-2026/exceedance"
