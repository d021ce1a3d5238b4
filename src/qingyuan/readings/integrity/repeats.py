"""Repeats (重复): one value that stays (数值不变), and a day that comes again (日数据重复)."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping

import numpy as np

from qingyuan.readings.integrity.chance import MOST_BITS, likeness, tail_bits
from qingyuan.readings.integrity.doubt import Doubt, doubt_about
from qingyuan.readings.integrity.series import Floats, Series, Site

__all__ = ["find_copies", "find_stuck", "runs"]

_PRIOR = 8.0  # pairs' worth of belief that a value stays as seldom as values repeat at all
_CONSTANT = 0.9
_ALIKE = 12  # runs near a value that tell how long values stay there


def runs(series: Series, steps: slice) -> Iterator[tuple[int, int, int]]:
    """Yield (first step, step after the last, readings) of every run of one value.

    Missing steps neither break a run nor lengthen it.
    """
    begun, last, readings = -1, -1, 0
    for i in range(steps.start, steps.stop):
        value = series.values[i]
        if np.isnan(value):
            continue
        if begun >= 0 and value == series.values[begun]:
            readings += 1
        else:
            if begun >= 0:
                yield begun, last + 1, readings
            begun, readings = i, 1
        last = i
    if begun >= 0:
        yield begun, last + 1, readings


def _chance_to_stay(held: list[tuple[float, int]]) -> float:
    """Return the chance that a value which has just repeated repeats again, from (value, length)."""
    lengths = np.array([n for _, n in held], dtype=float)
    if not len(lengths):
        return 1.0
    pairs, equal = lengths.sum() - 1, (lengths - 1).sum()
    repeats = (equal + 0.5) / (pairs + 1)
    again, ended = np.maximum(lengths - 2, 0).sum(), (lengths >= 2).sum()
    stays = (again + _PRIOR * repeats) / (again + ended + _PRIOR)
    return float(max(repeats, stays))


def _near(series: Series, value: float) -> tuple[float, float]:
    reach = max(0.3 * abs(value), 2 * series.quantum)
    return value - reach, value + reach


def find_stuck(site: Site, series: Series, rule: Mapping[str, float]) -> list[Doubt]:
    """Find the longest run of one value that its own past does not explain (数值不变).

    A meter of low resolution repeats itself in its past as well, so every repeat counts little; a
    value at the detection limit, zero, and a series that hardly ever changes are left out.
    """
    floor = series.floor
    past = [
        (float(series.values[a]), n)
        for a, _, n in runs(series, slice(0, site.window.start))
        if series.values[a] != floor
    ]
    usual = _chance_to_stay(past)
    least = float(np.nanmin(series.values))
    looks = math.log2(max(1, site.window.stop - site.window.start))
    best: tuple[float, int, int, int, float] | None = None
    for start, stop, length in runs(series, site.window):
        value = float(series.values[start])
        if value in (floor, 0.0) or length * series.step_s < rule["least_hours"] * 3600:
            continue
        if series.quantum >= 0.1 * abs(value) and value <= least + 2 * series.quantum:
            continue  # a coarse meter at its lower end shows whole units of next to nothing
        low, high = _near(series, value)
        alike = [(v, n) for v, n in past if low <= v <= high]
        # near the detection limit values repeat more often than elsewhere
        stay = max(usual, _chance_to_stay(alike)) if len(alike) >= _ALIKE else usual
        if stay >= _CONSTANT:
            continue
        bits = min(MOST_BITS, -(length - 1) * math.log2(stay) - looks)
        if best is None or bits > best[0]:
            best = (bits, start, stop, length, stay)
    if best is None:
        return []
    bits, start, stop, length, stay = best
    hours = length * series.step_s / 3600
    return [
        doubt_about(
            "stuck",
            site.station,
            series,
            slice(start, stop),
            statistic=hours,
            bits=bits,
            needed=rule["needed_bits"],
            values={
                "hours": f"{hours:g}",
                "value": series.text(start),
                "stay": f"{stay:.3f}",
            },
        )
    ]


def find_copies(site: Site, series: Series, rule: Mapping[str, float]) -> list[Doubt]:
    """Find a day that follows an earlier one, value by value or after a shift or scale (日数据重复).

    The changes within 24 h are correlated with those of every earlier 24 h. What is usual between
    two days of this series, its daily rhythm included, is read from all other pairs.
    """
    day = series.steps(24)
    changes = np.diff(series.values)
    width = day - 1
    if len(changes) < 4 * day:
        return []
    targets = np.arange(site.window.start, site.window.stop - day + 1, max(1, day // 4))
    shapes, good = _shapes(
        changes, width, distinct=int(rule["least_distinct"]), turns=int(rule["least_turns"])
    )
    targets = targets[good[targets]]
    if not len(targets):
        return []
    likes = shapes[targets] @ shapes.T  # correlation of each target with every 24 h
    apart = np.abs(targets[:, None] - np.arange(len(shapes))[None, :]) >= day
    likes = np.where(apart & good[None, :], likes, np.nan)
    earlier = np.arange(len(shapes))[None, :] < targets[:, None]
    z = np.arctanh(np.clip(likes, -0.999_999, 0.999_999)) * math.sqrt(width - 3)
    known = likeness(z[~np.isnan(z)], least_spread=1.0)
    if known is None:
        return []
    centre, spread, _ = known
    best = np.where(earlier & ~np.isnan(z), z, -np.inf)
    at, source = np.unravel_index(int(best.argmax()), best.shape)
    if likes[at, source] < rule["least_correlation"]:
        return []
    looks = float(np.isfinite(best).sum()) / 6  # neighbouring offsets say the same
    bits = tail_bits((best[at, source] - centre) / spread, freedom=30.0, tests=looks)
    start = int(targets[at])
    now, then = series.values[start : start + day], series.values[source : source + day]
    scale = _scale(now, then)
    same = int(np.sum(now == then))
    return [
        doubt_about(
            "copy",
            site.station,
            series,
            slice(start, start + day),
            statistic=float(likes[at, source]),
            bits=bits,
            needed=rule["needed_bits"],
            beside=[(f"{series.factor}@", _moved(series, start - int(source)))],
            values={
                "source": series.time(int(source)).isoformat(),
                "correlation": f"{likes[at, source]:.4f}",
                "scale": f"{scale:.3f}",
                "same": str(same),
            },
        )
    ]


def _shapes(changes: Floats, width: int, *, distinct: int, turns: int) -> tuple[Floats, np.ndarray]:
    """Return every 24 h of changes as unit vectors, and which of them say enough."""
    windows = np.lib.stride_tricks.sliding_window_view(changes, width)
    missing = np.isnan(windows)
    filled = np.where(missing, 0.0, windows)
    filled = filled - filled.mean(axis=1, keepdims=True)
    filled[missing] = 0.0
    size = np.sqrt((filled**2).sum(axis=1))
    most = float(np.nanmax(changes)) if (~np.isnan(changes)).any() else 0.0
    ordered = np.sort(np.where(missing, most, windows), axis=1)
    kinds = (np.diff(ordered, axis=1) > 0).sum(axis=1) + 1
    # smooth curves are alike by nature: water running off after rain, warmth of the day
    turned = (np.diff(np.sign(filled), axis=1) != 0).sum(axis=1)
    # one great change would make any two days alike
    peak = np.abs(filled).max(axis=1)
    good = (
        (missing.mean(axis=1) < 0.1)
        & (size > 0)
        & (kinds >= distinct)
        & (turned >= turns)
        & (peak < 0.8 * size)
    )
    return filled / np.where(size > 0, size, 1.0)[:, None], good


def _scale(now: Floats, then: Floats) -> float:
    known = ~np.isnan(now) & ~np.isnan(then)
    a, b = then[known] - then[known].mean(), now[known] - now[known].mean()
    return float((a * b).sum() / max(1e-30, (a * a).sum()))


def _moved(series: Series, later: int) -> Series:
    values = np.full(len(series), np.nan)
    values[later:] = series.values[: len(series) - later]
    return Series(series.factor, series.first, series.step_s, values, unit=series.unit)
