"""Locating a release from its curves (由过程线反推): place and time along one way, with intervals.

For a tracer test, an accident on a river without registered outfalls, or as a check of the tracer:
one or several stations saw the same release; where was it, and when. Unknown are the distance, the
velocity (shared and of each stretch), dispersion, dead zones, start and duration; the size of each
curve is free, for flow joins on the way. Distance and start trade off along x = u(t − t₀): with one
station only the spread separates them, and dispersion is known to a factor of two, so the interval
is wide and says so. The posterior is sampled by differential evolution (ter Braak 2006); the same
input and seed give the same answer.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from qingyuan.core.problems import Problem
from qingyuan.river.dispersion import DISPERSION_LN_SD

__all__ = ["Channel", "Curve", "Located", "Range", "locate"]

Floats: TypeAlias = NDArray[np.float64]
_HOUR = 3600.0
_SHAPES = 8.0  # independent shape errors in one curve, however often it was read
_FLOOR = 0.03  # of a curve's peak: what the model gets wrong at best
_CHAINS, _ROUNDS, _FREQUENCIES = 48, 600, 128
_START_SD = 4.0  # of the start about the one that meets the first curve's mean, in spreads
_LARGEST = 25.0
_FIXED = 7  # distance, velocity, dispersion, storage ratio, exchange, duration, start


@dataclass(frozen=True, slots=True)
class Curve:
    """One station's rise over its background (过程线); any unit, aware of nothing but shape.

    ``distance_m`` counts downstream from any mark, the same for all curves.
    """

    distance_m: float
    time_h: Floats
    value: Floats


@dataclass(frozen=True, slots=True)
class Channel:
    """What is known of the water before the curves are seen (河道先验); medians and ln spreads."""

    velocity_m_s: float
    dispersion_m2_s: float
    velocity_ln_sd: float = 0.2
    own_velocity_ln_sd: float = 0.15
    dispersion_ln_sd: float = DISPERSION_LN_SD
    storage_ratio: float = 0.15
    storage_ln_sd: float = 0.8
    exchange_per_s: float = 1e-4
    exchange_ln_sd: float = 1.2


@dataclass(frozen=True, slots=True)
class Range:
    """A 5–50–95 % range."""

    p05: float
    p50: float
    p95: float


@dataclass(frozen=True, slots=True)
class Located:
    """Where and when (定位结果).

    ``distance_m`` above the first station; ``start_h`` and ``duration_h`` on the curves' clock.
    ``misfit`` is the rms of the best fit in shares of the peaks.
    """

    distance_m: Range
    start_h: Range
    duration_h: Range
    velocity_m_s: Range
    misfit: float


def locate(
    curves: Sequence[Curve],
    channel: Channel,
    *,
    longest_m: float,
    duration_h: tuple[float, float] = (1 / 60, 24.0),
    seed: int = 1,
) -> Located:
    """Find the place and time of a release from what stations along one way saw (反推定位).

    Parameters
    ----------
    curves : sequence of Curve
        Of one release, at one or more stations.
    channel : Channel
        Prior of velocity, dispersion and dead zones.
    longest_m : float
        How much river there is above the first station: the place is sought there, evenly.
    duration_h : (float, float)
        Shortest and longest release, log-uniform between.
    seed : int
        Of the sampler.

    Raises
    ------
    Problem
        ``river.no_curve`` when no curve has three rising values.
    """
    seen = sorted((c for c in curves if (c.value > 0).sum() >= 3), key=lambda c: c.distance_m)
    if not seen:
        raise Problem("river.no_curve")
    task = _Task(seen, channel, longest_m=longest_m, duration_h=duration_h)
    draws, ln_p = _sample(task, seed=seed)
    found = task.unfold(draws)
    best = draws[[int(ln_p.argmax())]]
    return Located(
        distance_m=_range(found["distance"]),
        start_h=_range(found["start"]),
        duration_h=_range(found["duration"]),
        velocity_m_s=_range(found["velocity"]),
        misfit=float(np.sqrt(task.square_misfit(best)[0].mean())),
    )


def _range(values: Floats) -> Range:
    return Range(*(float(q) for q in np.quantile(values, (0.05, 0.5, 0.95))))


class _Task:
    """The forward model on one grid of time, for many draws at once."""

    def __init__(
        self,
        curves: Sequence[Curve],
        channel: Channel,
        *,
        longest_m: float,
        duration_h: tuple[float, float],
    ) -> None:
        self.channel, self.longest_m, self.duration_h = channel, longest_m, duration_h
        self.curves = curves
        self.steps_m = np.diff([c.distance_m for c in curves])
        self.width = _FIXED + len(curves)
        first = min(float(c.time_h.min()) for c in curves)
        last = max(float(c.time_h.max()) for c in curves)
        self.origin = first - 0.05 * (last - first)
        self.half = (last - self.origin) * 1.3 * _HOUR  # half the period of the series
        self.damping = 7.0 / (2 * self.half)
        self.s = self.damping + 1j * np.pi * np.arange(_FREQUENCIES + 1) / self.half
        step = self.half / _HOUR / _FREQUENCIES
        self.grid = np.arange(self.origin, last + step / 2, step)
        self.seen = np.array([_smooth(c, self.grid) for c in curves])
        self.known = np.array(
            [(self.grid >= c.time_h.min()) & (self.grid <= c.time_h.max()) for c in curves]
        )
        since = (self.grid - self.origin) * _HOUR
        self.growth = np.exp(self.damping * since) / self.half * _FREQUENCIES
        peak = seen_mean = self.seen[0]
        total = max(float(seen_mean.sum()), 1e-30)
        self.mean_h = float((self.grid * peak).sum() / total)

    def unfold(self, z: Floats) -> dict[str, Floats]:
        """Return the unknowns of standard-normal draws, one row each."""
        c = self.channel
        velocity = c.velocity_m_s * np.exp(c.velocity_ln_sd * z[:, 1])
        own = velocity[:, None] * np.exp(c.own_velocity_ln_sd * z[:, _FIXED:])
        shortest, longest = np.log(self.duration_h)
        found = {
            "distance": np.maximum(self.longest_m * ndtr(z[:, 0]), 0.1),
            "velocity": velocity,
            "own": own,
            "dispersion": c.dispersion_m2_s * np.exp(c.dispersion_ln_sd * z[:, 2]),
            "ratio": c.storage_ratio * np.exp(c.storage_ln_sd * z[:, 3]),
            "exchange": c.exchange_per_s * np.exp(c.exchange_ln_sd * z[:, 4]),
            "duration": np.exp(shortest + (longest - shortest) * ndtr(z[:, 5])),
        }
        tau = found["distance"] / own[:, 0]
        ratio = found["ratio"]
        spread = 2 * found["dispersion"] * found["distance"] / own[:, 0] ** 3 * (1 + ratio) ** 2
        spread = spread + 2 * ratio**2 * tau / found["exchange"]
        sd = np.sqrt(spread + (found["duration"] * _HOUR) ** 2 / 12) / _HOUR
        travel = tau * (1 + ratio) / _HOUR
        found["scale"] = sd
        found["start"] = (
            self.mean_h - travel - found["duration"] / 2 + 0.25 * _START_SD * z[:, 6] * sd
        )
        return found

    def model(self, z: Floats) -> Floats:
        """Return the curves of draws, shape (draws, stations, times), in arbitrary height."""
        v = self.unfold(z)
        s = self.s[None, :]
        back = v["exchange"][:, None] / v["ratio"][:, None]
        sink = s + v["exchange"][:, None] * s / (s + back)
        d = v["dispersion"][:, None]
        out = np.empty((len(z), len(self.curves), self.grid.size))
        shift = (v["start"] - self.origin)[:, None] * _HOUR
        last = v["duration"][:, None] * _HOUR
        ln_way = -s * shift + np.log((1 - np.exp(-s * last)) / (s * last))
        for i in range(len(self.curves)):
            u = v["own"][:, [i]]
            length = v["distance"][:, None] if i == 0 else self.steps_m[i - 1]
            ln_way = ln_way - length * 2 * sink / (u + np.sqrt(u * u + 4 * d * sink))
            # a release long before the grid and a way too short for it: any large misfit will do
            size = np.exp(np.minimum(ln_way.real, _LARGEST))
            wave = np.fft.irfft(size * np.exp(1j * ln_way.imag), axis=1)
            out[:, i] = wave[:, : self.grid.size] * self.growth
        return np.maximum(out, 0.0)

    def square_misfit(self, z: Floats) -> Floats:
        """Return the mean square error per draw and station, in shares of the peak squared."""
        model = self.model(z)
        weight = self.known[None]
        power = (model**2 * weight).sum(2)
        size = (model * self.seen * weight).sum(2) / np.maximum(power, 1e-30)
        off = (self.seen[None] - size[:, :, None] * model) * weight
        peak = self.seen.max(axis=1)[None]
        found: Floats = (off**2).sum(2) / np.maximum(weight.sum(2), 1) / peak**2
        return found

    def ln_posterior(self, z: Floats) -> Floats:
        """Return ln(prior · likelihood), each curve worth ``_SHAPES`` readings."""
        square = self.square_misfit(z)
        active = (self.seen > 0.02 * self.seen.max(axis=1, keepdims=True)) & self.known
        share = active.sum(1) / np.maximum(self.known.sum(1), 1)  # the flat parts tell nothing
        fit = -0.5 * _SHAPES * np.log(square / np.maximum(share, 0.05) + _FLOOR**2).sum(1)
        prior = -0.5 * (np.delete(z, 6, axis=1) ** 2).sum(1)
        uniform_start = np.log(np.maximum(self.unfold(z)["scale"], 1e-9))
        return np.where(np.abs(z[:, 6]) < 8, fit + prior + uniform_start, -np.inf)


def _smooth(curve: Curve, grid: Floats) -> Floats:
    """Return the curve on *grid*: means where it was read more often, lines where less."""
    order = np.argsort(curve.time_h, kind="stable")
    time, value = curve.time_h[order], np.maximum(curve.value[order], 0.0)
    if time.size > 2 * grid.size:
        edges = np.concatenate([grid - np.diff(grid)[0] / 2, [grid[-1] + np.diff(grid)[0] / 2]])
        count, _ = np.histogram(time, edges)
        total, _ = np.histogram(time, edges, weights=value)
        held = count > 0
        return np.interp(grid, grid[held], total[held] / count[held], left=0.0, right=0.0)
    return np.interp(grid, time, value, left=0.0, right=0.0)


def _sample(task: _Task, *, seed: int) -> tuple[Floats, Floats]:
    """Sample the posterior by differential-evolution chains begun at the best of the prior."""
    rng = np.random.default_rng(seed)
    pool = rng.standard_normal((1500, task.width))
    ln_pool = task.ln_posterior(pool)
    weight = np.exp(np.clip((ln_pool - ln_pool.max()) / 6, -60, 0))
    at = rng.choice(len(pool), _CHAINS, replace=False, p=weight / weight.sum())
    state, ln_p = pool[at], ln_pool[at]
    kept, kept_ln = [], []
    for turn in range(_ROUNDS):
        gamma = 1.0 if turn % 10 == 9 else 2.38 / np.sqrt(2 * task.width) * rng.uniform(0.4, 1.2)
        first = (np.arange(_CHAINS) + rng.integers(1, _CHAINS, _CHAINS)) % _CHAINS
        second = (np.arange(_CHAINS) + rng.integers(1, _CHAINS, _CHAINS)) % _CHAINS
        trial = state + gamma * (state[first] - state[second])
        trial += rng.normal(0, 0.02, trial.shape)
        ln_trial = task.ln_posterior(trial)
        taken = np.log(rng.uniform(size=_CHAINS)) < ln_trial - ln_p
        state = np.where(taken[:, None], trial, state)
        ln_p = np.where(taken, ln_trial, ln_p)
        if turn >= _ROUNDS // 3 and turn % 4 == 0:
            kept.append(state.copy())
            kept_ln.append(ln_p.copy())
    return np.concatenate(kept), np.concatenate(kept_ln)
