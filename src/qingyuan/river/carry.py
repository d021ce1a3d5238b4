"""Carrying (推演): what a suspect's fitted release looks like at other places and times.

The fit of a suspect is a weighted sample of release start, duration, travel and load. Here the
sample is carried to any place below: in between, the travel error is taken in proportion.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from qingyuan.river.network import Point
from qingyuan.river.scene import Scene
from qingyuan.river.suspects import Suspects
from qingyuan.river.timing import Fit
from qingyuan.river.transport import pulse

__all__ = ["carried", "decayed", "particles_of"]

Floats: TypeAlias = NDArray[np.float64]
Ints: TypeAlias = NDArray[np.int64]
_LEAST_H = 0.02


def particles_of(fit: Fit, count: int) -> Ints:
    """Pick particles at even quantiles of their weight: no randomness needed."""
    edges = np.cumsum(fit.weight) / fit.weight.sum()
    found = np.searchsorted(edges, (np.arange(count) + 0.5) / count)
    return np.minimum(found, len(fit.weight) - 1)


def carried(
    scene: Scene,
    suspects: Suspects,
    i: int,
    places: Sequence[Point],
    hours: Floats,
    *,
    particles: Ints,
) -> Floats:
    """Return the rise of suspect *i*'s release as a share of the alarmed section's peak.

    Parameters
    ----------
    scene, suspects : Scene, Suspects
        The event and its suspects.
    i : int
        Which suspect; it must be dated.
    places : sequence of Point
        Where; a place not below the suspect reads nothing.
    hours : array
        When, from now.
    particles : array
        Rows of the suspect's fit to carry.

    Returns
    -------
    array, (particles, places, hours)
        Times the signature's rise of a factor it is mg/L, before what decays on the way.
    """
    fit = suspects.fit_of(i)
    assert fit is not None
    reach, position = int(suspects.reach[i]), float(suspects.position_m[i])
    order = {r: k for k, r in enumerate(scene.network.path(reach))}
    ratio = fit.travel_h[particles] / max(float(suspects.travel_h[i]), _LEAST_H)
    start = scene.clock.theta(fit.start_h[particles])
    end = scene.clock.theta((fit.start_h + fit.duration_h)[particles])
    level = np.exp(fit.ln_amplitude[particles])
    theta = scene.clock.theta(hours)
    flow_factor = scene.clock.factor_at(hours) / scene.clock.base_factor
    found = np.zeros((len(particles), len(places), len(hours)))
    for column, place in enumerate(places):
        if place.reach not in order or (place.reach == reach and place.position_m < position):
            continue
        way = scene.transport.between(
            suspects.reach[i : i + 1], suspects.position_m[i : i + 1], place
        )
        share = pulse(
            theta[None, :] - start[:, None],
            duration_h=np.maximum(end - start, 1e-3)[:, None],
            mean_h=np.maximum(float(way.mean_h[0]) * ratio, _LEAST_H)[:, None],
            variance_h2=(float(way.variance_h2[0]) * ratio**3 + 1e-4)[:, None],
        )
        flow = max(float(scene.transport.state.flow_m3_s[place.reach]), 1e-6)
        found[:, column] = level[:, None] * share / (flow * flow_factor)[None, :]
    return found


def decayed(scene: Scene, suspects: Suspects, i: int, place: Point, factor: str) -> float:
    """Return what first-order loss leaves at *place*, against what it leaves at the alarm."""
    way = scene.transport.between(suspects.reach[i : i + 1], suspects.position_m[i : i + 1], place)
    rate = scene.event.factors[factor].decay_per_day / 24
    return float(np.exp(rate * (float(suspects.travel_h[i]) - float(way.mean_h[0]))))
