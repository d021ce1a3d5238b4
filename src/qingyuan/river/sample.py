"""The next best sample (下一个采样点): the place and time that should tell the suspects apart best.

Candidate places are reach ends on the suspects' paths (where bridges are is not known here) and the
sections; each suspect's fitted release is carried there. The answer "risen or not" of one sample
is worth the mutual information between it and the hypotheses, in bits.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from qingyuan.river.answer import NextSample
from qingyuan.river.network import Point
from qingyuan.river.scene import Scene
from qingyuan.river.suspects import Suspects
from qingyuan.river.transport import pulse

__all__ = ["next_sample"]

Floats: TypeAlias = NDArray[np.float64]
_WAITS_H = (1.0, 2.0, 4.0, 8.0)  # getting there; laboratory time comes after and moves nothing
_MOST_PLACES, _MOST_SUSPECTS, _PARTICLES = 120, 30, 48
_SEEN_SD = 3.0
_LEAST_BITS = 0.005


def next_sample(scene: Scene, suspects: Suspects, probability: Floats) -> NextSample | None:
    """Return the sample expected to reduce the entropy over all hypotheses most.

    Parameters
    ----------
    scene, suspects : Scene, Suspects
        The event and its suspects.
    probability : array
        Of each suspect alone; what is missing to one counts as "no rise to be seen".
    """
    if scene.signature is None or scene.alarmed is None:
        return None
    top = [
        int(i)
        for i in np.argsort(-probability, kind="stable")[:_MOST_SUSPECTS]
        if probability[i] > 1e-3 and suspects.fit_of(int(i)) is not None
    ]
    if not top:
        return None
    places = _places(scene, suspects, top)
    noise = float(np.median(scene.alarmed.sd))
    waits = np.array(_WAITS_H)
    theta = scene.clock.theta(waits)
    seen = np.zeros((len(top), len(places), len(waits)))
    reach = np.array([p[0] for p in places])
    position = np.array([p[1] for p in places])
    here = scene.transport
    for row, i in enumerate(top):
        fit = suspects.fit_of(i)
        assert fit is not None
        pick = _resample(fit.weight)
        ratio = fit.travel_h[pick] / max(float(suspects.travel_h[i]), 0.02)
        start = scene.clock.theta(fit.start_h[pick])
        level = np.exp(fit.ln_amplitude[pick])
        trail = set(scene.network.path(int(suspects.reach[i])))
        for column in range(len(places)):
            if reach[column] not in trail:
                continue
            if reach[column] == suspects.reach[i] and position[column] < suspects.position_m[i]:
                continue
            mean, variance = _between(scene, suspects, i, int(reach[column]), position[column])
            mean_h = np.maximum(mean * ratio, 0.02)
            share = pulse(
                theta[None, :] - start[:, None],
                duration_h=fit.duration_h[pick][:, None],
                mean_h=mean_h[:, None],
                variance_h2=(variance * ratio**3 + 1e-4)[:, None],
            )
            flow = max(float(here.state.flow_m3_s[reach[column]]), 1e-6)
            rise = level[:, None] * share / flow
            seen[row, column] = (rise > _SEEN_SD * noise).mean(axis=0)
    bits = _information(probability[top], np.clip(seen, 0.02, 0.95))
    best = np.unravel_index(int(np.argmax(bits)), bits.shape)
    if bits[best] < _LEAST_BITS:
        return None
    place = places[int(best[0])]
    wait = timedelta(hours=float(waits[int(best[1])]))
    return NextSample(
        reach_id=scene.network.reaches[place[0]].reach_id,
        position_m=round(place[1], 1),
        time=scene.event.detected_at + wait,
        factor=scene.event.alarm.factor,
        expected_bits=round(float(bits[best]), 3),
    )


def _between(
    scene: Scene, suspects: Suspects, i: int, reach: int, position: float
) -> tuple[float, float]:
    found = scene.transport.between(
        suspects.reach[i : i + 1], suspects.position_m[i : i + 1], Point(reach, float(position))
    )
    return float(found.mean_h[0]), float(found.variance_h2[0])


def _places(scene: Scene, suspects: Suspects, top: list[int]) -> list[tuple[int, float]]:
    counts: dict[int, int] = {}
    for i in top:
        for reach in scene.network.path(int(suspects.reach[i])):
            counts[reach] = counts.get(reach, 0) + 1
    informative = sorted(counts, key=lambda r: (abs(counts[r] - len(top) / 2), r))[:_MOST_PLACES]
    return [(r, float(scene.network.length_m[r])) for r in informative]


def _resample(weight: Floats) -> NDArray[np.int64]:
    """Pick particles at even quantiles of their weight: no randomness needed."""
    edges = np.cumsum(weight) / weight.sum()
    found = np.searchsorted(edges, (np.arange(_PARTICLES) + 0.5) / _PARTICLES)
    return np.minimum(found, len(weight) - 1)


def _entropy(p: Floats) -> Floats:
    q = np.clip(p, 1e-12, 1 - 1e-12)
    found: Floats = -(q * np.log2(q) + (1 - q) * np.log2(1 - q))
    return found


def _information(probability: Floats, seen: Floats) -> Floats:
    rest = max(1.0 - float(probability.sum()), 0.0)
    floor = 0.02
    marginal = np.tensordot(probability, seen, axes=1) + rest * floor
    known = np.tensordot(probability, _entropy(seen), axes=1) + rest * float(
        _entropy(np.array(floor))
    )
    found: Floats = _entropy(marginal) - known
    return found
