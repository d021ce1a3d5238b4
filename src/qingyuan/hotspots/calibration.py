"""Calibration (校准): gain, offset and drift of each vehicle, and the air they all drove through.

All vehicles meet in the same air: one common curve of time is fitted together with each vehicle's
line against it, robustly, from minute medians; stations, where there are any, set the curve's level
and scale. A vehicle whose line fits better against the curve of another time has a wrong clock.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from qingyuan.hotspots.fixes import Fixes
from qingyuan.hotspots.roads import Floats, Ints

__all__ = ["Calibration", "Minutes", "Stations", "calibrate", "minutes_of"]

_KNOT_S = 600.0
_ROUNDS = 6
_PRIOR_SD = np.array([0.4, 15.0, 0.05])  # gain, offset µg/m³, drift a day
_FLEET_OFFSET_SD = 4.0  # µg/m³, of a whole fleet's middle
_LAGS_S = np.arange(-2400.0, 2401.0, 60.0)


@dataclass(frozen=True)
class Stations:
    """Hourly means at fixed stations; ``hour_ending`` counts from midnight of the first day."""

    station: tuple[str, ...]
    x: Floats
    y: Floats
    hour_ending: Floats
    pm10: Floats
    pm25: Floats


@dataclass(frozen=True)
class Minutes:
    """Medians of each vehicle's minutes: of how many fixes, when, and the value."""

    vehicle: Ints
    t: Floats
    value: Floats
    count: Ints


@dataclass(frozen=True)
class Calibration:
    """What a reading means: ``(reading − offset) / (gain · (1 + drift · days))``.

    Per vehicle: ``gain`` and ``offset`` at midnight of the first day, ``drift`` a day, standard
    errors, robust spread of the minutes about the fit, ``lag_s`` by which its clock is late and
    how many nats better that lag fits. ``knot`` and ``air`` are the common curve. ``anchored`` says
    whether stations set its level; if not, gains are relative to the fleet's.
    """

    gain: Floats
    offset: Floats
    drift: Floats
    gain_se: Floats
    offset_se: Floats
    spread: Floats
    lag_s: Floats
    lag_nats: Floats
    knot: Floats
    air: Floats
    anchored: bool

    def true(self, vehicle: Ints, t: Floats, reading: Floats) -> Floats:
        """Return readings in the scale of the stations, µg/m³."""
        scale = self.gain[vehicle] * (1 + self.drift[vehicle] * t / 86400)
        return (reading - self.offset[vehicle]) / scale

    def background(self, t: Floats) -> Floats:
        """Return the common air at *t*, µg/m³."""
        return np.interp(t, self.knot, self.air)


