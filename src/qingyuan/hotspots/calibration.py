"""Calibration (校准): gain, offset and drift of each vehicle, and the air they all drove through.

All vehicles meet in the same air: one common curve of time is fitted together with each vehicle's
line against it, robustly, from minute medians; stations, where there are any, set the curve's level
and scale. A vehicle whose line fits better against the curve of another time has a wrong clock.
Where it was damp, the curve the vehicles see is the air times what water adds (`humidity`).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from qingyuan.hotspots.fixes import Fixes
from qingyuan.hotspots.humidity import (
    BELIEFS,
    Belief,
    Humidity,
    Kappa,
    estimate_kappa,
    swelling,
)
from qingyuan.hotspots.level import Anchor, Common, anchor_of, common_of
from qingyuan.hotspots.roads import Floats, Ints

__all__ = ["Calibration", "Minutes", "Stations", "calibrate", "minutes_of"]

_KNOT_S = 600.0
_ROUNDS = 6
_TRIALS = 5  # κ first believed, then estimated from a fit that began with the one before
_PRIOR_SD = np.array([0.4, 15.0, 0.05])  # gain, offset µg/m³, drift a day
_OVER_BATCH = 5.0  # one sensor's offset over that of its batch
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
    """What a reading means: ``(reading − offset) / (gain · (1 + drift · days) · swell)``.

    Per vehicle: ``gain`` and ``offset`` at midnight of the first day, ``drift`` a day, standard
    errors, robust spread of the minutes about the fit, ``lag_s`` by which its clock is fast, its
    error and how many nats better that lag fits. ``knot`` and ``air`` are the common curve, dry;
    ``swell`` is what water made of it in the sensors, 1 where ``kappa`` is nought. ``anchored`` says
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
    lag_se_s: Floats
    swell: Floats
    kappa: float = 0.0
    kappa_se: float = float("nan")
    level_se: float = 0.0

    def true(self, vehicle: Ints, t: Floats, reading: Floats) -> Floats:
        """Return readings in the scale of the stations, µg/m³."""
        scale = self.gain[vehicle] * (1 + self.drift[vehicle] * t / 86400)
        return (reading - self.offset[vehicle]) / (scale * np.interp(t, self.knot, self.swell))

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
    apart: npt.NDArray[np.bool_] | None = None, humidity: Humidity | None = None,
    belief: Belief = BELIEFS["pm10"],
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
    humidity, belief : optional
        With stations, and where humidity varies, κ is estimated about *belief*; else nothing is
        corrected, since nothing says whether the sensors did so themselves.
    """
    apart = np.zeros(vehicles, dtype=bool) if apart is None else apart
    low, high = float(minutes.t.min()), float(minutes.t.max())
    knot = np.arange(low - _KNOT_S, high + 2 * _KNOT_S, _KNOT_S)
    anchor = None
    if stations is not None and hourly is not None:
        anchor = anchor_of(stations.station, stations.hour_ending, hourly)
    damp = humidity if anchor is not None and humidity is not None and humidity.varies else None
    rh = np.zeros(len(knot)) if damp is None else np.interp(knot, damp.t, damp.rh)
    kappa = Kappa(0.0, float("nan"), 0.0) if damp is None else Kappa(belief.kappa, belief.sd, 0.0)
    work = _Work(minutes, vehicles, knot, apart, anchor, belief)
    for trial in range(1 if damp is None else _TRIALS):
        swell = swelling(rh, kappa.kappa)
        found = work.settled(swell)
        if damp is not None and trial < _TRIALS - 1:
            kappa = work.kappa(found, rh)
    lag, error, nats = _lags(minutes, vehicles, knot, found.seen)
    fit, sigma, level = found.fit, found.sigma, 0.0
    if (common := work.common(found, swell)) is not None:
        level = float(np.hypot(common.scale_se, kappa.scale_se))
        sigma = sigma.copy()
        sigma[:, 0] = np.hypot(sigma[:, 0], fit[:, 0] * level)
        shift = np.array([common.offset_se(o) for o in fit[:, 1] / fit[:, 0]])
        sigma[:, 1] = np.hypot(sigma[:, 1], fit[:, 0] * shift)
    return Calibration(
        fit[:, 0], fit[:, 1], fit[:, 2], sigma[:, 0], sigma[:, 1], found.spread, lag, nats, knot,
        found.seen / swell, anchor is not None, error, swell, kappa.kappa, kappa.se, level,
    )  # fmt: skip


@dataclass(frozen=True)
class _Settled:
    """The curve all vehicles see, each one's line against it, its errors and spread."""

    seen: Floats
    fit: Floats
    sigma: Floats
    spread: Floats


