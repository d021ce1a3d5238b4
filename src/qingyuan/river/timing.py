"""Timing and shape (时间与形态): could a release here have made these readings, and when.

Unknown are release start and duration, a river-wide velocity factor, each stretch's own velocity
error (nested along the path, so shared by all sections below it), dispersion and mass. The first
five are drawn by importance sampling, start so that the front meets the first rise; the mass is
integrated out by Laplace's method in ln(mass). Clean sections enter as readings like any other.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.special import logsumexp, ndtri
from scipy.stats import qmc

from qingyuan.river.dispersion import DISPERSION_LN_SD
from qingyuan.river.gauges import RiverClock
from qingyuan.river.signature import Projection
from qingyuan.river.transport import pulse

__all__ = ["Draws", "Fit", "Watch", "draws_of", "fit_location"]

Floats: TypeAlias = NDArray[np.float64]
_SHAPE_REL_SD = 0.25  # of the modelled rise: what the transport model gets wrong in shape
_STUDENT = 5.0  # degrees of freedom of the noise: one odd reading must not decide
_WINDOW_SD = 2.5
_MOST_SECTIONS = 10


@dataclass(frozen=True)
class Draws:
    """Common random numbers of all locations, so that they differ by their place only."""

    ln_velocity: Floats
    ln_dispersion: Floats
    ln_duration: Floats
    arrival: Floats
    own: Floats


@dataclass(frozen=True)
class Watch:
    """A section below a location: its readings, and the travel to it."""

    projection: Projection
    mean_h: float
    variance_h2: float
    own_sd_h: float
    flow_m3_s: float
    alarmed: bool


@dataclass(frozen=True)
class Fit:
    """What the readings say about one location.

    ``ln_evidence`` is against "no release", flat in ln(mass rate); ``ln_alarmed`` the same from the
    alarmed section alone. Samples carry ``weight``; ``ln_amplitude`` is ln of the peak-equivalent
    discharge A in m³/s: the mass rate of factor f at the section is A·rise(f).
    """

    ln_evidence: float
    ln_alarmed: float
    weight: Floats
    start_h: Floats
    duration_h: Floats
    travel_h: Floats
    ln_amplitude: Floats
    ln_amplitude_var: Floats


def draws_of(
    seed: int, *, count: int, velocity_sd: float, duration_h: tuple[float, float]
) -> Draws:
    """Draw the unknowns of all locations once, by a scrambled Sobol sequence."""
    cube = qmc.Sobol(4 + _MOST_SECTIONS, scramble=True, rng=np.random.default_rng(seed)).random(
        count
    )
    normal = ndtri(np.clip(cube, 1e-6, 1 - 1e-6))
    low, high = np.log(duration_h[0]), np.log(duration_h[1])
    return Draws(
        ln_velocity=velocity_sd * normal[:, 0],
        ln_dispersion=DISPERSION_LN_SD * normal[:, 1],
        ln_duration=low + (high - low) * cube[:, 2],
        arrival=cube[:, 3],
        own=normal[:, 4:],
    )


def fit_location(
    watches: Sequence[Watch],
    draws: Draws,
    clock: RiverClock,
    *,
    first_hours: float,
    gap_h: float,
) -> Fit:
    """Weigh one location against the readings of the sections below it."""
    ordered = sorted(watches, key=lambda w: w.mean_h)
    if len(ordered) > _MOST_SECTIONS:
        ordered = _nearest_to_alarm(ordered)
    slow = np.exp(-draws.ln_velocity)
    travel, variance = _travel(ordered, draws, slow)
    alarmed = next(i for i, w in enumerate(ordered) if w.alarmed)
    duration = np.exp(draws.ln_duration)
    spread = np.sqrt(variance[alarmed])
    # the front meets the alarmed section between the last clean and the first risen reading
    theta_first = float(clock.theta(np.array([first_hours]))[0])
    earliest = theta_first - gap_h - duration - _WINDOW_SD * spread
    window = theta_first + _WINDOW_SD * spread - earliest
    theta_start = earliest + draws.arrival * window - travel[alarmed]
    start = clock.hours_at(theta_start)
    theta_duration = clock.theta(start + duration) - theta_start
    shapes, values, sds, here = [], [], [], []
    for i, watch in enumerate(ordered):
        seen = watch.projection
        # single precision: the readings carry ten per cent, the time goes into this loop
        time = (clock.theta(seen.hours)[None, :] - theta_start[:, None]).astype(np.float32)
        share = pulse(
            time,
            duration_h=theta_duration[:, None].astype(np.float32),
            mean_h=travel[i][:, None].astype(np.float32),
            variance_h2=variance[i][:, None].astype(np.float32),
        )
        flow = watch.flow_m3_s * clock.factor_at(seen.hours) / clock.base_factor
        shapes.append(share / flow.astype(np.float32))
        values.append(seen.value)
        sds.append(seen.sd)
        here.append(np.full(seen.hours.shape, watch.alarmed))
    h = np.concatenate(shapes, axis=1)
    z = np.concatenate(values).astype(np.float32)
    sd = np.concatenate(sds).astype(np.float32)
    at_alarm = np.concatenate(here)
    amplitude, information = _amplitude(h, z, sd)
    gain = _gain(amplitude[:, None] * h, z, sd)
    ln_mass = 0.5 * np.log(2 * np.pi / np.maximum(information, 0.25))
    common = ln_mass + np.log(window) - np.log(len(window))
    possible = (amplitude > 0) & (start < 0)
    total = np.where(possible, gain.sum(1) + common, -np.inf)
    alone = np.where(possible, gain[:, at_alarm].sum(1) + common, -np.inf)
    evidence = float(logsumexp(total))
    if not np.isfinite(evidence):
        evidence, weight = -1e3, np.full(len(window), 1 / len(window))
    else:
        weight = np.exp(total - evidence)
    return Fit(
        ln_evidence=evidence,
        ln_alarmed=float(np.maximum(logsumexp(alone), -1e3)),
        weight=weight,
        start_h=start,
        duration_h=duration,
        travel_h=travel[alarmed],
        ln_amplitude=np.log(np.maximum(amplitude, 1e-12)),
        ln_amplitude_var=1 / np.maximum(information, 0.25),
    )


def _nearest_to_alarm(ordered: Sequence[Watch]) -> list[Watch]:
    alarm = next(w.mean_h for w in ordered if w.alarmed)
    near = sorted(ordered, key=lambda w: abs(w.mean_h - alarm))[:_MOST_SECTIONS]
    return sorted(near, key=lambda w: w.mean_h)


def _travel(
    ordered: Sequence[Watch], draws: Draws, slow: Floats
) -> tuple[list[Floats], list[Floats]]:
    """Sample mean and variance of travel to each section; own errors accumulate along the path."""
    travel, variance = [], []
    error = np.zeros_like(slow)
    before = 0.0
    for i, watch in enumerate(ordered):
        step = max(watch.own_sd_h**2 - before, 0.0)
        before = max(before, watch.own_sd_h**2)
        error = error + np.sqrt(step) * draws.own[:, i]
        mean = max(watch.mean_h, 0.02)
        found = np.maximum(mean * slow + error, 0.1 * mean)
        travel.append(found)
        stretch = watch.variance_h2 * np.exp(draws.ln_dispersion) * (found / mean) ** 3
        variance.append(stretch + 1e-4)
    return travel, variance


def _amplitude(h: Floats, z: Floats, sd: Floats) -> tuple[Floats, Floats]:
    """Return the best amplitude per draw and the information on its logarithm."""
    weight = 1 / (sd**2 + (_SHAPE_REL_SD * np.maximum(z, 0)) ** 2)
    power = h**2
    amplitude = (h @ (weight * z)) / np.maximum(power @ weight, 1e-30)
    # once more, with the noise the fitted rise itself would have
    model = np.maximum(amplitude, 0)[:, None] * h
    w = 1 / (sd**2 + (_SHAPE_REL_SD * np.maximum(model, np.maximum(z, 0) / 2)) ** 2)
    amplitude = (h * w * z).sum(1) / np.maximum((power * w).sum(1), 1e-30)
    information = amplitude**2 * (power * w).sum(1)
    return amplitude, information


def _gain(model: Floats, z: Floats, sd: Floats) -> Floats:
    """Return ln likelihood of each reading under *model* over that under no release."""
    v = _STUDENT
    variance = sd**2 + (_SHAPE_REL_SD * model) ** 2
    with_it = -0.5 * np.log(variance) - (v + 1) / 2 * np.log1p((z - model) ** 2 / (v * variance))
    without = -0.5 * np.log(sd**2) - (v + 1) / 2 * np.log1p(z**2 / (v * sd**2))
    found: Floats = with_it - without
    return found