def minutes_of(fixes: Fixes, values: Floats, good: npt.NDArray[np.bool_]) -> Minutes:
    """Return the medians of *values* by vehicle and minute, from the *good* fixes."""
    good = good & np.isfinite(values)
    minute = (fixes.t[good] // 60).astype(np.int64)
    who, value = fixes.vehicle[good], values[good]
    order = np.lexsort((value, minute, who))
    who, minute, value = who[order], minute[order], value[order]
    start = np.flatnonzero(np.concatenate([[True], (np.diff(who) != 0) | (np.diff(minute) != 0)]))
    if not len(value):
        start = start[:0]
    count = np.diff(np.concatenate([start, [len(value)]]))
    lower, upper = value[start + (count - 1) // 2], value[start + count // 2]
    middle = np.asarray(0.5 * (lower + upper), dtype=np.float64)
    return Minutes(who[start], np.asarray(minute[start] * 60.0 + 30.0), middle, count)


def calibrate(
    minutes: Minutes, vehicles: int, *, stations: Stations | None, hourly: Floats | None,
    apart: npt.NDArray[np.bool_] | None = None,
) -> Calibration:  # fmt: skip
    """Fit every vehicle against the air common to all.

    Parameters
    ----------
    minutes : Minutes
        Of one pollutant.
    vehicles : int
        How many there are.
    stations, hourly : optional
        Fixed stations and the column of this pollutant.
    apart : array of bool, optional
        Vehicles that do not shape the common curve (known to be faulty).
    """
    apart = np.zeros(vehicles, dtype=bool) if apart is None else apart
    low, high = float(minutes.t.min()), float(minutes.t.max())
    knot = np.arange(low - _KNOT_S, high + 2 * _KNOT_S, _KNOT_S)
    anchor = _station_curve(stations, hourly)
    fleet = _fleet_curve(minutes, knot, ~apart)
    air = fleet if anchor is None else np.interp(knot, *anchor)
    fit = np.tile([1.0, 0.0, 0.0], (vehicles, 1))
    sigma = np.ones((vehicles, 3))
    spread = np.full(vehicles, np.nan)
    for _ in range(_ROUNDS):
        for v in range(vehicles):
            mine = minutes.vehicle == v
            if mine.sum() >= 20:
                fit[v], sigma[v], spread[v] = _line(
                    minutes.t[mine], minutes.value[mine], minutes.count[mine], knot, air
                )
        if anchor is None:
            fit[:, 0] /= np.exp(np.median(np.log(np.maximum(fit[:, 0], 0.05))))
            fit[:, 1] -= np.median(fit[:, 1])
        air = _common(minutes, fit, knot, air, ~apart)
        if anchor is not None:
            air = _anchored(knot, air, minutes.t, fit, anchor)
    lag, nats = _lags(minutes, vehicles, knot, air)
    return Calibration(
        fit[:, 0], fit[:, 1], fit[:, 2], sigma[:, 0], sigma[:, 1], spread, lag, nats,
        knot, air, anchor is not None,
    )  # fmt: skip


def _station_curve(
    stations: Stations | None, hourly: Floats | None
) -> tuple[Floats, Floats] | None:
    """Return the middle of each hour and the mean over stations, each less its own habit."""
    if stations is None or hourly is None or not np.isfinite(hourly).any():
        return None
    good = np.isfinite(hourly)
    hours, at = np.unique(stations.hour_ending[good], return_inverse=True)
    mean = np.bincount(at, hourly[good]) / np.bincount(at)
    return (hours - 0.5) * 3600.0, mean


def _fleet_curve(minutes: Minutes, knot: Floats, used: npt.NDArray[np.bool_]) -> Floats:
    bins = np.clip(np.round((minutes.t - knot[0]) / _KNOT_S).astype(int), 0, len(knot) - 1)
    good = used[minutes.vehicle]
    out = np.full(len(knot), np.nan)
    for b in np.unique(bins[good]):
        out[b] = np.median(minutes.value[good & (bins == b)])
    have = np.isfinite(out)
    return np.interp(knot, knot[have], out[have])


def _design(t: Floats, knot: Floats, air: Floats) -> Floats:
    there = np.interp(t, knot, air)
    return np.stack([there, np.ones(len(t)), there * t / 86400.0], axis=1)


def _line(
    t: Floats, value: Floats, count: Ints, knot: Floats, air: Floats
) -> tuple[Floats, Floats, float]:
    """Fit gain, offset and drift by Huber's weights about a weak prior of a sound sensor."""
    a = _design(t, knot, air)
    weight = np.minimum(count, 20) / 20.0
    level = max(float(np.median(a[:, 0])), 1.0)
    start = max(float(np.median(value)) / level, 0.05)
    centre, prior = np.array([start, 0.0, 0.0]), _PRIOR_SD * np.array([start, start, start])
    beta, spread, w = centre, 1.0, weight
    for _ in range(8):
        miss = value - a @ beta
        spread = max(1.4826 * float(np.median(np.abs(miss))), 0.3)
        w = weight * np.minimum(1.0, 1.345 * spread / np.maximum(np.abs(miss), 1e-9))
        normal = (a * w[:, None]).T @ a / spread**2 + np.diag(prior**-2)
        beta = np.linalg.solve(normal, a.T @ (w * value) / spread**2 + centre / prior**2)
    error = np.sqrt(np.diag(np.linalg.inv(normal)))
    gain = max(float(beta[0]), 1e-3)
    return np.array([gain, beta[1], beta[2] / gain]), error, spread


def _common(
    minutes: Minutes, fit: Floats, knot: Floats, air: Floats, used: npt.NDArray[np.bool_]
) -> Floats:
    """Refit the curve: the robust mean, at each knot, of what the vehicles say."""
    scale = fit[minutes.vehicle, 0] * (1 + fit[minutes.vehicle, 2] * minutes.t / 86400)
    said = (minutes.value - fit[minutes.vehicle, 1]) / np.maximum(scale, 0.05)
    miss = said - np.interp(minutes.t, knot, air)
    cut = 1.345 * max(1.4826 * float(np.median(np.abs(miss))), 0.3)
    w = np.minimum(1.0, cut / np.maximum(np.abs(miss), 1e-9)) * used[minutes.vehicle]
    place = (minutes.t - knot[0]) / _KNOT_S
    left = np.floor(place).astype(int)
    right = place - left
    up = np.bincount(left, w * (1 - right) * miss, len(knot)) + np.bincount(
        left + 1, w * right * miss, len(knot)
    )
    down = np.bincount(left, w * (1 - right), len(knot)) + np.bincount(
        left + 1, w * right, len(knot)
    )
    return air + up / (down + 5.0)


def _anchored(
    knot: Floats, air: Floats, t: Floats, fit: Floats, station: tuple[Floats, Floats]
) -> Floats:
    """Scale the curve to the level and slope of the stations' hours.

    Few hours of nearly even air tell gain from offset badly. Sensors come from the works with no
    offset on average; that is weighed in with the error it has.
    """
    when, mean = station
    inside = np.array([((t >= a - 1800) & (t < a + 1800)).sum() > 30 for a in when])
    if inside.sum() < 3:
        return air
    fine = np.linspace(-1800, 1800, 13)
    own = np.array([np.interp(a + fine, knot, air).mean() for a in when[inside]])
    other = mean[inside]
    x, y = own - own.mean(), other - other.mean()
    power = max(float(x @ x), 1e-6)
    slope = float(x @ y) / power
    rest = float(((y - slope * x) ** 2).sum()) / max(len(x) - 2, 1)
    certain = power / max(rest, 0.25)
    level = float(own.mean())
    usual = float(np.median(fit[:, 1] / np.maximum(fit[:, 0], 0.05)))
    believed = float(other.mean()) / max(level + usual, 1.0)
    trust = (level / _FLEET_OFFSET_SD) ** 2
    slope = (certain * slope + trust * believed) / (certain + trust)
    return other.mean() + float(np.clip(slope, 0.5, 2.0)) * (air - level)


def _lags(minutes: Minutes, vehicles: int, knot: Floats, air: Floats) -> tuple[Floats, Floats]:
    """Return by how many seconds each clock is late, and how much better that explains it."""
    lag, nats = np.zeros(vehicles), np.zeros(vehicles)
    for v in range(vehicles):
        mine = minutes.vehicle == v
        if mine.sum() < 120:
            continue
        t, value, count = minutes.t[mine], minutes.value[mine], minutes.count[mine]
        w = np.minimum(count, 20) / 20.0
        first = _line(t, value, count, knot, air)
        miss = value - _design(t, knot, air) @ (first[0] * [1, 1, first[0][0]])
        w = w * (np.abs(miss) < 3.5 * first[2])
        costs = np.array([_misfit(t - s, value, w, knot, air) for s in _LAGS_S]) / first[2] ** 2
        lag[v] = _LAGS_S[costs.argmin()]
        nats[v] = 0.5 * (costs[len(costs) // 2] - costs.min())
    return lag, nats


def _misfit(t: Floats, value: Floats, w: Floats, knot: Floats, air: Floats) -> float:
    a = _design(t, knot, air) * np.sqrt(w)[:, None]
    b = value * np.sqrt(w)
    return float(((b - a @ np.linalg.lstsq(a, b, rcond=None)[0]) ** 2).sum())
