"""Not one outfall (其他可能): rain wash-off, a faulty sensor, inflow over the boundary.

Each is weighed with the same readings and the same measure as an outfall, so that their evidence
can be compared with it; see README for the prior shares.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.special import logsumexp

from qingyuan.river.background import Projection
from qingyuan.river.event import Outfall
from qingyuan.river.mixture import rows_of
from qingyuan.river.profile import (
    Effluents,
    decay_loss,
    pooled,
    scale_evidence,
    weigh_profile,
)
from qingyuan.river.scene import Scene
from qingyuan.river.signature import sighting_of
from qingyuan.river.suspects import velocity_sd
from qingyuan.river.timing import Draws, Fit, Sighting, Watch, draws_of, fit_location

__all__ = ["PRIOR", "Elsewhere", "elsewhere_of", "is_wet", "ln_none", "rain_fed"]

Floats: TypeAlias = NDArray[np.float64]
# prior shares of alarms; a city with a case archive replaces them
PRIOR: Mapping[str, float] = MappingProxyType(
    {"washoff_wet": 0.08, "washoff_dry": 0.005, "sensor": 0.06, "boundary": 0.04, "several": 0.08}
)
_RISE_SHARE = 0.03  # of unrelated sections that rise by chance within the window
_WET_SHARES = np.array([0.1, 0.3, 0.5, 0.7, 0.9])  # of sections that rise in a wash-off: unknown
_WET_MM, _WET_H = 3.0, 60.0
# 雨季排口: classes whose discharge follows rain, HJ 1312-2023 其他排口 and 农业排口
_RAIN_FED = ("storm", "雨", "农业", "agric")
_LONE_SEEN, _LONE_CLEAN, _LONE_HEIGHTS = 2.0, 0.3, 8.0
_PLACE_SD = 0.5  # ln spread of diffuse or foreign water around the mean effluent
_SCALE_EXTRA_SD = 1.5


@dataclass(frozen=True)
class Elsewhere:
    """For every other section: ln Bayes factor of "something rose here too" against "nothing"."""

    projections: tuple[Projection, ...]
    ln_rose: Floats

    def ln_by_chance(self, below: NDArray[np.bool_]) -> float:
        """Return the evidence of sections off the path, which may rise by chance only."""
        return float(self.ln_each()[~below].sum())

    def ln_each(self) -> Floats:
        """Return, per section, the evidence if it may have risen by chance only."""
        found: Floats = np.log1p(_RISE_SHARE * (np.exp(np.minimum(self.ln_rose, 50)) - 1))
        return found

    def ln_everywhere(self) -> float:
        """Return the evidence that many sections rise together."""
        rose = np.exp(np.minimum(self.ln_rose, 50))
        parts = np.log1p(_WET_SHARES[:, None] * (rose - 1)[None, :]).sum(axis=1)
        return float(logsumexp(parts) - np.log(len(parts)))


def elsewhere_of(scene: Scene, *, seed: int) -> Elsewhere:
    """Look at every section but the alarmed one for a rise in the hours before the alarm."""
    others = tuple(
        p for p in scene.projections if p.record.name != scene.event.alarm.section and p.hours.size
    )
    signature = scene.signature
    ln_rose = np.zeros(len(others))
    if signature is None:
        return Elsewhere(others, ln_rose)
    draws = draws_of(seed, count=128, velocity_sd=0.01, duration_h=(1.0, 36.0))
    for i, seen in enumerate(others):
        late = seen.hours > signature.first_hours - 24
        score = seen.value[late] / seen.sd[late]
        if score.size < 2:
            ln_rose[i] = _ln_lone(score)
            continue
        if score.max() < 3:
            ln_rose[i] = -0.5
            continue
        risen = seen.hours[late][score >= max(3.0, 0.3 * score.max())]
        fit = _block(scene, seen, draws, sighting_of(seen.hours, risen))
        ln_rose[i] = fit.ln_evidence - np.log(6.0 * 48.0)
    return Elsewhere(others, ln_rose)


def _ln_lone(score: Floats) -> float:
    """Return the evidence of one reading alone, as of a grab sample, that something rose there."""
    if not score.size:
        return 0.0
    if score[0] < _LONE_SEEN:
        return -_LONE_CLEAN
    # against Student noise, less what the free height of the rise costs
    return float(3.0 * np.log1p(score[0] ** 2 / 5.0) - np.log(_LONE_HEIGHTS))


def _block(scene: Scene, seen: Projection, draws: Draws, sighting: Sighting) -> Fit:
    """Fit a rise that begins at the section itself, without travel."""
    flow = float(scene.transport.state.flow_m3_s[seen.record.point.reach])
    watch = Watch(seen, 0.02, 0.25, 0.0, max(flow, 1e-6), alarmed=True)
    return fit_location([watch], draws, scene.clock, sighting=sighting)


def ln_none(
    scene: Scene, everybody: Effluents, elsewhere: Elsewhere, *, seed: int
) -> dict[str, float]:
    """Return ln(prior × evidence) of ``washoff``, ``sensor`` and ``boundary``.

    ``everybody`` are the effluents of all outfalls of the event. Any section may be the first to
    alarm in a wash-off or by its own fault, so their prior is shared among the sections, as an
    outfall's is among the outfalls.
    """
    heads = _heads(scene)
    wet = "washoff_wet" if is_wet(scene) else "washoff_dry"
    each = float(np.log(max(len(scene.event.sections), 1)))
    found = {
        "washoff": float(np.log(PRIOR[wet])) - each,
        "sensor": float(np.log(PRIOR["sensor"])) - each,
        "boundary": -np.inf,
    }
    if heads:
        entries = len(scene.event.inflow_reaches)
        found["boundary"] = float(np.log(PRIOR["boundary"] * len(heads) / entries))
    seen, signature = scene.alarmed, scene.signature
    if seen is None or signature is None:
        return found
    flows = [o.max_flow_m3_s for o in scene.event.outfalls if o.max_flow_m3_s]
    flow = np.array([float(np.exp(np.mean(np.log(flows))))]) if flows else np.array([np.nan])
    # wash-off: a long broad rise here, and at other sections too
    fed = rain_fed(scene.event.outfalls)
    runoff = pooled(everybody, _PLACE_SD, fed if fed.any() else np.ones_like(fed))
    slow = draws_of(seed, count=512, velocity_sd=0.01, duration_h=(2.0, 48.0))
    fit = _block(scene, seen, slow, signature.sighting)
    found["washoff"] += fit.ln_evidence + _foreign(scene, runoff, fit, flow)
    found["washoff"] += elsewhere.ln_everywhere()
    # sensor: one factor, this section, any duration, nothing travels
    quick = draws_of(seed, count=512, velocity_sd=0.01, duration_h=(0.5, 72.0))
    fit = _block(scene, seen, quick, signature.sighting)
    nobody = np.zeros(len(elsewhere.projections), dtype=bool)
    found["sensor"] += fit.ln_evidence + _one_factor_only(scene)
    found["sensor"] += elsewhere.ln_by_chance(nobody)
    anybody = pooled(everybody, _PLACE_SD, np.ones_like(fed))
    found["boundary"] += _boundary(scene, anybody, elsewhere, flow, heads, seed=seed)
    # proportions that change speak against one source of any kind; runoff is many small ones
    rows = rows_of(scene)
    if rows is not None:
        found["washoff"] += 0.5 * rows.ln_steady
        found["sensor"] += rows.ln_steady
        found["boundary"] += rows.ln_steady
    return found


def rain_fed(outfalls: Sequence[Outfall]) -> NDArray[np.bool_]:
    """Return which outfalls discharge with rain, by class and trade."""
    return np.array(
        [any(w in f"{o.outfall_class} {o.trade}" for w in _RAIN_FED) for o in outfalls], dtype=bool
    )


def is_wet(scene: Scene) -> bool:
    """Return whether enough rain fell before the first exceedance to wash something off."""
    event = scene.event
    fallen = 0.0
    for row in event.rain:
        before = (event.alarm.first_exceeded - row.time).total_seconds() / 3600
        if -1 <= before <= _WET_H:
            fallen += row.mm
    return fallen >= _WET_MM


def _foreign(scene: Scene, anybody: Effluents, fit: Fit, flow: Floats) -> float:
    """Return ln evidence of the signature if the water could be anybody's."""
    assert scene.signature is not None
    travel = np.array([float(np.sum(fit.weight * fit.travel_h))])
    rates = {f: scene.event.factors[f].decay_per_day for f in scene.factors}
    profile = weigh_profile(anybody, scene.signature, decay_loss(rates, scene.factors, travel))
    mean = np.array([float(np.sum(fit.weight * fit.ln_amplitude))])
    sd = np.sqrt(np.array([float(np.sum(fit.weight * (fit.ln_amplitude - mean) ** 2))]))
    _, both = scale_evidence(
        profile,
        ln_amplitude=mean,
        ln_amplitude_sd=sd,
        max_flow_m3_s=flow,
        extra_sd=_SCALE_EXTRA_SD,
    )
    return float(both[0])


