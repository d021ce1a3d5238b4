"""Scatter (波动): less of it than the station's own past (波动过小), or the wrong kind (疑似噪声)."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from qingyuan.readings.integrity.chance import likeness, surprise
from qingyuan.readings.integrity.doubt import Doubt, doubt_about
from qingyuan.readings.integrity.series import Floats, Series, Site

__all__ = ["find_calm", "find_noise"]

_ENOUGH = 0.6  # of a block must be readings
_REPEATED = 0.4  # a block that mostly repeats one value is `stuck`'s
_NEAR_FLOOR = 4.0  # quanta, or half as much again as the floor


def _blocks(series: Series, steps: slice, *, length: int, stride: int) -> list[slice]:
    return [
        slice(at, at + length) for at in range(steps.start, steps.stop - length + 1, max(1, stride))
    ]


def _usable(series: Series, block: slice) -> Floats | None:
    """Return the readings of a block that can tell a scatter; None near the floor or if sparse."""
    values = series.values[block]
    known = values[~np.isnan(values)]
    if len(known) < _ENOUGH * len(values):
        return None
    middle = float(np.median(known))
    if middle <= _NEAR_FLOOR * series.quantum or middle <= 1.5 * series.floor:
        return None
    if float((np.diff(known) == 0).mean()) > _REPEATED:
        return None
    return np.asarray(known)


def _of_blocks(
    series: Series, blocks: list[slice], figure: Callable[[Series, Floats], float]
) -> Floats:
    found = []
    for block in blocks:
        known = _usable(series, block)
        found.append(np.nan if known is None else figure(series, known))
    return np.array(found)


def _step_size(series: Series, known: Floats) -> float:
    """Log of the usual change from one reading to the next; half a quantum is always there."""
    return float(np.log(np.median(np.abs(np.diff(known))) + series.quantum / 2 + 1e-12))


def _relative_step_size(series: Series, known: Floats) -> float:
    """Log of the usual relative change; step by step, so that a fall of the level changes nothing."""
    least = max(series.quantum, 1e-12)
    levels = np.maximum(np.abs(known), least)
    changes = np.abs(np.diff(known)) / np.sqrt(levels[1:] * levels[:-1])
    return float(np.log(np.median(changes) + 0.5 * least / float(np.median(levels)) + 1e-12))


def find_calm(site: Site, series: Series, rule: Mapping[str, float]) -> list[Doubt]:
    """Find days that scatter far less than the station's past, absolutely and relatively (波动过小).

    Both must be small: a discharge that fell to a tenth scatters a tenth as much, rightly.
    """
    length = series.steps(rule["block_hours"])
    blocks = _blocks(series, site.window, length=length, stride=length // 4)
    earlier = _blocks(series, slice(0, site.window.start), length=length, stride=length // 2)
    if not blocks or series.quantum == 0:
        return []
    tests = max(1.0, len(blocks) / 3)
    best: tuple[float, float, float, int] | None = None
    figures = [
        (_of_blocks(series, blocks, figure), _of_blocks(series, earlier, figure))
        for figure in (_step_size, _relative_step_size)
    ]
    usual = [likeness(-past, least_spread=rule["least_spread"]) for _, past in figures]
    for i in range(len(blocks)):
        both = [
            surprise(-now[i], known, tests=tests)
            for (now, _), known in zip(figures, usual, strict=True)
        ]
        told = [b for b in both if b is not None]
        if len(told) < 2:
            continue
        bits = min(b for _, b in told)
        shares = [float(np.exp(now[i] - np.nanmedian(past))) for now, past in figures]
        if max(shares) <= rule["at_most_share"] and (best is None or bits > best[1]):
            best = (max(shares), bits, min(z for z, _ in told), i)
    if best is None:
        return []
    share, bits, z, i = best
    return [
        doubt_about(
            "calm",
            site.station,
            series,
            blocks[i],
            statistic=share,
            bits=bits,
            needed=rule["needed_bits"],
            values={
                "share": f"{100 * share:.0f}",
                "z": f"{z:.1f}",
                "hours": f"{rule['block_hours']:g}",
            },
        )
    ]


def _whiteness(series: Series, known: Floats) -> float:
    """Log of the von Neumann ratio: 2 for white noise, far less for water that remembers."""
    changes = np.diff(known)
    spread = float(np.var(known)) + (series.quantum**2) / 12 + 1e-18
    return float(np.log(float(np.mean(changes**2)) / spread + 1e-6))


def find_noise(site: Site, series: Series, rule: Mapping[str, float]) -> list[Doubt]:
    """Find days whose readings no longer remember each other, against the own past (疑似噪声).

    Numbers from a generator are independent; water, tanks and analysers are not.
    """
    length = series.steps(rule["block_hours"])
    blocks = _blocks(series, site.window, length=length, stride=length // 4)
    earlier = _blocks(series, slice(0, site.window.start), length=length, stride=length // 2)
    if not blocks or series.quantum == 0:
        return []
    now, past = (_of_blocks(series, b, _whiteness) for b in (blocks, earlier))
    if np.isnan(now).all():
        return []
    i = int(np.nanargmax(now))
    ratio = float(np.exp(now[i]))
    known = likeness(past, least_spread=rule["least_spread"])
    told = surprise(float(now[i]), known, tests=max(1.0, len(blocks) / 3))
    if told is None or ratio < rule["least_ratio"]:
        return []
    z, bits = told
    return [
        doubt_about(
            "noise",
            site.station,
            series,
            blocks[i],
            statistic=ratio,
            bits=bits,
            needed=rule["needed_bits"],
            values={
                "ratio": f"{ratio:.2f}",
                "usual": f"{float(np.exp(np.nanmedian(past))):.2f}",
                "z": f"{z:.1f}",
                "hours": f"{rule['block_hours']:g}",
            },
        )
    ]
