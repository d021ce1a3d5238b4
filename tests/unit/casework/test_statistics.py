"""Each figure counts what its definition says, and names the rows behind both sides."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from qingyuan.casework import Phase
from qingyuan.casework.statistics import (
    CaseRow,
    Spell,
    WorkTime,
    count,
    definitions,
    figure,
    figures,
    grouped,
    ranked,
    repeated,
    timing,
)
from qingyuan.casework.statistics.figures import _MEASURES
from qingyuan.core.calendar import WorkCalendar
from qingyuan.core.periods import CITY_TZ, city_date

CALENDAR = WorkCalendar.official()
WORK = WorkTime(CALENDAR)
MON = datetime(2026, 7, 6, 9, tzinfo=CITY_TZ)  # a Monday without holidays near
AT = MON + timedelta(days=30)


def day(n: float) -> datetime:
    return MON + timedelta(days=n)


def row(number: str, **given) -> CaseRow:
    return CaseRow(number, given.pop("opened_at", MON), **given)


def of(name: str, *rows: CaseRow):
    return figure(name, rows, at=AT, calendar=WORK)


def test_every_definition_has_a_measure_and_speaks_both_languages():
    assert set(definitions()) == set(_MEASURES)
    found = figures([row("a")], at=AT, calendar=CALENDAR)
    assert list(found) == list(definitions())
    for name, what in definitions().items():
        assert what.unit in ("percent", "workday", "hour", "count")
        for label in (what.label, what.formula, what.numerator, what.denominator, what.trap):
            assert label.zh, name
            assert label.en, name


def test_every_part_shown_beside_a_figure_is_defined():
    full = row(
        "a",
        assigned_at=MON,
        signed_at=day(1),
        acted_at=day(2),
        closed_at=day(3),
        due_at=day(5),
        satisfaction="satisfied",
        truth="proven",
        spells=tuple(Spell(phase, MON, day(1)) for phase in Phase),
    )
    for name, found in figures([full], at=AT, calendar=WORK).items():
        assert set(found.parts) == set(definitions()[name].parts), name


def test_closing_with_and_without_stages_names_its_rows():
    rows = [row("a", progress="done"), row("b", progress="staged"), row("c", progress="open")]
    plain, staged = of("closing_rate", *rows), of("closing_rate_staged", *rows)
    assert (plain.over, plain.among) == (("a",), ("a", "b", "c"))
    assert plain.value == Decimal(1) / 3
    assert plain.part_rows["staged"] == ("b",)
    assert staged.value == Decimal(2) / 3
    assert of("closing_rate").value is None
    # without a progress word the closing moment decides
    assert of("closing_rate", row("d", closed_at=day(1))).over == ("d",)


def test_due_and_on_time_judge_by_the_extended_limit():
    rows = [
        row("early", closed_at=day(2), due_at=day(5)),
        row("late", closed_at=day(6), due_at=day(5), extensions=1),
        row("overdue", due_at=day(5)),
        row("running", due_at=day(50)),
        row("unlimited", closed_at=day(2)),
    ]
    due = of("closing_rate_due", *rows)
    assert set(due.among) == {"early", "late", "overdue"}
    assert set(due.over) == {"early", "late"}
    timely = of("on_time_rate", *rows)
    assert timely.over == ("early",)
    assert set(timely.among) == {"early", "late", "overdue"}
    assert timely.part_rows == {"overdue": ("overdue",), "extended": ("late",)}


def test_a_limit_met_to_the_second_is_missed():
    assert of("on_time_rate", row("a", closed_at=day(5), due_at=day(5))).over == ()


def test_receipt_and_returns():
    rows = [
        row("good", assigned_at=MON, sign_by=day(1), signed_at=day(0.5)),
        row("late", assigned_at=MON, sign_by=day(1), signed_at=day(2), returns=2),
        row("waiting", assigned_at=AT, sign_by=AT + timedelta(days=1)),
        row("nowhere"),
    ]
    found = of("receipt_rate", *rows)
    assert (found.over, found.among) == (("good",), ("good", "late", "waiting"))
    assert found.part_rows["waiting"] == ("waiting",)
    assert of("return_rate", *rows).value == Decimal(1) / 3


def test_satisfaction_leaves_out_who_was_not_reached():
    rows = [
        row("a", satisfaction="satisfied", solved=True),
        row("b", satisfaction="basically", solved=False),
        row("c", satisfaction="unsatisfied"),
        row("d", satisfaction="unreachable"),
        row("e"),
    ]
    found = of("satisfaction_rate", *rows)
    assert found.denominator == 3
    assert found.parts["unreachable"] == 1
    assert of("solved_rate", *rows).value == Decimal("0.5")


def test_truth_counts_three_kinds_of_true():
    rows = [row(w, truth=w) for w in ("proven", "mostly", "partly", "unproven")] + [row("open")]
    found = of("truth_rate", *rows)
    assert (found.numerator, found.denominator) == (3, 4)
    assert found.parts == {"proven": 1, "mostly": 1, "partly": 1, "unproven": 1}


def test_handling_time_leaves_out_pauses_and_shows_median_and_p90():
    rows = [row(str(n), closed_at=day(n)) for n in (1, 2, 3, 4)]
    found = of("handling_days", *rows, row("open"))
    assert found.value == Decimal("2.5")
    assert found.parts == {"median": Decimal("2.5"), "p90": Decimal(4)}
    paused = row("p", closed_at=day(4), pauses=((day(1), day(3)),))
    assert of("handling_days", paused).value == 2
    over_weekend = row("w", closed_at=day(7))
    assert of("handling_days", over_weekend).value == 5


def test_hours_lie_on_working_days_only():
    friday = day(4)
    found = of("receipt_hours", row("a", assigned_at=friday, signed_at=day(7)))
    assert found.value == 24  # 15 hours left of Friday, 9 of Monday
    found = of("first_action_hours", row("a", assigned_at=MON, acted_at=MON + timedelta(hours=5)))
    assert found.value == 5
    assert WORK.hours(day(5), day(5.5)) == 0


def test_dwell_adds_the_spells_of_a_phase():
    spells = (
        Spell(Phase.DISCOVER, MON, day(1)),
        Spell(Phase.HANDLE, day(1), day(3)),
        Spell(Phase.DISCOVER, day(3), day(4)),
        Spell(Phase.FEEDBACK, day(4)),
    )
    one = row("a", spells=spells, closed_at=day(7))
    assert of("dwell_discover", one).value == 2
    assert of("dwell_handle", one).value == 2
    assert of("dwell_feedback", one).value == 1
    assert timing(one, at=AT, work=WORK).phases == {
        Phase.DISCOVER: 2,
        Phase.HANDLE: 2,
        Phase.FEEDBACK: 1,
    }


def test_elapsed_and_left():
    running = timing(row("a", due_at=day(5)), at=day(2), work=WORK)
    assert (running.elapsed, running.left, running.late) == (2, 2, False)
    late = timing(row("a", due_at=day(5)), at=day(6), work=WORK)
    assert (late.left, late.late) == (-1, True)
    assert timing(row("a"), at=day(2), work=WORK).left is None


def test_the_three_checks_are_three():
    rows = [
        row("a", unit="u", person="p", due_at=AT, struck_at=AT, evidence=True),
        row("b", unit="u", struck_at=AT),
        row("c", listed=False, unit="u", person="p", due_at=AT),
    ]
    assert of("check_list", *rows).over == ("a", "b")
    assert of("check_duty", *rows).over == ("a", "c")
    assert of("check_duty", *rows).part_rows["nobody"] == ("b",)
    assert of("check_strike", *rows).over == ("a",)
    assert of("check_strike", *rows).among == ("a", "b")
    assert of("strike_off_rate", *rows).value == 1


def test_visits_saved_is_a_count():
    found = of("visits_saved", row("a", visits_merged=2), row("b", closed_online=True), row("c"))
    assert found.value == 3
    assert found.over == ("a", "b")


def test_items_count_once_and_problems_once_per_type():
    rows = [
        row("a", unit="市南区", types=("water", "air"), channel="phone", focus=True),
        row("b", unit="市北区", co_units=("市南区",), types=("air",), channel="mail"),
        row("c", unit="市南区", types=("noise",), channel="mail"),
    ]
    found = count(rows)
    assert (found.items, found.problems, found.focus) == (3, 4, 1)
    assert found.by_unit == {"市南区": 2}
    assert found.joint == {("市北区", "市南区"): 1}
    assert sum(found.by_unit.values()) + sum(found.joint.values()) == found.items
    assert found.by_type == {"air": 2, "water": 1, "noise": 1}
    assert found.by_channel == {"mail": 2, "phone": 1}
    assert list(grouped(rows, lambda r: r.types)) == ["air", "noise", "water"]


def test_the_same_place_again_needs_place_and_time():
    here, near, far = (120.4, 36.8), (120.4005, 36.8), (120.41, 36.8)
    rows = [
        row("a", place=here),
        row("b", place=near, opened_at=day(10)),
        row("c", place=here, opened_at=day(80)),
        row("d", place=far),
        row("e"),
    ]
    assert repeated(rows, near_m=100, within_days=30) == {"a", "b"}
    found = of("repeat_rate", *rows)
    assert (found.numerator, found.denominator) == (2, 4)
    assert found.part_rows["unplaced"] == ("e",)
    wide = figure("repeat_rate", rows, at=AT, calendar=WORK, near_m=2000, within_days=30)
    assert wide.numerator == 3


def test_units_are_ranked_fastest_first_and_small_groups_left_out():
    groups = {
        "fast": [row(f"f{n}", closed_at=day(1)) for n in range(5)],
        "slow": [row(f"s{n}", closed_at=day(4)) for n in range(5)],
        "few": [row("x", closed_at=day(0))],
    }
    found = ranked("handling_days", groups, at=AT, calendar=CALENDAR)
    assert [unit for unit, _ in found] == ["fast", "slow"]


@pytest.mark.parametrize("span", [(-400, 30), (0, 365), (3000, 3300)])
def test_quick_counting_agrees_with_the_calendar(span):
    start, end = (city_date(day(n)) for n in span)
    assert WORK.between(start, end) == CALENDAR.working_days_between(start, end)
    assert WORK.between(end, start) == CALENDAR.working_days_between(end, start)


def test_days_before_the_sums_begin_are_counted_too():
    start, end = city_date(day(-9800)), city_date(day(-9500))
    assert start.year < 2000
    assert WORK.between(start, end) == CALENDAR.working_days_between(start, end)
