"""Timing and shape (时间与形态): could a release here have made these readings, and when.

Unknown are release start and duration, a river-wide velocity factor, each stretch's own velocity
error (nested along the path, so shared by all sections below it), dispersion and mass. The first
five are drawn by importance sampling, start so that the front meets the first rise; the mass is
integrated out by Laplace's method in ln(mass). Clean sections enter as readings like any other.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.special import logsumexp, ndtr, ndtri
from scipy.stats import qmc

from qingyuan.river.background import Projection
from qingyuan.river.dispersion import DISPERSION_LN_SD
from qingyuan.river.gauges import RiverClock
from qingyuan.river.transport import pulse

__all__ = [
    "MOST_SECTIONS",
    "SHAPES",
    "SHAPE_REL_SD",
    "Draws",
    "Fit",
    "Shapes",
    "Sighting",
    "Watch",
    "draws_of",
    "fit_location",
    "ln_gain",
    "redraw",
    "shapes_of",
]

Floats: TypeAlias = NDArray[np.float64]
Singles: TypeAlias = NDArray[np.float32]
Reals: TypeAlias = NDArray[np.floating[Any]]
SHAPE_REL_SD = 0.25  # of the modelled rise: what the transport model gets wrong in shape
_TAIL_REL_SD = 0.03  # of the peak at a section: what dead zones hold back, and other small things
_STUDENT = 5.0  # degrees of freedom of the noise: one odd reading must not decide
_WINDOW_SD = 2.5
MOST_SECTIONS = 10
_LEAST_COUNTING = 30.0
_DEFENSIVE = 0.2  # share of redrawn draws that come from the prior
SHAPES = 4.0  # independent shape errors in one pulse at one section, however often it was read


@dataclass(frozen=True)
class Draws:
    """The unknowns of a location as standard normals, one row per draw.

    Columns: river-wide velocity, dispersion, front, tail, then each stretch's own velocity.
    All locations share them at first (common random numbers: they differ by their place only).
    ``ln_weight`` is ln(prior/proposal) where a location drew its own.
    """

    normal: Floats
    ln_weight: Floats
    velocity_sd: float
    duration_h: tuple[float, float]


@dataclass(frozen=True)
class Sighting:
    """When a rise was seen at a section, in hours from now: where its front and tail must lie.

    ``before`` is the last clean reading, ``after`` the first clean one behind it (None: none yet).
    """

    before: float
    first: float
    last: float
    after: float | None


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
    width = 4 + MOST_SECTIONS
    cube = qmc.Sobol(width, scramble=True, rng=np.random.default_rng(seed)).random(count)
    normal = ndtri(np.clip(cube, 1e-6, 1 - 1e-6))
    return Draws(normal, np.zeros(count), velocity_sd, duration_h)


def redraw(draws: Draws, fit: Fit, *, seed: int) -> Draws:
    """Draw again where *fit* found weight: a normal fitted to it, mixed with the prior.

    The weights are flattened first until at least thirty draws count, so that one lucky draw
    does not become the whole proposal; ``ln_weight`` corrects for all of it.
    """
    share = fit.weight
    for power in (1.0, 0.5, 0.25, 0.12, 0.06, 0.03, 0.015):
        share = fit.weight**power
        share = share / share.sum()
        if 1 / np.sum(share**2) >= _LEAST_COUNTING:
            break
    centre = share @ draws.normal
    off = draws.normal - centre
    width = draws.normal.shape[1]
    # a few draws cannot tell fourteen variances and their relations: shrink towards the prior's
    cover = 1.2 * (off * share[:, None]).T @ off + 0.1 * np.eye(width)
    root = np.linalg.cholesky(cover)
    rng = np.random.default_rng(seed)
    count = len(draws.normal)
    fresh = rng.standard_normal((count, width))
    kept = int(_DEFENSIVE * count)
    fresh[kept:] = centre + fresh[kept:] @ root.T
    ln_prior = -0.5 * (fresh**2).sum(1)
    white = np.linalg.solve(root, (fresh - centre).T)
    ln_fitted = -0.5 * (white**2).sum(0) - np.log(np.diag(root)).sum()
    ln_proposal = np.logaddexp(np.log(_DEFENSIVE) + ln_prior, np.log(1 - _DEFENSIVE) + ln_fitted)
    return replace(draws, normal=fresh, ln_weight=ln_prior - ln_proposal)


@dataclass(frozen=True)
class Shapes:
    """What a unit release here would give at the readings, draw by draw: rows draws, columns readings.

    ``tail`` is the spread of what dead zones hold back; ``power`` tempers sections read often.
    """

    unit: Singles
    tail: Singles
    value: Singles
    sd: Singles
    power: Floats
    at_alarm: NDArray[np.bool_]
    ln_room: Floats
    start_h: Floats
    duration_h: Floats
    travel_h: Floats


def shapes_of(
    watches: Sequence[Watch], draws: Draws, clock: RiverClock, *, sighting: Sighting
) -> Shapes:
    """Draw releases at one location and carry them to the sections of *watches* (by travel)."""
    slow = np.exp(-draws.velocity_sd * draws.normal[:, 0])
    travel, variance = _travel(watches, draws, slow)
    alarmed = next(i for i, w in enumerate(watches) if w.alarmed)
    front, tail, ln_room = _edges(draws, clock, sighting, np.sqrt(variance[alarmed]))
    theta_start, theta_end = front - travel[alarmed], tail - travel[alarmed]
    start = clock.hours_at(theta_start)
    theta_duration = np.maximum(theta_end - theta_start, 1e-3)
    units: list[Singles] = []
    tails: list[Singles] = []
    values, sds, here, powers = [], [], [], []
    for i, watch in enumerate(watches):
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
        units.append((share / flow).astype(np.float32))
        # the highest it gets there, read or not; nothing is held back before it came
        peak = theta_duration / np.sqrt(theta_duration**2 + 2 * np.pi * variance[i])
        came = time > (travel[i] - 2 * np.sqrt(variance[i])).astype(np.float32)[:, None]
        tails.append((came * (_TAIL_REL_SD * peak)[:, None] / flow).astype(np.float32))
        values.append(seen.value)
        sds.append(seen.sd)
        here.append(np.full(seen.hours.shape, watch.alarmed))
        risen = float((seen.value > 3 * seen.sd).sum())
        powers.append(np.full(seen.hours.shape, min(1.0, SHAPES / max(risen, 1.0))))
    return Shapes(
        unit=np.concatenate(units, axis=1),
        tail=np.concatenate(tails, axis=1),
        value=np.concatenate(values).astype(np.float32),
        sd=np.concatenate(sds).astype(np.float32),
        power=np.concatenate(powers),
        at_alarm=np.concatenate(here),
        ln_room=ln_room + draws.ln_weight,
        start_h=start,
        duration_h=clock.hours_at(theta_end) - start,
        travel_h=travel[alarmed],
    )


def fit_location(
    watches: Sequence[Watch],
    draws: Draws,
    clock: RiverClock,
    *,
    sighting: Sighting,
    most_sections: int = MOST_SECTIONS,
) -> Fit:
    """Weigh one location against the readings of the sections below it."""
    ordered = sorted(watches, key=lambda w: w.mean_h)
    if len(ordered) > most_sections:
        ordered = _nearest_to_alarm(ordered, most_sections)
    found = shapes_of(ordered, draws, clock, sighting=sighting)
    amplitude, information = _amplitude(found.unit, found.value, found.sd)
    model: Singles = amplitude[:, None] * found.unit
    floor: Singles = np.maximum(amplitude, 0)[:, None] * found.tail
    gain = ln_gain(model, floor, found.value, found.sd) * found.power
    ln_mass = 0.5 * np.log(2 * np.pi / np.maximum(information, 0.25))
    common = ln_mass + found.ln_room - np.log(len(found.start_h))
    possible = (amplitude > 0) & (found.start_h < 0)
    total = np.where(possible, gain.sum(1) + common, -np.inf)
    alone = np.where(possible, gain[:, found.at_alarm].sum(1) + common, -np.inf)
    evidence = float(logsumexp(total))
    if not np.isfinite(evidence):
        evidence, weight = -1e3, np.full(len(total), 1 / len(total))
    else:
        weight = np.exp(total - evidence)
    return Fit(
        ln_evidence=evidence,
        ln_alarmed=float(np.maximum(logsumexp(alone), -1e3)),
        weight=weight,
        start_h=found.start_h,
        duration_h=found.duration_h,
        travel_h=found.travel_h,
        ln_amplitude=np.log(np.maximum(amplitude, 1e-12)),
        ln_amplitude_var=1 / np.maximum(information, 0.25),
    )


def _edges(
    draws: Draws, clock: RiverClock, sighting: Sighting, spread: Floats
) -> tuple[Floats, Floats, Floats]:
    """Place front and tail of the pulse at the alarmed section, in the river's clock.

    Both are drawn where the readings leave room, and weighed back to a uniform start and a
    log-uniform duration: ln weight is the third value, −inf outside the range of durations.
    """
    shortest, longest = draws.duration_h
    first, before, last = (
        float(clock.theta(np.array([t]))[0])
        for t in (sighting.first, sighting.before, sighting.last)
    )
    slack = _WINDOW_SD * spread
    front_room = first - before + 2 * slack
    front = before - slack + ndtr(draws.normal[:, 2]) * front_room
    earliest = np.maximum(last - slack, front + shortest)
    latest = front + longest
    if sighting.after is not None:
        latest = np.minimum(latest, float(clock.theta(np.array([sighting.after]))[0]) + slack)
    tail_room = np.maximum(latest - earliest, 0.0)
    tail = earliest + ndtr(draws.normal[:, 3]) * tail_room
    duration = np.maximum(tail - front, shortest)
    density = duration * np.log(longest / shortest)
    with np.errstate(divide="ignore"):
        return front, tail, np.log(front_room * tail_room / density)


def _nearest_to_alarm(ordered: Sequence[Watch], most: int) -> list[Watch]:
    alarm = next(w.mean_h for w in ordered if w.alarmed)
    near = sorted(ordered, key=lambda w: abs(w.mean_h - alarm))[:most]
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
        error = error + np.sqrt(step) * draws.normal[:, 4 + i]
        mean = max(watch.mean_h, 0.02)
        found = np.maximum(mean * slow + error, 0.1 * mean)
        travel.append(found)
        stretch = (
            watch.variance_h2 * np.exp(DISPERSION_LN_SD * draws.normal[:, 1]) * (found / mean) ** 3
        )
        variance.append(stretch + 1e-4)
    return travel, variance


def _amplitude(h: Singles, z: Singles, sd: Singles) -> tuple[Singles, Singles]:
    """Return the best amplitude per draw and the information on its logarithm."""
    weight = 1 / (sd**2 + (SHAPE_REL_SD * np.maximum(z, 0)) ** 2)
    power = h**2
    amplitude = (h @ (weight * z)) / np.maximum(power @ weight, 1e-30)
    # once more, with the noise the fitted rise itself would have
    model = np.maximum(amplitude, 0)[:, None] * h
    w = 1 / (sd**2 + (SHAPE_REL_SD * np.maximum(model, np.maximum(z, 0) / 2)) ** 2)
    amplitude = (h * w * z).sum(1) / np.maximum((power * w).sum(1), 1e-30)
    information = amplitude**2 * (power * w).sum(1)
    return amplitude, information


def ln_gain(model: Reals, floor: Reals, z: Reals, sd: Reals) -> Singles:
    """Return ln likelihood of each reading under *model* over that under no release."""
    v = _STUDENT
    variance = sd**2 + (SHAPE_REL_SD * model) ** 2 + floor**2
    with_it = -0.5 * np.log(variance) - (v + 1) / 2 * np.log1p((z - model) ** 2 / (v * variance))
    without = -0.5 * np.log(sd**2) - (v + 1) / 2 * np.log1p(z**2 / (v * sd**2))
    return (with_it - without).astype(np.float32)
