"""Profile and capacity (特征比对与能力): could this effluent, times one multiple, give these rises.

A release is a multiple of the outfall's normal effluent, the same multiple for all factors but for
a daily scatter. With a = ln(flow × multiple), the expected rise of factor f at peak-equivalent
discharge A is exp(a + μ_f + ε_f − k_f·T)/A. The scale b = a − ln A runs over a grid, ε is integrated
by Gauss–Hermite, so a factor that did not rise counts as well as one that did. Then the scale is
weighed against what the outfall can carry.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.special import logsumexp

from qingyuan.river.event import Event
from qingyuan.river.signature import Signature

__all__ = [
    "Effluents",
    "decay_loss",
    "effluents_of",
    "pooled",
    "scale_evidence",
    "weigh_profile",
]

Floats: TypeAlias = NDArray[np.float64]
DAY_SD = 0.4  # a day from the outfall's long-term mean, ln
TRADE_SD = 0.8  # an outfall's long-term mean from its trade's, ln
_EFFLUENT_TO_RIVER = 20.0
_UNKNOWN_SD = 1.3  # from the mean of all outfalls where the trade has no history either
# ln of flow × multiple against the outfall's greatest flow: part used, and multiple of normal
_SCALE_MEAN, _SCALE_SD = np.log(0.6) + 2.7, 1.8
_GRID = np.arange(-14.0, 14.01, 0.2)
_SEEN_SD = 4.0
_LEAST = 1e-15  # of a density relative to its peak: beyond, the factor has said enough
_NODES, _WEIGHTS = np.polynomial.hermite_e.hermegauss(9)


@dataclass(frozen=True)
class Effluents:
    """Normal effluent of each outfall: ln mean and ln sd per factor, and whose history it is."""

    mean: Floats
    sd: Floats
    own_history: NDArray[np.bool_]

    def of(self, rows: NDArray[np.int64]) -> Effluents:
        """Return the effluents of some outfalls, by row."""
        return Effluents(self.mean[rows], self.sd[rows], self.own_history[rows])


def effluents_of(
    event: Event, factors: Sequence[str], *, background: Floats | None = None
) -> Effluents:
    """Return the expected effluent of each outfall: its own history drawn towards its trade's.

    Of a factor that nobody has a history of, twenty times the river's own level (*background*, per
    factor) stands for all: it tells no outfall from another, but a discharge from a sensor's fault.
    """
    outfalls = event.outfalls
    column = {code: i for i, code in enumerate(factors)}
    trade_of = {o.outfall_id: o.trade for o in event.outfalls}
    history: dict[str, list[tuple[int, float, float]]] = {}
    by_trade: dict[tuple[str, int], list[float]] = {}
    overall: dict[int, list[float]] = {}
    for row in event.profiles:
        at = column.get(row.factor)
        if at is None or row.n < 1:
            continue
        history.setdefault(row.outfall_id, []).append((at, row.n, row.ln_mean))
        by_trade.setdefault((trade_of.get(row.outfall_id, ""), at), []).append(row.ln_mean)
        overall.setdefault(at, []).append(row.ln_mean)
    mean = np.full((len(outfalls), len(factors)), np.nan)
    sd = np.full(mean.shape, _UNKNOWN_SD)
    centre = {key: (float(np.mean(v)), len(v)) for key, v in by_trade.items()}
    fallback = {at: float(np.mean(v)) for at, v in overall.items()}
    for f, level in enumerate(background if background is not None else ()):
        if level > 0:
            fallback.setdefault(f, float(np.log(_EFFLUENT_TO_RIVER * level)))
    for i, outfall in enumerate(outfalls):
        for f in range(len(factors)):
            at_trade, count = centre.get((outfall.trade, f), (np.nan, 0))
            if count >= 3:
                mean[i, f] = at_trade
                sd[i, f] = np.sqrt(TRADE_SD**2 * (1 + 1 / count))
            else:
                mean[i, f] = fallback.get(f, np.nan)
        for at, n, ln_mean in history.get(outfall.outfall_id, ()):
            prior, noise = 1 / sd[i, at] ** 2, n / DAY_SD**2
            start = mean[i, at] if np.isfinite(mean[i, at]) else ln_mean
            mean[i, at] = (prior * start + noise * ln_mean) / (prior + noise)
            sd[i, at] = np.sqrt(1 / (prior + noise))
    own = np.array([o.outfall_id in history for o in outfalls])
    return Effluents(mean, np.sqrt(sd**2 + DAY_SD**2), own)


def weigh_profile(effluents: Effluents, signature: Signature, loss: Floats) -> Floats:
    """Return ln density of the signature for each outfall and scale: shape (outfalls, grid).

    Parameters
    ----------
    effluents : Effluents
        Expected effluents.
    signature : Signature
        Rises at the alarmed section; factors with NaN are left out.
    loss : array, (outfalls, factors)
        First-order loss k·T on the way to the section.
    """
    found = np.zeros((effluents.mean.shape[0], _GRID.size))
    for f in range(effluents.mean.shape[1]):
        rise, error = signature.rise[f], signature.rise_sd[f]
        known = np.isfinite(effluents.mean[:, f])
        if not (np.isfinite(rise) and np.isfinite(error)) or not known.any():
            continue
        mean = effluents.mean[known, f] - loss[known, f]
        sd = effluents.sd[known, f]
        if rise > _SEEN_SD * error:  # the rise is sure: log-normal times the slope of the logarithm
            total = sd**2 + (error / rise) ** 2
            off = np.log(rise) - (_GRID[None, :] + mean[:, None])
            found[known] += (
                -0.5 * off**2 / total[:, None]
                - 0.5 * np.log(2 * np.pi * total)[:, None]
                - np.log(rise)
            )
            continue
        expected = (
            _GRID[None, :, None] + mean[:, None, None] + sd[:, None, None] * _NODES[None, None, :]
        )
        model = np.exp(np.minimum(expected, 50.0))
        density = np.exp(-((rise - model) ** 2) / (2 * error**2)) @ (_WEIGHTS / _WEIGHTS.sum())
        found[known] += np.log(density + _LEAST) - 0.5 * np.log(2 * np.pi * error**2)
    return found


def scale_evidence(
    ln_profile: Floats,
    *,
    ln_amplitude: Floats,
    ln_amplitude_sd: Floats,
    max_flow_m3_s: Floats,
    extra_sd: float = 0.0,
) -> tuple[Floats, Floats]:
    """Return ln evidence of the profile alone, and with the outfall's capacity.

    ``max_flow_m3_s`` NaN means unknown: the spread of all outfalls then stands for it.
    """
    step = _GRID[1] - _GRID[0]
    alone = logsumexp(ln_profile, axis=1) + np.log(step)
    known = np.isfinite(max_flow_m3_s) & (max_flow_m3_s > 0)
    ln_flow = np.log(np.where(known, max_flow_m3_s, 1.0))
    typical = float(ln_flow[known].mean()) if known.any() else np.log(0.02)
    ln_flow = np.where(known, ln_flow, typical)
    sd = np.sqrt(_SCALE_SD**2 + ln_amplitude_sd**2 + extra_sd**2 + np.where(known, 0.0, 1.0))
    scale = _GRID[None, :] + ln_amplitude[:, None]
    centre = (ln_flow + _SCALE_MEAN)[:, None]
    prior = -0.5 * ((scale - centre) / sd[:, None]) ** 2 - np.log(sd * np.sqrt(2 * np.pi))[:, None]
    both = logsumexp(ln_profile + prior, axis=1) + np.log(step)
    return alone, both


def pooled(effluents: Effluents, extra_sd: float, chosen: NDArray[np.bool_]) -> Effluents:
    """Return one effluent that could be any of the *chosen*: their mean, with their spread."""
    known = np.isfinite(effluents.mean) & chosen[:, None]
    count = np.maximum(known.sum(axis=0), 1)
    mean = np.where(known, effluents.mean, 0.0).sum(axis=0) / count
    spread2 = (np.where(known, effluents.mean - mean, 0.0) ** 2).sum(axis=0) / count
    mean = np.where(known.any(axis=0), mean, np.nan)
    sd = np.sqrt(spread2 + extra_sd**2 + DAY_SD**2)
    return Effluents(mean[None, :], sd[None, :], np.array([False]))


def decay_loss(
    decay_per_day: Mapping[str, float], factors: Sequence[str], travel_h: Floats
) -> Floats:
    """Return k·T per place and factor."""
    rate = np.array([decay_per_day[f] for f in factors]) / 24
    found: Floats = travel_h[:, None] * rate[None, :]
    return found
