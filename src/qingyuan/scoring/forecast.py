"""Where a period may end (期末预测): a band from the same season of former years.

Method: the remaining days are drawn, in blocks of consecutive days, from the same time of year in
the history (within *window* days of the date), each block scaled by how this year compares with
that history so far; so many times, from a seed. It says what a season like the former ones would
bring, not what the weather will be. With fewer than *at_least* days of history there is no band.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

__all__ = ["Forecast", "forecast_mean"]

METHOD_ZH = "同期分块自助法：从历年同期（±{window} 天）按 {block} 天连续抽取其余各日，按今年至今与历年同期之比修正，重复 {draws} 次"
METHOD_EN = "same-season block bootstrap: remaining days drawn in blocks of {block} days within ±{window} days of the date in former years, scaled by this year against the same days so far, {draws} times"


@dataclass(frozen=True, slots=True)
class Forecast:
    """The mean at the end of a period (期末均值预测).

    ``low``, ``middle``, ``high`` are the 10th, 50th and 90th of 100; ``miss`` the probability of
    missing the target, None without a target; all None when the history is too short.
    """

    low: float | None
    middle: float | None
    high: float | None
    miss: float | None
    history_days: int
    scale: float
    method_zh: str
    method_en: str


def forecast_mean(
    history: Mapping[date, float],
    so_far: Mapping[date, float],
    *,
    remaining: Sequence[date],
    seed: int,
    target: float | None = None,
    bound: str = "max",
    window: int = 15,
    block: int = 5,
    draws: int = 2000,
    at_least: int = 60,
) -> Forecast:
    """Forecast the mean of a period from what is done and what former years had at this season.

    Parameters
    ----------
    history : mapping of date to float
        Valid daily values of former years.
    so_far : mapping
        Valid daily values of the period until now.
    remaining : sequence of date
        Days still to come, in order.
    target : float, optional
        What the mean is to meet, at the edge of rounding (`qingyuan.scoring.budget.Budget.edge`).
    """
    said = {"window": window, "block": block, "draws": draws}
    method = METHOD_ZH.format(**said), METHOD_EN.format(**said)
    pools = [_pool(history, day, window) for day in remaining[::block]]
    used = len(set().union(*pools)) if pools else 0
    scale = _scale(history, so_far, window)
    if not remaining or used < at_least or any(not pool for pool in pools):
        return Forecast(None, None, None, None, used, scale, *method)
    rng = np.random.default_rng(seed)
    total = np.full(draws, float(sum(so_far.values())))
    for start, pool in zip(range(0, len(remaining), block), pools, strict=True):
        length = min(block, len(remaining) - start)
        total += scale * _blocks(history, pool, length)[rng.integers(0, len(pool), draws)]
    means = total / (len(so_far) + len(remaining))
    low, middle, high = (float(value) for value in np.percentile(means, [10, 50, 90]))
    miss = None
    if target is not None:
        miss = float(np.mean(means > target if bound == "max" else means < target))
    return Forecast(low, middle, high, miss, used, scale, *method)


def _pool(history: Mapping[date, float], day: date, window: int) -> list[date]:
    """Return the days of former years near the same day of the year, in order."""
    found = []
    for year in sorted({held.year for held in history}):
        middle = date(year, day.month, min(day.day, 28))
        days = (middle + timedelta(days=step) for step in range(-window, window + 1))
        found += [one for one in days if one in history and one < day]
    return found


def _blocks(
    history: Mapping[date, float], pool: Sequence[date], length: int
) -> NDArray[np.float64]:
    """Return the sum of the block that starts at each day of the pool; gaps repeat its mean."""
    sums = []
    for first in pool:
        held = [
            history[first + timedelta(days=step)]
            for step in range(length)
            if first + timedelta(days=step) in history
        ]
        sums.append(sum(held) / len(held) * length)
    return np.asarray(sums)


def _scale(history: Mapping[date, float], so_far: Mapping[date, float], window: int) -> float:
    """Return this year's level against former years at the same season; 1 when unknown."""
    here, there = [], []
    for day, value in so_far.items():
        pool = _pool(history, day, window)
        if pool:
            here.append(value)
            there.append(sum(history[one] for one in pool) / len(pool))
    return sum(here) / sum(there) if there and sum(there) > 0 else 1.0
