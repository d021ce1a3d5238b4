"""Dischargers' own monitors (污染源在线监测): jumps, flat lines and gaps in the release window.

How often an innocent monitor shows each sign is counted on this event's other monitors over a
window of equal length; how often a guilty one does is taken from what is known of honest, dead and
tampered monitors (the table below). A silent monitor is never evidence of innocence.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from types import MappingProxyType
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from qingyuan.river.event import Event

__all__ = ["GUILTY", "MonitorSign", "monitor_signs", "monitors_of"]

Floats: TypeAlias = NDArray[np.float64]
# share of guilty outfalls whose monitor shows the sign; our assumption, dated 2026-09, see README
GUILTY: Mapping[str, float] = MappingProxyType(
    {"jump": 0.62, "flat": 0.20, "gap": 0.08, "quiet": 0.10}
)
_FLAT_RUN = 4
_JUMP_SD = 4.0


@dataclass(frozen=True)
class MonitorSign:
    """What a monitor showed in the window, and the ln likelihood ratio guilty : innocent."""

    sign: str
    ln_ratio: float


@dataclass(frozen=True)
class Monitor:
    """One outfall's monitor: times in hours from now, ln values per quantity (NaN = none)."""

    hours: Floats
    ln_value: Floats


def monitors_of(event: Event) -> dict[str, Monitor]:
    """Gather ``online`` rows per outfall."""
    cells: dict[str, dict[float, dict[str, float]]] = {}
    now = event.detected_at
    stamps = {t: (t - now).total_seconds() / 3600 for t in {r.time for r in event.online}}
    for row in event.online:
        line = cells.setdefault(row.outfall_id, {}).setdefault(stamps[row.time], {})
        if row.value is not None and row.flag in ("N", "") and row.value > 0:
            line[row.quantity] = float(np.log(row.value))
    found = {}
    for name, lines in cells.items():
        hours = np.array(sorted(lines))
        names = sorted({q for line in lines.values() for q in line})
        if not names:
            continue
        value = np.array([[lines[t].get(q, np.nan) for q in names] for t in hours])
        found[name] = Monitor(hours, value)
    return found


def sign_in(monitor: Monitor, start_h: float, end_h: float) -> str | None:
    """Return ``jump``, ``flat``, ``gap`` or ``quiet``; None if the monitor does not cover it."""
    if end_h < monitor.hours[0] or start_h > monitor.hours[-1] + 4:
        return None
    inside = (monitor.hours >= start_h) & (monitor.hours <= end_h)
    step = float(np.median(np.diff(monitor.hours))) if monitor.hours.size > 1 else 1.0
    expected = max((min(end_h, 0.0) - max(start_h, monitor.hours[0])) / step, 1.0)
    outside = ~inside
    if outside.sum() < 4:
        return None
    values = monitor.ln_value
    with np.errstate(all="ignore"):
        centre = _column_median(values[outside])
        spread = np.maximum(1.4826 * _column_median(np.abs(values[outside] - centre)), 0.1)
        rise = (values[inside] - centre) / spread
    if np.any((np.nan_to_num(rise) > _JUMP_SD) & (np.nan_to_num(values[inside] - centre) > 0.6)):
        return "jump"
    near = (monitor.hours >= start_h - 2 * step) & (monitor.hours <= end_h + 2 * step)
    if _longest_run(values[near]) >= _FLAT_RUN:
        return "flat"
    heard = int((~np.isnan(values[inside]).all(axis=1)).sum())
    return "gap" if heard < 0.5 * expected else "quiet"


def _column_median(values: Floats) -> Floats:
    found = np.zeros(values.shape[1])
    for i in range(values.shape[1]):
        known = values[~np.isnan(values[:, i]), i]
        found[i] = np.median(known) if known.size else np.nan
    return found


def _longest_run(values: Floats) -> int:
    best = 1
    for column in values.T:
        run = 1
        known = column[~np.isnan(column)]
        for before, after in pairwise(known):
            run = run + 1 if before == after else 1
            best = max(best, run)
    return best


def monitor_signs(
    monitors: Mapping[str, Monitor], windows: Mapping[str, tuple[float, float]]
) -> dict[str, MonitorSign]:
    """Return the sign of each monitored suspect and its weight.

    Parameters
    ----------
    monitors : mapping
        All monitors of the event, by outfall.
    windows : mapping
        Release window (hours from now) of each suspect.
    """
    signs = {name: sign_in(monitors[name], *windows[name]) for name in windows if name in monitors}
    innocent = innocent_shares(list(monitors.values()), list(windows.values()))
    return {
        name: MonitorSign(sign, float(np.log(GUILTY[sign] / innocent[sign])))
        for name, sign in signs.items()
        if sign is not None
    }


def innocent_shares(
    monitors: Sequence[Monitor], windows: Sequence[tuple[float, float]]
) -> dict[str, float]:
    """Count the signs over all monitors in a typical window, with half a count each to begin."""
    counts = {"jump": 1.0, "flat": 1.0, "gap": 1.0, "quiet": 12.0}
    if windows:
        start = float(np.median([w[0] for w in windows]))
        end = float(np.median([w[1] for w in windows]))
        for monitor in monitors:
            sign = sign_in(monitor, start, end)
            if sign is not None:
                counts[sign] += 1
    total = sum(counts.values())
    return {sign: n / total for sign, n in counts.items()}
