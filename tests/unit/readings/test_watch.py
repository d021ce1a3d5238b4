import json
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from qingyuan.readings.episodes import exceedance
from qingyuan.readings.model import Reading
from qingyuan.readings.rules import Persistence, rules_at
from qingyuan.readings.steps import band_of, step_change
from qingyuan.readings.watch import Watch
from qingyuan.standards import water

START = datetime(2026, 9, 1, 0, 0, tzinfo=UTC)
RULES = rules_at(date(2026, 9, 1))
LIMIT = water.limit("氨氮", "Ⅲ", at=date(2026, 9, 1))  # ≤ 1 mg/L


def reading(minute, text, **other):
    time = START + timedelta(minutes=minute)
    fields = {"station": "section:S01", "factor": "w21003", "time": time}
    fields |= {"received_at": time + timedelta(seconds=2), "flag": "N"}
    return Reading(text=text, **(fields | other))


def new_watch():
    return Watch(limit_for=lambda station, factor, time: LIMIT)


def told(watch, *readings):
    return [
        (one.state, one.value, one.count)
        for one in watch.take(readings, at=START)
        if one.kind == "exceedance"
    ]


def minutes(found):
    return [(one.first_at - START) // timedelta(minutes=1) for one in found]


def test_one_spike_is_no_exceedance():
    watch = new_watch()
    assert (
        told(watch, *[reading(m, t) for m, t in enumerate(["0.5", "9", "0.5", "0.5", "9"])]) == []
    )


def test_two_of_three_raise_longer_updates_and_three_inside_clear():
    watch = new_watch()
    assert told(watch, reading(0, "1.2"), reading(1, "0.9")) == []
    assert told(watch, reading(2, "1.5")) == [("raised", Decimal("1.5"), 2)]
    assert told(watch, reading(3, "1.1")) == [("updated", Decimal("1.5"), 3)]
    assert told(watch, reading(4, "1.0"), reading(5, "1.0")) == []
    assert told(watch, reading(6, "1.0")) == [("cleared", Decimal("1.5"), 3)]


def test_a_finding_says_what_against_which_rule():
    watch = new_watch()
    [found] = watch.take([reading(0, "1.6"), reading(1, "2.1")], at=START)
    assert (found.kind, found.station, found.factor) == ("exceedance", "section:S01", "w21003")
    assert (found.first_at, found.last_at) == (START, START + timedelta(minutes=1))
    assert (found.value, found.limit, found.multiple) == (
        Decimal("2.1"),
        Decimal("1.0"),
        Decimal("1.1"),
    )
    assert (found.document, found.clause, found.rule) == ("GB 3838-2002", "表1", "readings-2026")
    assert found.level == 3


@pytest.mark.parametrize(("text", "level"), [("1.1", 1), ("1.5", 2), ("2.0", 3)])
def test_the_level_follows_the_multiple(text, level):
    [found] = new_watch().take([reading(0, text), reading(1, text)], at=START)
    assert found.level == level


def test_too_little_oxygen_has_a_level_but_no_multiple():
    limit = water.limit("DO", "Ⅲ", at=date(2026, 9, 1))
    watch = Watch(limit_for=lambda *_: limit)
    [found] = watch.take([reading(m, "2.4", factor="w01009") for m in (0, 1)], at=START)
    assert (found.multiple, found.level) == (None, 2)


def test_resent_rows_neither_raise_nor_count_nor_clear():
    watch = new_watch()
    assert told(watch, reading(0, "1.2"), reading(0, "1.2"), reading(0, "1.2")) == []
    assert told(watch, reading(1, "1.3")) == [("raised", Decimal("1.3"), 2)]
    inside = reading(2, "0.2")
    assert told(watch, inside, inside, inside, inside) == []


def test_late_rows_inside_do_not_clear():
    watch = new_watch()
    told(watch, reading(10, "1.2"), reading(11, "1.3"))
    assert told(watch, reading(1, "0.2"), reading(2, "0.2"), reading(3, "0.2")) == []


def test_late_rows_beyond_do_not_raise_out_of_order():
    watch = new_watch()
    told(watch, *[reading(m, "0.2") for m in range(10, 16)])
    assert told(watch, reading(1, "1.4"), reading(16, "1.4")) == []


def test_a_late_row_completes_an_episode_in_its_place():
    watch = new_watch()
    told(watch, reading(0, "0.2"), reading(1, "1.2"), reading(3, "0.2"))
    assert told(watch, reading(2, "1.9")) == [("raised", Decimal("1.9"), 2)]


def test_a_late_row_that_extends_an_episode_keeps_its_key():
    watch = new_watch()
    [first] = watch.take([reading(5, "1.2"), reading(6, "1.2")], at=START)
    [second] = watch.take([reading(4, "1.8")], at=START)
    assert (second.key, second.state, second.value) == (first.key, "updated", Decimal("1.8"))
    assert minutes([first, second]) == [5, 4]


def test_a_correction_withdraws_what_stood_on_it():
    watch = new_watch()
    told(watch, reading(0, "1.2"), reading(1, "1.3"))
    assert [state for state, _, _ in told(watch, reading(1, "0.13"))] == ["withdrawn"]
    assert told(watch, reading(2, "0.1")) == []


def test_a_value_later_flagged_as_maintenance_is_taken_back():
    watch = new_watch()
    told(watch, reading(0, "1.2"), reading(1, "1.3"))
    assert [state for state, _, _ in told(watch, reading(1, "1.3", flag="M"))] == ["withdrawn"]


def test_readings_under_maintenance_neither_raise_nor_clear():
    watch = new_watch()
    assert told(watch, *[reading(m, "9", flag="M") for m in range(5)]) == []
    told(watch, reading(6, "1.2"), reading(7, "1.2"))
    assert told(watch, *[reading(m, "0.1", flag="C") for m in range(8, 14)]) == []
    assert watch.counts["flag"] == 11


def test_rows_older_than_lateness_are_counted_and_change_nothing():
    watch = new_watch()
    told(watch, *[reading(m, "0.2") for m in range(0, 600, 5)])
    assert told(watch, reading(1, "9"), reading(2, "9"), reading(3, "9")) == []
    assert watch.counts["late"] == 3


def test_a_four_hourly_section_may_be_late_by_one_reading():
    watch = new_watch()
    told(watch, *[reading(240 * n, "0.5") for n in range(10)], reading(2400, "1.2"))
    assert told(watch, reading(2880, "0.5")) == []
    assert told(watch, reading(2640, "1.3")) == [("raised", Decimal("1.3"), 2)]


def test_exceedances_far_apart_do_not_add_up():
    watch = new_watch()
    assert told(watch, reading(0, "1.2"), reading(3 * 1440, "1.2")) == []


def test_minutes_and_hours_are_not_mixed_with_real_time():
    watch = new_watch()
    assert told(watch, *[reading(m, "9", cn="2061", suffix="Avg") for m in range(5)]) == []
    assert watch.counts["other"] == 5


def test_two_series_do_not_disturb_each_other():
    watch = new_watch()
    rows = [reading(m, "1.2", station=s) for m, s in ((0, "a"), (0, "b"), (1, "c"))]
    assert told(watch, *rows) == []


def test_without_a_limit_nothing_is_exceeded():
    watch = Watch(limit_for=lambda *_: None)
    assert watch.take([reading(m, "9") for m in range(5)], at=START) == []


def test_a_restart_goes_on_where_it_stopped():
    rows = [
        reading(m, t)
        for m, t in enumerate(["0.5", "1.2", "1.4", "1.1", "0.2", "0.2", "0.2", "2", "2"])
    ]
    whole = new_watch()
    expected = [one for row in rows for one in whole.take([row], at=START)]
    watch, found = new_watch(), []
    for row in rows:
        found += watch.take([row], at=START)
        saved = json.loads(json.dumps(watch.as_json()))
        watch = Watch.from_json(saved, limit_for=lambda *_: LIMIT)
    assert found == expected
    assert [one.state for one in found] == ["raised", "updated", "cleared", "raised"]


def test_a_state_of_another_version_is_refused(raises_problem):
    with raises_problem("readings.unknown_state"):
        Watch.from_json({"version": "watch-0"}, limit_for=lambda *_: None)


def test_the_batch_form_agrees_with_the_watch():
    rows = [reading(m, t) for m, t in enumerate(["1.2", "1.4", "0.2", "0.2", "0.2", "1.1", "1.3"])]
    first, second = exceedance(reversed(rows), LIMIT, rule=Persistence(), rules=RULES)
    assert (first.peak.value, first.cleared_at) == (Decimal("1.4"), START + timedelta(minutes=4))
    assert (second.start, second.cleared_at) == (START + timedelta(minutes=5), None)


def test_the_band_is_median_and_scaled_spread():
    history = [Decimal(v) for v in ("0.4", "0.5", "0.6")] * 10
    band = band_of(history, rule=RULES.step)
    assert band.middle == Decimal("0.5")
    assert band.high == Decimal("0.5") + 6 * Decimal("1.4826") * Decimal("0.1")
    assert band_of(history[:20], rule=RULES.step) is None
    quiet = band_of([Decimal("0.5")] * 30, rule=RULES.step)
    assert (quiet.low, quiet.high) == (Decimal("0.4"), Decimal("0.6"))
    assert step_change(Decimal("0.61"), quiet, time=START).beyond
    assert not step_change(Decimal("0.6"), quiet, time=START).beyond


def test_a_jump_that_lasts_is_a_step_and_a_blip_is_not():
    watch = Watch(limit_for=lambda *_: None)
    hourly = [reading(60 * h, "0.50" if h % 2 else "0.52") for h in range(48)]
    blip = [reading(2880, "0.95"), *[reading(2880 + 60 * h, "0.51") for h in (1, 2)]]
    assert watch.take([*hourly, *blip], at=START) == []
    [found] = watch.take([reading(3060, "0.95"), reading(3120, "1.20")], at=START)
    assert (found.kind, found.state, found.value) == ("step", "raised", Decimal("1.20"))
    assert found.limit < Decimal("0.95")


def test_silence_is_raised_once_and_cleared_by_the_next_word():
    watch = new_watch()
    watch.take([reading(0, "0.5")], at=START)
    intervals = {"section:S01": 300}
    assert watch.tick(START + timedelta(minutes=50), intervals=intervals) == []
    [raised] = watch.tick(START + timedelta(minutes=51), intervals=intervals)
    assert (raised.kind, raised.state, raised.limit) == ("silence", "raised", 3000)
    assert watch.tick(START + timedelta(minutes=90), intervals=intervals) == []
    [cleared] = watch.take([reading(95, "0.5")], at=START, intervals=intervals)
    assert (cleared.key, cleared.state) == (raised.key, "cleared")


def test_a_logger_that_resends_yesterday_is_not_silent():
    watch = new_watch()
    watch.take([reading(0, "0.5")], at=START)
    now = START + timedelta(hours=2)
    watch.take([reading(1, "0.5", received_at=now)], at=now)
    assert watch.tick(now + timedelta(minutes=5), intervals={"section:S01": 300}) == []


def test_a_station_never_heard_waits_from_the_first_look():
    watch = new_watch()
    intervals = {"section:S09": 30}
    assert watch.tick(START, intervals=intervals) == []
    [found] = watch.tick(START + timedelta(seconds=601), intervals=intervals)
    assert (found.station, found.first_at) == ("section:S09", START)


def test_a_station_out_of_service_is_forgotten():
    watch = new_watch()
    watch.take([reading(0, "1.2")], at=START)
    watch.forget(["section:S01"])
    assert told(watch, reading(1, "1.2")) == []


def test_the_rules_must_cover_the_date(raises_problem):
    with raises_problem("readings.no_rules"):
        rules_at(date(1999, 12, 31))
