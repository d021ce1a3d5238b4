from datetime import date, datetime, timedelta
from decimal import Decimal

import numpy as np
import pytest

from qingyuan.core.periods import CITY_TZ
from qingyuan.readings import roses
from qingyuan.readings.dust import propose_dust

FIRST = datetime(2024, 3, 27, 1, tzinfo=CITY_TZ)


def proposed(coarse, fine):
    def numbers(values):
        return [None if value is None else Decimal(value) for value in values]

    return propose_dust("S1", FIRST, numbers(coarse), numbers(fine), at=date(2024, 3, 27))


def test_a_jump_of_coarse_dust_is_proposed_until_it_is_back():
    coarse = [80] * 6 + [400, 900, 500, 150, 85, 80]
    fine = [40] * 6 + [60, 100, 70, 40, 40, 40]
    [one] = proposed(coarse, fine)
    assert one.period.start == FIRST + timedelta(hours=5)  # 06:00–07:00 起
    assert one.period.end == FIRST + timedelta(hours=9)
    assert (one.before, one.peak, one.ended) == (80, 900, True)
    assert one.clause
    assert len(one.marks) == 2
    assert "400" in one.reasons[0].zh


@pytest.mark.parametrize(
    ("coarse", "fine"),
    [
        pytest.param([40] * 6 + [140], [10] * 6 + [5], id="不足150"),
        pytest.param([80] * 6 + [159], [40] * 6 + [10], id="不足两倍"),
        pytest.param([80] * 6 + [400], [40] * 6 + [120], id="细颗粒物同升"),
        pytest.param([None] * 3 + [80] * 3 + [400], [40] * 6 + [60], id="前6小时不足4个"),
    ],
)
def test_other_rises_are_not(coarse, fine):
    assert proposed(coarse, fine) == []


def test_an_event_without_an_end_is_open():
    [one] = proposed([80] * 6 + [400, None, 500], [40] * 6 + [60, None, 70])
    assert not one.ended


WIND = np.array([0.0, 350, 10, 90, 90, 180, np.nan, 45])
SPEED = np.array([2.0, 2, 2, 2, 2, 0.3, 2, np.nan])
VALUE = np.array([10.0, 20, 30, 100, 200, 500, 50, 60])


def test_calm_and_missing_hours_are_dropped_and_counted():
    found = roses.pollution_rose(WIND, SPEED, VALUE, edges=[50], sectors=4, at_least=3)
    assert (found.hours, found.calm_hours, found.missing_hours) == (5, 1, 2)
    north, east, *_ = found.sectors
    assert (north.hours, north.mean, north.shares) == (3, 20.0, (0.6, 0.0))
    assert (east.hours, east.mean, east.shares) == (2, None, (0.0, 0.4))


def test_the_conditional_probability_needs_enough_hours():
    found = roses.conditional_probability(WIND, SPEED, VALUE, threshold=15, sectors=4, at_least=2)
    assert [sector.probability for sector in found.sectors] == [2 / 3, 1.0, None, None]


def test_the_polar_grid_leaves_cells_of_few_hours_empty():
    grid = roses.polar_grid(WIND, SPEED, VALUE, speed_edges=[0, 1, 3], sectors=4, at_least=3)
    assert grid.hours.tolist() == [[0, 3], [0, 2], [0, 0], [0, 0]]
    assert grid.mean[0, 1] == 20
    assert np.isnan(grid.mean[1, 1])


def test_sources_upwind_are_listed_by_distance():
    station = (120.0, 36.0)
    sources = [("far", 120.0, 36.05), ("near", 120.0, 36.01), ("south", 120.0, 35.99)]
    found = roses.upwind_sources(station, sources, direction=10)
    assert [one.source for one in found] == ["near", "far"]
    assert found[0].distance_m == pytest.approx(1112, abs=1)
    assert found[0].off_wind == pytest.approx(10, abs=0.01)
    assert roses.upwind_sources(station, sources, direction=10, within_m=500) == []
