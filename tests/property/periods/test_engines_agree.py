from datetime import date, timedelta
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import evaluation_reference as judge
from qingyuan.readings.periods import MISSING, SERIES, Hours
from qingyuan.scoring.air_board import AirBoard
from qingyuan.standards.aqi_arrays import primary_names
from qingyuan.standards.items import item

HIGH = {"so2": 900, "no2": 300, "pm10": 500, "pm25": 260, "co": 900, "o3": 420}
DECIMALS = {"so2": 0, "no2": 0, "pm10": 1, "pm25": 0, "co": 2, "o3": 0}
FIRSTS = [date(2026, 2, 24), date(2019, 12, 30), date(2030, 12, 28)]
worlds = st.tuples(
    st.integers(0, 2**32 - 1), st.sampled_from(FIRSTS), st.integers(1, 3), st.integers(1, 9)
)


def block(seed, first, stations, days):
    """Hours with gaps of every size; values lie near each other, so that ties happen."""
    rng = np.random.default_rng(seed)
    shape = (stations, days, 24)
    values = {}
    for name in SERIES:
        middle = rng.integers(0, HIGH[name], (stations, days, 1)) * 10 ** DECIMALS[name] // 2
        cube = np.abs(middle + rng.integers(-9, 10, shape))
        cube[rng.random(shape) < rng.choice([0, 0, 0.1, 0.2, 0.4], (stations, days, 1))] = MISSING
        values[name] = cube.astype(np.int32)
    return Hours([f"S{i}" for i in range(stations)], first, values, DECIMALS)


def fractions_of(hours, station, day):
    return {
        name: [
            None if units < 0 else Fraction(int(units), 10 ** DECIMALS[name])
            for units in hours.values[name][station, day]
        ]
        for name in SERIES
    }


@settings(max_examples=25, deadline=None)
@given(world=worlds)
def test_days_indices_months_and_ranks_are_those_of_fractions(world):
    hours = block(*world)
    board = AirBoard(hours)
    stations, days = len(hours.stations), hours.days
    held = {(s, d): fractions_of(hours, s, d) for s in range(stations) for d in range(days)}
    for (s, d), by_series in held.items():
        for name in SERIES:
            assert board.days.values[name].fraction((s, d)) == judge.daily(name, by_series[name])
        index, primary, published = judge.day_quality(by_series, board.index.rule_sets[d])
        assert board.index.aqi[s, d] == (MISSING if index is None else index)
        assert board.index.is_published[s, d] == (published and index is not None)
        named = primary_names(int(board.index.primary[s, d]), board.index.items)
        assert set(named) == {item(name).name for name in primary}
    for month in board.months.values():
        within = range(*month.span.within(hours.first_day, days).indices(days))
        expected = []
        for s in range(stations):
            found = judge.figures(
                {name: [judge.daily(name, held[s, d][name]) for d in within] for name in SERIES}
            )
            for name, (mean, percentile, count) in found.items():
                assert month.figures.means[name].fraction(s) == mean
                assert month.figures.percentiles[name].fraction(s) == percentile
                assert month.figures.days[name][s] == count
            expected.append(judge.index(found, month.variant.partition("/")[0]))
        assert [None if one < 0 else Fraction(int(one), 100) for one in month.index] == expected
        assert [int(one) or None for one in month.rank] == judge.ranks(expected)


@settings(max_examples=25, deadline=None)
@given(world=worlds, data=st.data())
def test_hour_by_hour_is_the_same_as_all_at_once(world, data):
    whole = block(*world)
    part = Hours(
        whole.stations,
        whole.first_day,
        {name: np.full_like(cube, MISSING) for name, cube in whole.values.items()},
        DECIMALS,
    )
    board = AirBoard(part)
    order = data.draw(st.permutations(range(whole.days * 24)))
    for place in order[:60]:  # late, early and repeated hours alike
        day, hour = divmod(place, 24)
        board.update(
            whole.label(day, hour),
            {name: cube[:, day, hour] for name, cube in whole.values.items()},
        )
    again = AirBoard(Hours(part.stations, part.first_day, part.values, DECIMALS))
    for name in again.days.values:
        assert (board.days.values[name].num == again.days.values[name].num).all()
        assert (board.days.values[name].ok == again.days.values[name].ok).all()
        assert (board.days.counts[name] == again.days.counts[name]).all()
    for field in ("aqi", "is_valid", "is_published", "primary", "level"):
        assert (getattr(board.index, field) == getattr(again.index, field)).all()
    for name, month in again.months.items():
        assert (board.months[name].index == month.index).all()
        assert (board.months[name].rank == month.rank).all()


def test_an_hour_outside_the_board_is_refused(raises_problem):
    hours = block(1, FIRSTS[0], 1, 2)
    with raises_problem("scoring.outside_board"):
        AirBoard(hours).update(hours.label(2, 0), {})


@pytest.mark.parametrize("hour", [0, 23])
def test_labels_are_the_ends_of_hours(hour):
    hours = block(1, FIRSTS[0], 1, 2)
    assert hours.place(hours.label(1, hour)) == (1, hour)
    midnight = hours.label(0, 23)
    assert midnight.date() == hours.first_day + timedelta(days=1)
    assert midnight.hour == 0
