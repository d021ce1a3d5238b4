"""Weighing (权衡): every suspect's evidence, kind by kind, in natural logarithms."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.special import logsumexp

from qingyuan.river.alternatives import Elsewhere, is_wet, rain_fed
from qingyuan.river.mixture import rows_of
from qingyuan.river.monitors import MonitorSign, monitor_signs, monitors_of
from qingyuan.river.profile import (
    Effluents,
    decay_loss,
    scale_evidence,
    weigh_profile,
)
from qingyuan.river.scene import Scene
from qingyuan.river.suspects import Suspects

__all__ = ["KINDS", "Weights", "weigh"]

Floats: TypeAlias = NDArray[np.float64]
KINDS = ("prior", "timing", "clean", "profile", "mass", "online")
# share of suspects of whom one kind of evidence is simply wrong (calibrated on invented rivers)
_DOUBT = 0.002
# of outfalls whose discharge follows rain, against the others
_RAIN_WEIGHT, _DRY_WEIGHT = 1.3, 0.8


@dataclass(frozen=True)
class Weights:
    """Evidence per suspect: ``by_kind`` in nats, prior as a share of all outfalls of the event."""

    by_kind: dict[str, Floats]
    total: Floats
    ln_profile: Floats
    ln_amplitude: Floats
    ln_amplitude_sd: Floats
    max_flow_m3_s: Floats
    signs: dict[str, MonitorSign]
    windows: dict[str, tuple[float, float]]


def weigh(scene: Scene, suspects: Suspects, effluents: Effluents, elsewhere: Elsewhere) -> Weights:
    """Weigh all suspects; the sum over kinds is ln(prior × likelihood)."""
    count = len(suspects.outfalls)
    max_flow = np.array(
        [np.nan if o.max_flow_m3_s is None else o.max_flow_m3_s for o in suspects.outfalls],
        dtype=np.float64,
    )
    everybody = _prior_weights(scene)
    prior = np.log(everybody[suspects.index] / everybody.sum())
    kinds = {"prior": prior}
    kinds |= {kind: np.zeros(count) for kind in KINDS[1:]}
    amplitude, amplitude_sd = np.zeros(count), np.ones(count)
    windows: dict[str, tuple[float, float]] = {}
    travel = suspects.travel_h.copy()
    chance = _chance(scene, suspects, elsewhere)
    for i, outfall in enumerate(suspects.outfalls):
        fit = suspects.fit_of(i)
        if fit is None:
            continue
        kinds["timing"][i] = fit.ln_alarmed
        kinds["clean"][i] = fit.ln_evidence - fit.ln_alarmed + chance[suspects.location[i]]
        amplitude[i] = np.sum(fit.weight * fit.ln_amplitude)
        spread = np.sum(fit.weight * (fit.ln_amplitude - amplitude[i]) ** 2)
        amplitude_sd[i] = np.sqrt(spread + np.sum(fit.weight * fit.ln_amplitude_var))
        travel[i] = np.sum(fit.weight * fit.travel_h)
        windows[outfall.outfall_id] = _window(fit.start_h, fit.duration_h, fit.weight)
    undated = np.array([suspects.fit_of(i) is None for i in range(count)], dtype=bool)
    if scene.signature is not None and undated.any() and not undated.all():
        # connected but undated: neither helped nor hurt by timing
        for kind in ("timing", "clean"):
            dated = kinds[kind][~undated]
            kinds[kind][undated] = logsumexp(dated + prior[~undated]) - logsumexp(prior[~undated])
    ln_profile = np.zeros((count, 1))
    if scene.signature is not None:
        rates = {f: scene.event.factors[f].decay_per_day for f in scene.factors}
        ln_profile = weigh_profile(
            effluents, scene.signature, decay_loss(rates, scene.factors, travel)
        )
        alone, both = scale_evidence(
            ln_profile,
            ln_amplitude=amplitude,
            ln_amplitude_sd=amplitude_sd,
            max_flow_m3_s=max_flow,
        )
        rows = rows_of(scene)
        steady = rows.ln_steady if rows is not None else 0.0
        kinds["profile"], kinds["mass"] = alone + steady, both - alone
    signs = monitor_signs(monitors_of(scene.event), windows)
    for i, outfall in enumerate(suspects.outfalls):
        if outfall.outfall_id in signs:
            kinds["online"][i] = signs[outfall.outfall_id].ln_ratio
    for kind in ("timing", "clean", "profile"):
        kinds[kind] = _doubted(kinds[kind], prior)
    total = np.sum([kinds[kind] for kind in KINDS], axis=0)
    return Weights(kinds, total, ln_profile, amplitude, amplitude_sd, max_flow, signs, windows)


def _doubted(ln: Floats, prior: Floats) -> Floats:
    """Let one line of evidence be wrong about a suspect: then it says what it says on average."""
    if not len(ln):
        return ln
    average = float(logsumexp(ln + prior) - logsumexp(prior))
    found: Floats = np.logaddexp(np.log(1 - _DOUBT) + ln, np.log(_DOUBT) + average)
    return found


def _prior_weights(scene: Scene) -> Floats:
    """Return the prior weight of every outfall of the event; rain moves those that rain feeds."""
    outfalls = scene.event.outfalls
    weight = np.array([max(o.prior_weight, 1e-6) for o in outfalls])
    moved = _RAIN_WEIGHT if is_wet(scene) else _DRY_WEIGHT
    return np.where(rain_fed(outfalls), weight * moved, weight)


def _chance(scene: Scene, suspects: Suspects, elsewhere: Elsewhere) -> Floats:
    """Evidence of the sections off each location's path: they may have risen by chance only."""
    found = np.zeros(len(suspects.fits))
    if not elsewhere.projections:
        return found
    first = {int(loc): i for i, loc in reversed(list(enumerate(suspects.location)))}
    for location, i in first.items():
        reach, position = int(suspects.reach[i]), float(suspects.position_m[i])
        trail = set(scene.network.path(reach))
        below = np.array(
            [
                p.record.point.reach in trail
                and (p.record.point.reach != reach or p.record.point.position_m >= position)
                for p in elsewhere.projections
            ],
            dtype=bool,
        )
        found[location] = elsewhere.ln_by_chance(below)
    return found


def _window(start: Floats, duration: Floats, weight: Floats) -> tuple[float, float]:
    """Return the hours from now in which the release went on, at its likely extent."""
    order = np.argsort(start, kind="stable")
    share = np.cumsum(weight[order])
    early = float(start[order][min(int(np.searchsorted(share, 0.1)), len(order) - 1)])
    end = start + duration
    order = np.argsort(end, kind="stable")
    share = np.cumsum(weight[order])
    late = float(end[order][min(int(np.searchsorted(share, 0.9)), len(order) - 1)])
    return early, min(late, 0.0)