def _one_factor_only(scene: Scene) -> float:
    assert scene.signature is not None
    total = 0.0
    alarm = scene.event.alarm
    for f, code in enumerate(scene.factors):
        rise, sd = scene.signature.rise[f], scene.signature.rise_sd[f]
        if not (np.isfinite(rise) and np.isfinite(sd)):
            continue
        if code == alarm.factor:
            typical = np.log(max(alarm.limit or rise, 1e-9))
            total += -0.5 * (np.log(max(rise, 1e-9)) - typical) ** 2 / 1.5**2
            total -= np.log(1.5 * np.sqrt(2 * np.pi)) + np.log(max(rise, 1e-9))
        else:
            total += -0.5 * np.log(2 * np.pi * sd**2) - 3.0 * np.log1p((rise / sd) ** 2 / 5.0)
    return float(total)


def _heads(scene: Scene) -> list[int]:
    above = scene.network.upstream_reaches(scene.alarm.reach)
    found = []
    for name in scene.event.inflow_reaches:
        reach = scene.network.index[name]
        if above[reach]:
            found.append(reach)
    return found


def _boundary(
    scene: Scene,
    anybody: Effluents,
    elsewhere: Elsewhere,
    flow: Floats,
    heads: Sequence[int],
    *,
    seed: int,
) -> float:
    """Return ln evidence of inflow over the boundary, averaged over the *heads*."""
    if not heads:
        return -np.inf
    assert scene.signature is not None
    draws = draws_of(seed, count=512, velocity_sd=velocity_sd(scene), duration_h=(1.0, 72.0))
    parts = []
    entries = scene.watches(np.array(heads), np.zeros(len(heads)))
    for reach, watches in zip(heads, entries, strict=True):
        if not any(w.alarmed for w in watches):
            continue
        fit = fit_location(
            watches,
            draws,
            scene.clock,
            sighting=scene.signature.sighting,
        )
        below = np.array([scene.is_below(reach, 0.0, p) for p in elsewhere.projections], bool)
        parts.append(
            fit.ln_evidence + _foreign(scene, anybody, fit, flow) + elsewhere.ln_by_chance(below)
        )
    if not parts:
        return -np.inf
    return float(logsumexp(parts) - np.log(len(heads)))
