"""Steps against a section's own history, where a rise came from, and classes that got worse."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from qingyuan.readings.decline import PeriodClass, decline
from qingyuan.readings.model import Reading
from qingyuan.readings.rules import read_rules, rules_at
from qingyuan.readings.steps import history_at
from qingyuan.readings.upstream import Upstream
from qingyuan.readings.watch import Watch
from qingyuan.standards import water

START = datetime(2026, 9, 1, 0, 0, tzinfo=UTC)
RULES = rules_at(date(2026, 9, 1))
LIMIT = water.limit("氨氮", "Ⅲ", at=date(2026, 9, 1))  # ≤ 1 mg/L


def reading(hours, text, station="section:S02", factor="w21003"):
    time = START + timedelta(hours=hours)
    return Reading(station, factor, time, text, flag="N", received_at=time)


def past(*, every=4, days=30, value=lambda hour: Decimal("0.5")):
    """Hours from before the watch began, as the store would answer."""
    hours = range(-24 * days, 0, every)
    return {START + timedelta(hours=h): value(h) for h in hours}


# ---------------------------------------------------------------------------
# steps


def watch_with(history, **known):
    asked = []

    def history_for(station, factor, before):
        asked.append((station, factor))
        return history

    return Watch(limit_for=lambda *_: None, history_for=history_for, **known), asked


def test_a_section_read_every_four_hours_is_judged_from_its_first_reading():
    watch, asked = watch_with(past())
    found = watch.take([reading(0, "0.9"), reading(4, "0.9")], at=START)
    assert [(one.kind, one.state) for one in found] == [("step", "raised")]
    assert asked == [("section:S02", "w21003")]  # once


def test_without_history_nothing_is_judged_yet():
    watch = Watch(limit_for=lambda *_: None)
    assert watch.take([reading(0, "0.9"), reading(4, "0.9")], at=START) == []


def test_a_restart_does_not_ask_again():
    watch, _ = watch_with(past())
    watch.take([reading(0, "0.5")], at=START)
    data = json.loads(json.dumps(watch.as_json()))
    _, asked = watch_with(past())
    again = Watch.from_json(
        data, limit_for=lambda *_: None, history_for=lambda *key: asked.append(key) or {}
    )
    found = again.take([reading(4, "0.9"), reading(8, "0.9")], at=START)
    assert [one.kind for one in found] == ["step"]
    assert asked == []


def test_the_same_time_of_day_is_compared_when_it_is_known_well_enough():
    # high by day, low by night: a day's value at night is a step, by day it is none
    def cycle(hour):
        return Decimal("2.0") if 6 <= hour % 24 < 18 else Decimal("0.5")

    by_day = {START + timedelta(hours=h): cycle(h) + Decimal(h % 3) / 50 for h in range(-720, 0)}
    night = history_at(by_day, START, rule=RULES.step)
    assert max(night) < Decimal("0.6")
    watch, _ = watch_with(by_day)
    [found] = watch.take([reading(0, "2.0"), reading(1, "2.0")], at=START)
    assert found.kind == "step"
    watch, _ = watch_with(by_day)
    assert watch.take([reading(11, "2.0"), reading(12, "2.0")], at=START) == []


def test_too_few_of_the_same_hour_and_all_hours_count():
    few = past(every=4, days=5)
    assert len(history_at(few, START, rule=RULES.step)) == 30


# ---------------------------------------------------------------------------
# where it came from


def river(above, *, limit=LIMIT):
    return Watch(
        limit_for=lambda *_: limit,
        history_for=lambda *_: past(every=1),
        upstream_for=lambda station: above if station == "section:S02" else (),
    )


ABOVE = (Upstream("section:S01", 6.0),)
BAD = [reading(10, "1.6"), reading(11, "1.7")]


def origin(watch, rows):
    [found] = [
        one
        for one in watch.take(rows, at=START)
        if (one.kind, one.station) == ("exceedance", "section:S02")
    ]
    return found.origin, found.origin_station


def test_bad_above_a_travel_time_ago_arrived_from_above():
    upper = [reading(h, "2.0", "section:S01") for h in (4, 5)]
    assert origin(river(ABOVE), [*upper, *BAD]) == ("from_above", "section:S01")


def test_clean_above_a_travel_time_ago_arose_in_between():
    upper = [reading(h, "0.5", "section:S01") for h in range(2, 12)]
    assert origin(river(ABOVE), [*upper, *BAD]) == ("between", "section:S01")


def test_bad_above_only_now_is_no_explanation():
    upper = [reading(h, "0.5", "section:S01") for h in range(9)]
    late = [reading(h, "2.0", "section:S01") for h in (10, 11)]
    assert origin(river(ABOVE), [*upper, *late, *BAD]) == ("between", "section:S01")


def test_a_step_above_explains_though_it_met_the_limit():
    upper = [reading(h, "0.9", "section:S01") for h in (4, 5)]
    assert origin(river(ABOVE), [*upper, *BAD]) == ("from_above", "section:S01")


def test_nobody_measured_above_so_neither_is_said():
    assert origin(river(ABOVE), BAD) == ("", "")


def test_one_silent_branch_forbids_in_between_but_not_from_above():
    two = (*ABOVE, Upstream("section:S07", 3.0))
    clean = [reading(h, "0.5", "section:S01") for h in range(2, 12)]
    assert origin(river(two), [*clean, *BAD]) == ("", "")
    bad = [reading(h, "2.0", "section:S01") for h in (4, 5)]
    assert origin(river(two), [*bad, *BAD]) == ("from_above", "section:S01")


def test_behind_a_closed_gate_nothing_is_dated():
    gated = (Upstream("section:S01", None),)
    upper = [reading(h, "0.5", "section:S01") for h in range(2, 12)]
    assert origin(river(gated), [*upper, *BAD]) == ("", "")


def test_a_lack_of_oxygen_is_followed_downwards():
    oxygen = water.limit("溶解氧", "Ⅲ", at=START.date())  # ≥ 5 mg/L
    watch = Watch(
        limit_for=lambda *_: oxygen,
        history_for=lambda *_: past(every=1, value=lambda _: Decimal("8")),
        upstream_for=lambda station: ABOVE if station == "section:S02" else (),
    )
    rows = [
        *[reading(h, "5.5", "section:S01", "w01009") for h in (4, 5)],
        *[reading(h, "3.0", "section:S02", "w01009") for h in (10, 11)],
    ]
    found = [o for o in watch.take(rows, at=START) if o.kind == "exceedance"]
    assert [(o.origin, o.origin_station) for o in found] == [("from_above", "section:S01")]


# ---------------------------------------------------------------------------
# worse than before


def month(number, *, year=2026, target="Ⅲ", **values):
    given = {name: Decimal(value) for name, value in values.items()}
    start = datetime(year, number, 1, tzinfo=UTC) - timedelta(hours=8)
    cls = water.evaluate(given, at=date(year, number, 1), target=target)
    end = start + timedelta(days=30)
    return PeriodClass("section:S02", start, end, cls.cls, cls.per_item, given, target)


AUGUST = month(8, 氨氮="0.4", 总磷="0.15")  # Ⅲ
SEPTEMBER = month(9, 氨氮="1.2", 总磷="0.15")  # Ⅳ by 氨氮


def test_a_worse_class_names_the_item_that_made_it():
    found = decline(SEPTEMBER, AUGUST, against="last_period", rules=RULES)
    assert (found.kind, found.classes, found.items) == (
        "worse_than_last_period",
        ("Ⅲ", "Ⅳ"),
        ("氨氮",),
    )
    # 氨氮 was Ⅱ (≤ 0.5 mg/L) in August
    assert (found.factor, found.value, found.limit) == ("w21003", Decimal("1.2"), Decimal("0.5"))
    assert (found.multiple, found.level, found.count) == (Decimal("1.4"), 1, 1)


def test_the_same_or_a_better_class_is_nothing_to_tell():
    assert decline(AUGUST, SEPTEMBER, against="last_period", rules=RULES) is None
    other = month(9, 氨氮="0.9", 总磷="0.15")
    assert decline(other, AUGUST, against="last_period", rules=RULES) is None
    nothing = replace(SEPTEMBER, cls=None)
    assert decline(nothing, AUGUST, against="last_period", rules=RULES) is None


def test_the_class_may_change_because_another_item_did():
    before = month(8, 氨氮="1.2", 总磷="0.05")  # Ⅳ by 氨氮
    now = month(9, 氨氮="0.4", 总磷="0.35")  # Ⅴ by 总磷
    found = decline(now, before, against="last_period", rules=RULES)
    assert (found.items, found.factor) == (("总磷",), "w21011")


# 《长江流域水环境质量监测预警办法（试行）》2018
@pytest.mark.parametrize(
    ("now", "year_now", "year_before", "level"),
    [
        pytest.param("1.2", "1.1", "0.8", 2, id="当月与累计均变差一类且累计未达标-二级"),
        pytest.param("1.8", "1.7", "0.8", 3, id="变差两类-一级"),
        pytest.param("1.2", "0.8", "0.8", 1, id="累计未变差-仅一般"),
    ],
)
def test_levels_against_last_year(now, year_now, year_before, level):
    found = decline(
        month(9, 氨氮=now),
        month(9, year=2025, 氨氮="0.8"),
        against="last_year",
        rules=RULES,
        cumulative=month(9, 氨氮=year_now),
        cumulative_before=month(9, year=2025, 氨氮=year_before),
    )
    assert (found.kind, found.level) == ("worse_than_last_year", level)
    assert found.document.startswith("长江流域") == (level > 1)


def test_at_a_target_of_four_a_month_of_four_stays_ordinary():
    found = decline(
        month(9, target="Ⅳ", 氨氮="1.2"),
        month(9, year=2025, target="Ⅳ", 氨氮="0.8"),
        against="last_year",
        rules=RULES,
        cumulative=month(9, target="Ⅳ", 氨氮="1.2"),
        cumulative_before=month(9, year=2025, target="Ⅳ", 氨氮="0.8"),
    )
    assert found.level == 1


def test_a_decline_is_raised_once_updated_and_cleared_also_over_a_restart():
    watch = Watch(limit_for=lambda *_: None)
    [raised] = watch.compare(SEPTEMBER, at=START, last_period=AUGUST)
    assert raised.state == "raised"
    assert watch.compare(SEPTEMBER, at=START, last_period=AUGUST) == []
    data = json.loads(json.dumps(watch.as_json()))
    watch = Watch.from_json(data, limit_for=lambda *_: None)
    worse = month(9, 氨氮="1.7", 总磷="0.15")  # Ⅴ
    [updated] = watch.compare(worse, at=START, last_period=AUGUST)
    assert (updated.state, updated.key, updated.level) == ("updated", raised.key, 2)
    better = month(9, 氨氮="0.9", 总磷="0.15")
    [cleared] = watch.compare(better, at=START, last_period=AUGUST)
    assert (cleared.state, cleared.key, cleared.cleared_at) == ("cleared", raised.key, START)
    assert watch.compare(better, at=START, last_period=AUGUST) == []


def test_a_section_out_of_service_is_told_no_more():
    watch = Watch(limit_for=lambda *_: None)
    watch.compare(SEPTEMBER, at=START, last_period=AUGUST)
    watch.forget(["section:S02"])
    [again] = watch.compare(SEPTEMBER, at=START, last_period=AUGUST)
    assert again.state == "raised"


# ---------------------------------------------------------------------------
# the table


def test_who_is_told_is_a_table():
    assert RULES.roles_for("step", 1) == ("duty_officer", "district_officer")
    assert RULES.roles_for("exceedance", 3) == (
        "duty_officer", "district_officer", "department_head", "vice_leader",
    )  # fmt: skip
    assert "department_head" in RULES.roles_for("worse_than_last_year", 1)


def test_a_city_table_written_before_these_rules_is_still_read():
    text = """id = "old"
in_force_from = "2020-01-01"
in_force_to = ""
mark = ""
intake = {clock_ahead_s = 600}
exceedance = {needed = 2, of = 3, clear = 3, within_s = 86400, lateness_s = 7200, sources = []}
step = {k = 6, scale = "1.4826", floor_share = "0.2", history_hours = 72, at_least = 24, needed = 2, of = 3, clear = 3, within_s = 86400}
silence = {intervals = 10, at_least_s = 600}
levels = [{level = 1, from = "0"}]
validity = {hour_share = "0.75", day_hours = 20, clause = ""}
"""
    old = read_rules(text)
    assert (old.step.same_hour, old.declines, old.roles_for("step", 3)) == (0, (), ())
