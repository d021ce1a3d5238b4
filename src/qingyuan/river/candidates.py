"""Candidates (嫌疑名单): the suspects worth naming, each with spans and evidence in sentences."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.special import logsumexp

from qingyuan.river.answer import Candidate, Evidence, Span
from qingyuan.river.says import say
from qingyuan.river.scene import Scene
from qingyuan.river.suspects import Suspects
from qingyuan.river.weigh import KINDS, Weights

__all__ = ["averages", "candidate_of", "candidates_of", "weighted_span"]

Floats: TypeAlias = NDArray[np.float64]
_LEAST = 20
_NATS = float(np.log(2))


def candidates_of(
    scene: Scene,
    suspects: Suspects,
    weights: Weights,
    probability: Floats,
    involved: Floats,
    *,
    keep: Sequence[str],
    centre: Mapping[str, float],
) -> tuple[Candidate, ...]:
    """Return every outfall of *keep* and at least the likeliest twenty, ranked."""
    names = [o.outfall_id for o in suspects.outfalls]
    order = sorted(range(len(names)), key=lambda i: (-probability[i], names[i]))
    wanted = set(keep)
    shown = [i for rank, i in enumerate(order) if rank < _LEAST or names[i] in wanted]
    ranks = {i: rank for rank, i in enumerate(order, start=1)}
    return tuple(
        candidate_of(scene, suspects, weights, i, ranks[i], probability, involved, centre)
        for i in shown
    )


def averages(weights: Weights) -> dict[str, float]:
    """Return the average suspect's ln likelihood per kind: the prior-weighted mean.

    The other sections are averaged given the timing, and the capacity given the profile, for
    these pairs are two halves of one likelihood.
    """
    prior = weights.by_kind["prior"]
    every = float(logsumexp(prior))
    found = {"prior": every - float(np.log(max(len(prior), 1)))}
    for first, given in (("timing", "clean"), ("profile", "mass"), ("online", "")):
        alone = prior + weights.by_kind[first]
        found[first] = float(logsumexp(alone)) - every
        if given:
            both = float(logsumexp(alone + weights.by_kind[given])) - every
            found[given] = both - found[first]
    return found


def candidate_of(
    scene: Scene,
    suspects: Suspects,
    weights: Weights,
    i: int,
    rank: int,
    probability: Floats,
    involved: Floats,
    centre: Mapping[str, float],
) -> Candidate:
    """Return one suspect as a candidate; bits are against the average suspect (*centre*)."""
    outfall = suspects.outfalls[i]
    fit = suspects.fit_of(i)
    sign = weights.signs.get(outfall.outfall_id)
    monitor = sign.sign if sign else ("silent" if outfall.online else "")
    bits = {kind: (float(weights.by_kind[kind][i]) - centre[kind]) / _NATS for kind in KINDS}
    evidence = tuple(
        Evidence(kind, round(bits[kind], 3), *say(kind, scene, suspects, i, bits[kind], monitor))
        for kind in KINDS
    )
    start = duration = None
    mass: dict[str, Span] = {}
    if fit is not None:
        spans = [weighted_span(v, fit.weight) for v in (fit.start_h, fit.duration_h)]
        start = Span(*(_clock(scene, float(h)) for h in spans[0]))
        duration = Span(*(round(float(d), 2) for d in spans[1]))
        assert scene.signature is not None
        for f, code in enumerate(scene.factors):
            rise = scene.signature.rise[f]
            if not np.isfinite(rise) or rise <= 2 * scene.signature.rise_sd[f]:
                continue
            decay = scene.event.factors[code].decay_per_day / 24
            # g/s at the section, back to the outfall, over the release: kg
            kg = np.exp(fit.ln_amplitude + decay * fit.travel_h) * rise * fit.duration_h * 3.6
            mass[code] = Span(*(float(f"{v:.4g}") for v in weighted_span(kg, fit.weight)))
    return Candidate(
        outfall=outfall.outfall_id,
        rank=rank,
        probability=float(probability[i]),
        involved=float(min(involved[i], 1.0)),
        release_start=start,
        duration_h=duration,
        mass_kg=mass,
        evidence=evidence,
        undated=not bool(suspects.dated[i]),
        monitor=monitor,
    )


def weighted_span(values: Floats, weight: Floats) -> tuple[float, float, float]:
    """Return the 5, 50 and 95 % points of weighted values."""
    order = np.argsort(values, kind="stable")
    share = np.cumsum(weight[order]) / weight.sum()
    places = np.minimum(np.searchsorted(share, [0.05, 0.5, 0.95]), len(values) - 1)
    low, middle, high = values[order][places]
    return float(low), float(middle), float(high)


def _clock(scene: Scene, hours: float) -> datetime:
    return scene.event.detected_at + timedelta(seconds=round(hours * 3600))
