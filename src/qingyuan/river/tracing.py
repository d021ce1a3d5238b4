"""The trace itself (溯源): put the evidence together and answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.special import logsumexp

from qingyuan.river.alternatives import PRIOR, elsewhere_of, ln_none
from qingyuan.river.answer import NextSample, Pair, Trace
from qingyuan.river.candidates import averages, candidates_of
from qingyuan.river.caveats import caveats_of
from qingyuan.river.check import check_event
from qingyuan.river.event import Event
from qingyuan.river.profile import Effluents, effluents_of
from qingyuan.river.render import event_digest
from qingyuan.river.sample import Sampling, next_sample
from qingyuan.river.sample import sampling_round as round_of
from qingyuan.river.scene import Scene, scene_of
from qingyuan.river.several import ln_pairs
from qingyuan.river.suspects import Suspects, suspects_of
from qingyuan.river.weigh import Weights, weigh

__all__ = ["VERSION", "Inquiry", "investigate", "sampling_round", "trace"]

Floats: TypeAlias = NDArray[np.float64]
VERSION = "river-1"
_NONE_KINDS = ("washoff", "sensor", "boundary")


@dataclass(frozen=True)
class Inquiry:
    """A trace with everything it was made from: for "why not this one?", curves and plumes.

    ``centre`` is the average suspect's ln likelihood per kind of evidence, which bits are against.
    """

    trace: Trace
    scene: Scene
    suspects: Suspects
    effluents: Effluents
    weights: Weights
    probability: Floats
    involved: Floats
    centre: Mapping[str, float]


def trace(event: Event, *, seed: int = 1, sampling: Sampling | None = None) -> Trace:
    """Weigh every outfall that could explain an alarm (溯源).

    Parameters
    ----------
    event : Event
        What was known when the alarm was raised: network, sections, readings (mg/L, unrounded),
        outfalls, profiles, monitors. Nothing later than ``event.detected_at`` is read.
    seed : int
        Seed of the sampler; the same event and seed give the same answer.
    sampling : Sampling, optional
        Places that can be reached and how soon; only the next sample depends on it.

    Returns
    -------
    Trace
        Probabilities of each outfall alone, of *several* and of *none*, summing to one; credible
        sets over all of these; evidence per suspect in bits; the next best sample.

    Raises
    ------
    Problems
        ``river.cycle`` if the network does not flow to an outlet; ``river.off_network`` if a
        section or outfall lies on no reach; others of ``check_event``.

    Notes
    -----
    Absence of data is never evidence of innocence: an outfall with a silent monitor keeps its
    prior and is marked ``silent``. Behind a closed gate a suspect is *connected but undated*.

    Examples
    --------
    >>> from qingyuan.river.worlds import line_of
    >>> event = line_of(4, velocity_m_s=0.5, reach_m=900).alarm(at="d", released_from="b")
    >>> answer = trace(event, seed=1)
    >>> answer.candidates[0].outfall, answer.none < 0.1
    ('b', True)
    """
    return investigate(event, seed=seed, sampling=sampling).trace


def investigate(event: Event, *, seed: int = 1, sampling: Sampling | None = None) -> Inquiry:
    """Trace *event* and keep what the answer was made from (see ``trace``)."""
    event = event.as_known()
    check_event(event)
    scene = scene_of(event)
    suspects = suspects_of(scene, seed=seed)
    everybody = effluents_of(event, scene.factors, background=scene.background)
    effluents = everybody.of(suspects.index)
    elsewhere = elsewhere_of(scene, seed=seed)
    weights = weigh(scene, suspects, effluents, elsewhere)
    none = ln_none(scene, everybody, elsewhere, seed=seed)
    pairs = ln_pairs(scene, suspects, effluents, weights, elsewhere, seed=seed)
    found = _normalise(weights.total, none, pairs)
    names = [o.outfall_id for o in suspects.outfalls]
    involved = found.single.copy()
    for (i, j, _), p in zip(pairs, found.pairs, strict=True):
        involved[i] += p
        involved[j] += p
    probabilities = {name: float(p) for name, p in zip(names, found.single, strict=True)}
    hypotheses = probabilities | {"none": sum(found.none.values()), "several": found.several}
    set50, set90 = _smallest(hypotheses, 0.5), _smallest(hypotheses, 0.9)
    centre = averages(weights)
    candidates = candidates_of(
        scene, suspects, weights, found.single, involved, keep=set90, centre=centre
    )
    told = sum(c.probability for c in candidates)
    best = sorted(zip(pairs, found.pairs, strict=True), key=lambda row: -row[1])[:10]
    answer = Trace(
        section=event.alarm.section,
        factor=event.alarm.factor,
        none=sum(found.none.values()),
        none_kind=found.none,
        several=found.several,
        several_pairs=tuple(
            Pair((names[i], names[j]), float(p)) for (i, j, _), p in best if p > 1e-4
        ),
        candidates=candidates,
        rest=max(float(found.single.sum()) - told, 0.0),
        set50=set50,
        set90=set90,
        next_sample=next_sample(
            scene, suspects, found.single, nothing=found.none["sensor"], sampling=sampling
        ),
        caveats=caveats_of(scene, suspects, effluents),
        probabilities=hypotheses,
        inputs_sha256=event_digest(event),
        version=VERSION,
        seed=seed,
        suspects=len(names),
    )
    return Inquiry(answer, scene, suspects, effluents, weights, found.single, involved, centre)


def sampling_round(
    inquiry: Inquiry, *, count: int = 3, sampling: Sampling | None = None
) -> tuple[NextSample, ...]:
    """Return the samples of one round (采样轮次), the best first; see ``Sampling``."""
    return round_of(
        inquiry.scene,
        inquiry.suspects,
        inquiry.probability,
        count=count,
        nothing=inquiry.trace.none_kind["sensor"],
        sampling=sampling,
    )


@dataclass(frozen=True)
class _Shares:
    single: Floats
    none: dict[str, float]
    several: float
    pairs: list[float]


def _normalise(
    single: Floats, none: dict[str, float], pairs: Sequence[tuple[int, int, float]]
) -> _Shares:
    """Turn ln(prior × evidence) of all hypotheses into probabilities that sum to one."""
    priors = sum(PRIOR[k] for k in ("washoff_wet", "sensor", "boundary", "several"))
    ln_single = single + np.log(1 - priors)
    ln_none = np.array([none[kind] for kind in _NONE_KINDS])
    ln_pair = np.array([value for _, _, value in pairs]) + np.log(PRIOR["several"])
    every = np.concatenate([ln_single, ln_none, ln_pair])
    share = np.exp(every - logsumexp(every))
    a, b = len(ln_single), len(ln_single) + len(ln_none)
    return _Shares(
        single=share[:a],
        none={kind: float(p) for kind, p in zip(_NONE_KINDS, share[a:b], strict=True)},
        several=float(share[b:].sum()),
        pairs=[float(p) for p in share[b:]],
    )


def _smallest(probabilities: dict[str, float], level: float) -> tuple[str, ...]:
    """Return the fewest hypotheses that together reach *level*; ties by name."""
    chosen: list[str] = []
    total = 0.0
    for name, p in sorted(probabilities.items(), key=lambda row: (-row[1], row[0])):
        if total >= level:
            break
        chosen.append(name)
        total += p
    return tuple(chosen)