@dataclass(frozen=True)
class _Work:
    """What is fitted: minutes of vehicles against a curve of knots, held to the stations."""

    minutes: Minutes
    vehicles: int
    knot: Floats
    apart: npt.NDArray[np.bool_]
    anchor: Anchor | None
    belief: Belief

    @cached_property
    def hours(self) -> Anchor | None:
        """The stations' hours in which vehicles drove."""
        return None if self.anchor is None else self.anchor.during(self.minutes.t)

    def settled(self, swell: Floats) -> _Settled:
        """Fit lines and curve in turn, the curve held to the stations."""
        minutes, knot = self.minutes, self.knot
        fit = np.tile([1.0, 0.0, 0.0], (self.vehicles, 1))
        sigma, spread = np.ones((self.vehicles, 3)), np.full(self.vehicles, np.nan)
        if self.anchor is None:
            seen = _fleet_curve(minutes, knot, ~self.apart)
        else:
            seen = np.interp(knot, self.anchor.when, self.anchor.mean) * swell
        for _ in range(_ROUNDS):
            for v in range(self.vehicles):
                mine = minutes.vehicle == v
                if mine.sum() >= 20:
                    fit[v], sigma[v], spread[v] = _line(
                        minutes.t[mine], minutes.value[mine], minutes.count[mine], knot, seen
                    )
            if self.anchor is None:
                fit[:, 0] /= np.exp(np.median(np.log(np.maximum(fit[:, 0], 0.05))))
                fit[:, 1] -= np.median(fit[:, 1])
            seen = _common(minutes, fit, knot, seen, ~self.apart)
            now = _Settled(seen, fit, sigma, spread)
            if (common := self.common(now, swell)) is not None:
                seen, fit, sigma = self.held(now, common)
        return _Settled(seen, fit, sigma, spread)

    def middle(self, now: _Settled) -> tuple[tuple[float, float], tuple[float, float]]:
        """Return the fleet's middle offset, in the scale of the curve, and its middle drift.

        With each, how far from nought the true one is believed to be: the less, the more vehicles.
        """
        sound = ~self.apart & np.isfinite(now.spread)
        fit = now.fit[sound if sound.any() else ~self.apart]
        batch = self.belief.offset_width
        offset, own = _middle_of(fit[:, 1] / np.maximum(fit[:, 0], 0.05), _OVER_BATCH * batch)
        drift, bend = _middle_of(fit[:, 2], float(_PRIOR_SD[2]))
        return (offset, float(np.hypot(batch, own))), (drift, bend)

    def common(self, now: _Settled, swell: Floats) -> Common | None:
        """Return what the stations say of all vehicles together, None where none was heard."""
        if self.hours is None or not len(self.hours.when):
            return None
        own, dry = (
            _parts(self.knot, c, self.hours).mean(axis=1) for c in (now.seen / swell, 1 / swell)
        )
        offset, drift = self.middle(now)
        return common_of(own, dry, self.hours, offset=offset, drift=drift)

    def kappa(self, now: _Settled, rh: Floats) -> Kappa:
        """Estimate κ from the hours of the stations."""
        assert self.hours is not None
        seen, damp = (_parts(self.knot, c, self.hours) for c in (now.seen, rh))
        offset, drift = self.middle(now)
        return estimate_kappa(seen, damp, self.hours, self.belief, offset=offset, drift=drift)

    def held(self, now: _Settled, common: Common) -> tuple[Floats, Floats, Floats]:
        """Return curve, lines and errors in the stations' scale; what they say together is the same."""
        days = self.knot / 86400.0
        seen = common.scale * now.seen + common.shift + common.bend * now.seen * days
        gain = now.fit[:, 0] / common.scale
        fit = np.stack(
            [gain, now.fit[:, 1] - gain * common.shift, now.fit[:, 2] - common.bend / common.scale],
            axis=1,
        )
        return seen, fit, now.sigma / np.array([common.scale, 1.0, common.scale])


def _middle_of(values: Floats, believed: float) -> tuple[float, float]:
    """Return the median and its error: one vehicle's scatter is *believed*, that of many is seen."""
    n, middle = len(values), float(np.median(values))
    seen = 1.4826 * float(np.median(np.abs(values - middle)))
    scatter = np.sqrt((believed**2 + n * seen**2) / (n + 1))
    return middle, 1.25 * float(scatter) / float(np.sqrt(n))


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


def _parts(knot: Floats, curve: Floats, hours: Anchor) -> Floats:
    """Return *curve* in parts of five minutes of each hour."""
    fine = np.arange(-1650.0, 1651.0, 300.0)
    return np.asarray(np.interp(hours.when[:, None] + fine, knot, curve))


def _lags(
    minutes: Minutes, vehicles: int, knot: Floats, air: Floats
) -> tuple[Floats, Floats, Floats]:
    """Return by how many seconds each clock is fast, the error of that, and how much better it fits."""
    lag, error, nats = np.zeros(vehicles), np.full(vehicles, np.nan), np.zeros(vehicles)
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
        lag[v], error[v] = _lowest(costs)
        nats[v] = 0.5 * (costs[len(costs) // 2] - costs.min())
    return lag, error, nats


def _lowest(costs: Floats) -> tuple[float, float]:
    """Return the lag of least cost, between the steps by a parabola, and its standard error.

    The parabola spans five minutes to each side: the air's curve bends no faster.
    """
    at = int(costs.argmin())
    low, high = max(at - 5, 0), min(at + 6, len(costs))
    square, slope, _ = np.polyfit(_LAGS_S[low:high] - _LAGS_S[at], costs[low:high], 2)
    if square <= 0:
        return float(_LAGS_S[at]), 120.0
    step = float(np.clip(-slope / (2 * square), -120.0, 120.0))
    return float(_LAGS_S[at]) + step, float(1 / np.sqrt(square))


def _misfit(t: Floats, value: Floats, w: Floats, knot: Floats, air: Floats) -> float:
    a = _design(t, knot, air) * np.sqrt(w)[:, None]
    b = value * np.sqrt(w)
    return float(((b - a @ np.linalg.lstsq(a, b, rcond=None)[0]) ** 2).sum())
