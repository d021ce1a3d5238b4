"""Timing and shape (时间与形态): could a release here have made these readings, and when.

Unknown are release start and duration, a river-wide velocity factor, each stretch's own velocity
error (nested along the path, so shared by all sections below it), dispersion and mass. The first
five are drawn by importance sampling, start so that the front meets the first rise; the mass is
integrated out by Laplace's method in ln(mass). Clean sections enter as readings like any other.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.special import logsumexp, ndtr

from qingyuan.river.background import Projection
from qingyuan.river.dispersion import DISPERSION_LN_SD
from qingyuan.river.draws import SHARED, Draws
from qingyuan.river.gauges import RiverClock

__all__ = [
    "MOST_SECTIONS",
    "SHAPES",
    "SHAPE_REL_SD",
    "Fit",
    "Shapes",
    "Sighting",
    "Watch",
    "columns_of",
    "counts_for",
    "fit_location",
    "ln_gain",
    "nearest",
    "shapes_of",
]

Floats: TypeAlias = NDArray[np.float64]
Singles: TypeAlias = NDArray[np.float32]
Reals: TypeAlias = NDArray[np.floating[Any]]
SHAPE_REL_SD = 0.25  # of the modelled rise: what the transport model gets wrong in shape
# dead zones: A_S/A and its exchange per hour, medians and ln sd (OTIS studies; ours, see README)
_DEAD_RATIO, _DEAD_RATIO_SD = 0.07, 1.0
_DEAD_PER_H, _DEAD_PER_H_SD = 0.18, 1.0
# of the peak at a section, one value for the river: what stays behind longer than that
_TAIL_REL, _TAIL_REL_SD = 0.006, 1.2
_NEVER = np.float32(1e-7)
_SLOPE, _BEND = np.float32(1.5976), np.float32(0.07056)
_STUDENT = 5.0  # degrees of freedom of the noise: one odd reading must not decide
_WINDOW_SD = 2.5
_MOST_AMPLITUDE = np.float32(1e6)  # m³/s: a draw that needs more missed every reading
MOST_SECTIONS = 10
SHAPES = 4.0  # independent shape errors in one pulse at one section, however often it was read
_OWN_H = 2.0  # the background wanders slowly: readings closer than this share their errors


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
    variance_h2: Floats
    ln_amplitude: Floats
    ln_amplitude_var: Floats


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
    variance_h2: Floats


def shapes_of(
    watches: Sequence[Watch], draws: Draws, clock: RiverClock, *, sighting: Sighting
) -> Shapes:
    """Draw releases at one location and carry them to the sections of *watches* (by travel)."""
    slow = np.exp(-draws.velocity_sd * draws.normal[:, 0])
    ways = _travel(watches, draws, slow)
    travel, variance = [w.mean_h for w in ways], [w.variance_h2 for w in ways]
    held = _TAIL_REL * np.exp(_TAIL_REL_SD * draws.normal[:, 6])
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
        share = ways[i].share(time, theta_duration)
        flow = watch.flow_m3_s * clock.factor_at(seen.hours) / clock.base_factor
        units.append((share / flow).astype(np.float32))
        # the highest it gets there, read or not; nothing is held back before it came
        peak = theta_duration / np.sqrt(theta_duration**2 + 2 * np.pi * variance[i])
        came = time > (travel[i] - 2 * np.sqrt(variance[i])).astype(np.float32)[:, None]
        tails.append((came * (held * peak)[:, None] / flow).astype(np.float32))
        values.append(seen.value)
        sds.append(seen.sd)
        here.append(np.full(seen.hours.shape, watch.alarmed))
        powers.append(np.full(seen.hours.shape, counts_for(seen)))
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
        variance_h2=variance[alarmed],
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
    ordered = nearest(watches, most_sections)
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
        variance_h2=found.variance_h2,
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


def counts_for(seen: Projection) -> float:
    """Return what each reading of a section counts for, 1 if its errors are its own."""
    risen = float((seen.value > 3 * seen.sd).sum())
    count = seen.hours.size
    step = float(seen.hours[-1] - seen.hours[0]) / (count - 1) if count > 1 else _OWN_H
    return min(1.0, SHAPES / max(risen, 1.0), step / max(_OWN_H, seen.record.lasting_h))


def nearest(watches: Sequence[Watch], most: int = MOST_SECTIONS) -> list[Watch]:
    """Return the sections a location is weighed with, by travel: those nearest to the alarm.

    A grab sample is always among them: somebody went there for it.
    """
    alarm = next(w.mean_h for w in watches if w.alarmed)

    def apart(watch: Watch) -> tuple[bool, float]:
        return not watch.projection.record.sampled, abs(watch.mean_h - alarm)

    near = sorted(watches, key=apart)[: max(most, 1)]
    if not any(w.alarmed for w in near):
        near[-1] = next(w for w in watches if w.alarmed)
    return sorted(near, key=lambda w: w.mean_h)


def columns_of(ordered: Sequence[Watch]) -> tuple[str, ...]:
    """Name the columns of the draws for these sections: a stretch by the section it ends at."""
    return (*(f"#{k}" for k in range(SHARED)), *(w.projection.record.name for w in ordered))


@dataclass(frozen=True)
class _Way:
    """Travel to one section, draw by draw: ``mean_h`` and ``variance_h2`` with dead zones.

    Of the water a share ``straight`` never met a dead zone; it keeps the channel's own moments.
    """

    mean_h: Floats
    variance_h2: Floats
    straight: Floats
    channel: tuple[Floats, Floats]
    delayed: tuple[Floats, Floats]

    def share(self, time_h: Singles, duration_h: Floats) -> Singles:
        """Return the response at *time_h* since release start (draws, readings).

        A pulse as in ``transport``; the normal distribution to 2e-4, for most of the time goes here.
        """
        began = np.log(np.maximum(time_h, _NEVER))
        ended = np.log(np.maximum(time_h - duration_h[:, None].astype(np.float32), _NEVER))
        found = np.zeros_like(time_h)
        for weight, (mean, variance) in (
            (self.straight, self.channel),
            (1 - self.straight, self.delayed),
        ):
            scale2 = np.log1p(variance / mean**2)
            scale = np.sqrt(np.maximum(scale2, 1e-8))[:, None].astype(np.float32)
            centre = (np.log(mean) - scale2 / 2)[:, None].astype(np.float32)
            passed = _quick_normal((began - centre) / scale) - _quick_normal(
                (ended - centre) / scale
            )
            found += weight[:, None].astype(np.float32) * passed
        return found


def _quick_normal(x: Singles) -> Singles:
    """Return the normal distribution function to 2e-4 (Bowling et al. 2009)."""
    near = np.clip(x, -6.0, 6.0)
    power = np.exp(-near * (_SLOPE + _BEND * near * near))
    found: Singles = np.reciprocal(power + np.float32(1.0), dtype=np.float32)
    return found


def _travel(ordered: Sequence[Watch], draws: Draws, slow: Floats) -> list[_Way]:
    """Sample travel to each section; own errors accumulate along the path."""
    ways = []
    error = np.zeros_like(slow)
    before = 0.0
    ratio = _DEAD_RATIO * np.exp(_DEAD_RATIO_SD * draws.normal[:, 4])
    exchange = _DEAD_PER_H * np.exp(_DEAD_PER_H_SD * draws.normal[:, 5])
    for i, watch in enumerate(ordered):
        step = max(watch.own_sd_h**2 - before, 0.0)
        before = max(before, watch.own_sd_h**2)
        error = error + np.sqrt(step) * draws.normal[:, SHARED + i]
        mean = max(watch.mean_h, 0.02)
        found = np.maximum(mean * slow + error, 0.1 * mean)
        stretch = (
            watch.variance_h2 * np.exp(DISPERSION_LN_SD * draws.normal[:, 1]) * (found / mean) ** 3
        ) + 1e-4
        ways.append(_with_dead_zones(found, stretch, ratio, exchange))
    return ways


def _with_dead_zones(mean: Floats, variance: Floats, ratio: Floats, exchange: Floats) -> _Way:
    """Let water wait: Poisson many times on the way, exponentially long each time (OTIS)."""
    times = exchange * mean
    wait = ratio / exchange
    straight = np.exp(-times)
    met = -np.expm1(-times)
    often = times / met
    spread = wait**2 * (2 * often + times * often - often**2)
    return _Way(
        mean_h=mean * (1 + ratio),
        variance_h2=variance + 2 * times * wait**2,
        straight=straight,
        channel=(mean, variance),
        delayed=(mean + often * wait, variance + spread),
    )


def _amplitude(h: Singles, z: Singles, sd: Singles) -> tuple[Singles, Singles]:
    """Return the best amplitude per draw and the information on its logarithm."""
    weight = 1 / (sd**2 + (SHAPE_REL_SD * np.maximum(z, 0)) ** 2)
    power = h**2
    amplitude = (h @ (weight * z)) / np.maximum(power @ weight, 1e-30)
    amplitude = np.clip(amplitude, -_MOST_AMPLITUDE, _MOST_AMPLITUDE)
    # once more, with the noise the fitted rise itself would have
    model = np.maximum(amplitude, 0)[:, None] * h
    w = 1 / (sd**2 + (SHAPE_REL_SD * np.maximum(model, np.maximum(z, 0) / 2)) ** 2)
    amplitude = (h * w * z).sum(1) / np.maximum((power * w).sum(1), 1e-30)
    amplitude = np.clip(amplitude, -_MOST_AMPLITUDE, _MOST_AMPLITUDE)
    information = amplitude**2 * (power * w).sum(1)
    return amplitude, information


def ln_gain(model: Reals, floor: Reals, z: Reals, sd: Reals) -> Singles:
    """Return ln likelihood of each reading under *model* over that under no release."""
    v = _STUDENT
    variance = sd**2 + (SHAPE_REL_SD * model) ** 2 + floor**2
    with_it = -0.5 * np.log(variance) - (v + 1) / 2 * np.log1p((z - model) ** 2 / (v * variance))
    without = -0.5 * np.log(sd**2) - (v + 1) / 2 * np.log1p(z**2 / (v * sd**2))
    return (with_it - without).astype(np.float32)
