"""Two outfalls at once (多源): can a mixture explain the signature better than anyone alone.

Pairs are taken from the likeliest outfalls; each pair shares the signal in unknown parts, every part
an effluent of its own. Timing of a pair is that of either member.
"""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.special import logsumexp

from qingyuan.river.profile import Effluents, decay_loss
from qingyuan.river.scene import Scene
from qingyuan.river.suspects import Suspects
from qingyuan.river.weigh import Weights

__all__ = ["ln_pairs"]

Floats: TypeAlias = NDArray[np.float64]
_MOST = 24
_SHARES = np.array([0.1, 0.3, 0.5, 0.7, 0.9])
_OFFSETS = np.arange(-0.8, 0.81, 0.4)


def ln_pairs(
    scene: Scene, suspects: Suspects, effluents: Effluents, weights: Weights
) -> list[tuple[int, int, float]]:
    """Return (i, j, ln(prior of the pair × evidence)) of the pairs worth naming.

    The prior of a pair is its members' shares, the second's among the outfalls upstream.
    """
    signature = scene.signature
    if signature is None or len(suspects.outfalls) < 2:
        return []
    kinds = weights.by_kind
    timing = kinds["timing"] + kinds["clean"]
    aside = kinds["prior"] + kinds["online"] + kinds["mass"]
    without_profile = kinds["prior"] + timing + kinds["online"]
    near = np.argsort(-weights.total, kind="stable")[: _MOST // 2]
    timed = np.argsort(-without_profile, kind="stable")[: _MOST // 2]
    chosen = sorted({int(i) for i in (*near, *timed) if suspects.fit_of(int(i)) is not None})
    rates = {f: scene.event.factors[f].decay_per_day for f in scene.factors}
    loss = decay_loss(rates, scene.factors, suspects.travel_h)
    mean = effluents.mean - loss
    use = np.isfinite(signature.rise) & np.isfinite(signature.rise_sd)
    use &= np.isfinite(mean[chosen]).all(axis=0)
    if not use.any():
        return []
    rise, error = signature.rise[use], signature.rise_sd[use]
    sure = rise > error
    # the second discharges into the same alarm: its share is among those upstream
    upstream = logsumexp(kinds["prior"])
    found = []
    for a, i in enumerate(chosen):
        for j in chosen[a + 1 :]:
            if suspects.outfalls[i].outfall_id == suspects.outfalls[j].outfall_id:
                continue
            ln_mix = _mixture(mean[[i, j]][:, use], effluents.sd[[i, j]][:, use], rise, error, sure)
            either = np.logaddexp(timing[i], timing[j]) - np.log(2)
            found.append(
                (i, j, float(ln_mix + either + aside[i] + aside[j] + np.log(2) - upstream))
            )
    return found


def _mixture(
    mean: Floats, sd: Floats, rise: Floats, error: Floats, sure: NDArray[np.bool_]
) -> float:
    """Return ln density of the rises for a mixture, integrated over the shares and the scale."""
    if not sure.any():
        return -1e3
    ln_rise = np.log(rise[sure])
    alone = np.array([np.mean(ln_rise - m[sure]) for m in mean])
    parts = []
    for share in _SHARES:
        for offset in _OFFSETS:
            level = alone + np.log([share, 1 - share]) + offset
            each = np.exp(level[:, None] + mean)
            model = each.sum(0)
            variance = error**2 + ((sd * each) ** 2).sum(0)
            relative = variance / np.maximum(model, 1e-12) ** 2
            ln_sd2 = np.log1p(relative)
            ln = np.where(
                sure,
                -0.5 * (np.log(np.maximum(rise, 1e-12)) - np.log(model)) ** 2 / ln_sd2
                - 0.5 * np.log(2 * np.pi * ln_sd2)
                - np.log(np.maximum(rise, 1e-12)),
                -0.5 * (rise - model) ** 2 / variance - 0.5 * np.log(2 * np.pi * variance),
            )
            # d(ln part i) d(ln part j) = d(offset) d(share) / (share · (1 − share))
            parts.append(float(ln.sum()) - np.log(share * (1 - share)))
    cell = (_OFFSETS[1] - _OFFSETS[0]) * (_SHARES[1] - _SHARES[0])
    return float(logsumexp(parts) + np.log(cell))
