"""The next best sample (下一个采样点): the place, time and factor that should tell most.

Every suspect's fitted release is carried to every place that can be reached; what one sample there
would read is sorted into a few levels above the background. The mutual information between these
levels and the hypotheses is what the sample is worth, in bits. Without a list of places, reach ends,
the points just below each likely suspect, and the sections stand for them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from qingyuan.river.answer import NextSample
from qingyuan.river.carry import carried, particles_of
from qingyuan.river.network import Point
from qingyuan.river.scene import Scene
from qingyuan.river.suspects import Suspects

__all__ = ["Sampling", "next_sample", "sampling_round"]

Floats: TypeAlias = NDArray[np.float64]
Ints: TypeAlias = NDArray[np.int64]
_WAITS_H = (0.0, 1.0, 2.0, 4.0, 6.0, 9.0)  # after the earliest time that can be met
_MOST_PLACES, _MOST_SUSPECTS, _PARTICLES = 120, 24, 48
_BACKGROUND_REL_SD = 0.5  # of a place without a history of its own
_LEVELS = (2.0, 6.0, 18.0)  # of the rise over that spread: nothing, something, much, very much
_BLUR = 0.06  # a sample lands on another level than expected with this probability
_LEAST_BITS = 0.005
_HALF_WORTH_H = 12.0  # an answer is worth half after so many hours: our assumption


@dataclass(frozen=True)
class Sampling:
    """What can be sampled (采样条件).

    Parameters
    ----------
    places : sequence of (reach_id, position_m), optional
        Bridges and other points that can be reached; empty = anywhere.
    earliest_h : float
        Hours from now until somebody can stand there.
    laboratory_h : mapping
        Factor → hours until its result is known; factors not named take ``other_h``. A field kit
        for ammonia takes half an hour, metals a day.
    other_h : float
        See above.
    """

    places: Sequence[tuple[str, float]] = ()
    earliest_h: float = 1.0
    laboratory_h: Mapping[str, float] = field(default_factory=dict)
    other_h: float = 0.0


@dataclass(frozen=True)
class _Options:
    """All samples that could be taken: ``level`` is (suspects, particles, options)."""

    level: Ints
    place: Ints
    hour: Floats
    worth: Floats
    places: list[Point]
    factor: str


def next_sample(
    scene: Scene,
    suspects: Suspects,
    probability: Floats,
    *,
    nothing: float = 0.0,
    sampling: Sampling | None = None,
) -> NextSample | None:
    """Return the sample expected to reduce the entropy over all hypotheses most; None if none does."""
    found = sampling_round(
        scene, suspects, probability, count=1, nothing=nothing, sampling=sampling
    )
    return found[0] if found else None


def sampling_round(
    scene: Scene,
    suspects: Suspects,
    probability: Floats,
    *,
    count: int,
    nothing: float = 0.0,
    sampling: Sampling | None = None,
) -> tuple[NextSample, ...]:
    """Return samples for one round, the best first, each chosen with the earlier ones in mind.

    Parameters
    ----------
    scene, suspects : Scene, Suspects
        The event and its suspects.
    probability : array
        Of each suspect alone.
    nothing : float
        Probability that nothing is in the water (a faulty sensor).
    count : int
        Samples wanted, at most four.
    sampling : Sampling, optional
        What can be reached, and how soon results come.
    """
    options = _options(scene, suspects, probability, sampling or Sampling())
    if options is None:
        return ()
    top = _top(suspects, probability)
    # two sources, runoff and foreign water could read anything: they tell nothing of a sample
    total = float(probability[top].sum()) + nothing
    p, rest = probability[top] / total, nothing / total
    taken = np.zeros(options.level.shape[:2], dtype=np.int64)
    known, chosen, found = 0.0, set[int](), []
    for _ in range(min(count, 4)):
        bits = _information(p, rest, taken[:, :, None] * (len(_LEVELS) + 1) + options.level) - known
        score = bits * options.worth
        score[np.isin(options.place, list(chosen))] = -1.0
        best = int(np.argmax(score))
        if bits[best] < _LEAST_BITS or score[best] <= 0:
            break
        place = options.places[int(options.place[best])]
        chosen.add(int(options.place[best]))
        found.append(
            NextSample(
                reach_id=scene.network.reaches[place.reach].reach_id,
                position_m=round(place.position_m, 1),
                time=scene.event.detected_at + timedelta(hours=float(options.hour[best])),
                factor=options.factor,
                expected_bits=round(float(bits[best]), 3),
            )
        )
        known += float(bits[best])
        taken = taken * (len(_LEVELS) + 1) + options.level[:, :, best]
    return tuple(found)


def _top(suspects: Suspects, probability: Floats) -> list[int]:
    return [
        int(i)
        for i in np.argsort(-probability, kind="stable")[:_MOST_SUSPECTS]
        if probability[i] > 1e-3 and suspects.fit_of(int(i)) is not None
    ]


def _options(
    scene: Scene, suspects: Suspects, probability: Floats, sampling: Sampling
) -> _Options | None:
    top = _top(suspects, probability)
    factor, base, rise = _telling_factor(scene, sampling)
    if not top or rise <= 0:
        return None
    places = _places(scene, suspects, top, sampling)
    last = [(s.time - scene.event.detected_at).total_seconds() / 3600 for s in scene.event.samples]
    earliest = max([sampling.earliest_h, *(h + 0.5 for h in last)])
    hours = earliest + np.array(_WAITS_H)
    level = np.zeros((len(top), _PARTICLES, len(places), len(hours)), dtype=np.int64)
    noise = max(_BACKGROUND_REL_SD * base, 1e-9)
    for row, i in enumerate(top):
        fit = suspects.fit_of(i)
        assert fit is not None
        seen = carried(scene, suspects, i, places, hours, particles=particles_of(fit, _PARTICLES))
        level[row] = np.searchsorted(_LEVELS, (seen * rise / noise).ravel()).reshape(seen.shape)
    delay = hours + sampling.laboratory_h.get(factor, sampling.other_h)
    return _Options(
        level=level.reshape(len(top), _PARTICLES, -1),
        place=np.repeat(np.arange(len(places)), len(hours)),
        hour=np.tile(hours, len(places)),
        worth=np.tile(0.5 ** (delay / _HALF_WORTH_H), len(places)),
        places=places,
        factor=factor,
    )


def _telling_factor(scene: Scene, sampling: Sampling) -> tuple[str, float, float]:
    """Return the factor that stands out most from its background and is soon known."""
    signature, seen = scene.signature, scene.alarmed
    if signature is None or seen is None:
        return scene.event.alarm.factor, 1.0, 0.0
    with np.errstate(all="ignore"):
        base = np.nanmedian(seen.record.base, axis=0)
    worth = [
        0.5 ** (sampling.laboratory_h.get(f, sampling.other_h) / _HALF_WORTH_H)
        for f in scene.factors
    ]
    score = np.nan_to_num(signature.rise / np.maximum(base, 1e-9), nan=0.0) * np.array(worth)
    # the alarmed factor is what the duty officer expects: another must tell half as much again
    score = score * np.where(np.array(scene.factors) == scene.event.alarm.factor, 1.5, 1.0)
    best = int(np.argmax(score))
    return scene.factors[best], float(base[best]), float(np.nan_to_num(signature.rise[best]))


def _places(scene: Scene, suspects: Suspects, top: list[int], sampling: Sampling) -> list[Point]:
    network = scene.network
    counts: dict[int, int] = {}
    for i in top:
        for reach in network.path(int(suspects.reach[i])):
            counts[reach] = counts.get(reach, 0) + 1
    if sampling.places:
        given = [network.point(r, x) for r, x in sampling.places]
        near = [p for p in given if p.reach in counts]
        half = len(top) / 2
        near.sort(key=lambda p: (abs(counts[p.reach] - half), p.reach, p.position_m))
        return near[:_MOST_PLACES] or given[:1]
    informative = sorted(counts, key=lambda r: (abs(counts[r] - len(top) / 2), r))
    ends = [Point(r, float(network.length_m[r])) for r in informative]
    just_below = [
        Point(
            int(suspects.reach[i]),
            min(float(suspects.position_m[i]) + 50.0, float(network.length_m[suspects.reach[i]])),
        )
        for i in top
    ]
    return (just_below + ends)[:_MOST_PLACES]


def _information(p: Floats, rest: float, code: Ints) -> Floats:
    """Return bits between the hypotheses and what the samples would read, option by option.

    ``code`` (suspects, particles, options) numbers the joint levels; blurred a little.
    """
    values = int(code.max()) + 1
    marginal = np.zeros((values, code.shape[2]))
    given = np.zeros(code.shape[2])
    nothing = np.zeros(values)
    nothing[0] = 1.0
    for value in range(values):
        share = (code == value).mean(axis=1) * (1 - _BLUR) + _BLUR / values
        alone = nothing[value] * (1 - _BLUR) + _BLUR / values
        marginal[value] = p @ share + rest * alone
        given -= p @ (share * np.log2(share)) + rest * alone * np.log2(alone)
    found: Floats = -(marginal * np.log2(np.maximum(marginal, 1e-12))).sum(axis=0) - given
    return found
