"""Readings of every few minutes are not so many witnesses: they are weighed as two-hour means."""

from __future__ import annotations

import numpy as np

from qingyuan.river.background import _spaced


def _lines(step_h: float, count: int) -> dict[float, list[float]]:
    return {-step_h * k: [float(k), np.nan] for k in range(count)}


def test_hourly_readings_stay_as_they_are() -> None:
    hours, value = _spaced(_lines(1.0, 6), first_h=-2.0)
    assert hours.tolist() == [-5.0, -4.0, -3.0, -2.0, -1.0, 0.0]
    assert value[:, 0].tolist() == [5.0, 4.0, 3.0, 2.0, 1.0, 0.0]


def test_readings_of_every_five_minutes_become_two_hour_means() -> None:
    hours, value = _spaced(_lines(1 / 12, 12 * 10), first_h=-3.0)
    assert np.diff(hours).max() < 2.1
    assert len(hours) < 10
    assert value[0, 0] > value[-1, 0]
    assert np.isnan(value[:, 1]).all()


def test_the_first_exceedance_is_not_mixed_with_what_came_before() -> None:
    clean_then_high = {-k / 12: [9.0 if k <= 7 else 1.0] for k in range(48)}
    _, value = _spaced(clean_then_high, first_h=-7 / 12)
    assert set(value[:, 0].round(6)) == {1.0, 9.0}


def test_hours_before_a_dense_end_stay_as_they_are() -> None:
    lines = _lines(1 / 12, 25) | {-float(h): [float(h), np.nan] for h in range(3, 40)}
    hours, _ = _spaced(lines, first_h=-1.0)
    assert (np.diff(hours)[:30] == 1.0).all()
    assert len(hours) < 45
