"""Mixtures (混合特征): one outfall's effluent, or two, behind the rises read one by one.

Each reading that rose is a row: rises of all factors. Under one source every row is the same
effluent in another quantity; under two the proportions change from row to row. The effluents have
their log-normal scatter; how much of each stands in a row is free. Scatter is integrated by Laplace's
method about its best value, found by alternating least squares.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from qingyuan.river.profile import Effluents, scale_evidence, weigh_profile
from qingyuan.river.scene import Scene
from qingyuan.river.signature import Signature

__all__ = ["Rows", "ln_rows_of_one", "ln_rows_of_two", "rows_of"]

Floats: TypeAlias = NDArray[np.float64]
_MOST_ROWS = 12
_SEEN_SD, _LEAST_RISE = 4.0, 0.03
_ANY_SD = 1.3  # of an effluent nobody knows, ln
_PER_CELL = 0.45  # what noise alone costs per reading, in nats
_PATIENCE = 1.0  # nats of misfit forgiven
_TURNS = 8
# a row holds the first only, the second only, or both; if both, their ratio is spread over e^±2
_ONLY, _BOTH = 0.3, 0.4
_RATIO_NATS = 4.0
_LEAST_INFORMATION = 0.25
_STUDENT = 4.0
_OWN_REL_SD = 0.05  # of a rise: what differs between factors on the way (loss, mixing)
_ROW_H = 1.0  # readings closer than this share their errors: together they are one row


@dataclass(frozen=True)
class Rows:
    """Rises at the alarmed section (rows, factors) with their precision (0 = not read).

    ``ln_steady`` (≤ 0) is what the change of proportions says against any single effluent;
    ``ln_measure`` brings the densities of this module into the measure of ``weigh_profile``.
    """

    rise: Floats
    weight: Floats
    ln_steady: float
    ln_measure: float


def rows_of(scene: Scene) -> Rows | None:
    """Gather the readings of the alarmed section that rose clearly; None if there are none."""
    if scene.signature is None or scene.alarmed is None:
        return None
    record, relative = scene.alarmed.record, np.hypot(scene.event.reading_rel_sd, _OWN_REL_SD)
    begin = scene.signature.sighting.before
    found: list[tuple[float, Floats, Floats]] = []
    hours: list[float] = []
    for hour, value, sd in zip(
        scene.alarmed.hours, scene.alarmed.value, scene.alarmed.sd, strict=True
    ):
        if value < _SEEN_SD * sd or value < _LEAST_RISE or hour < begin:
            continue
        at = int(np.searchsorted(record.hours, hour))
        rise, base = record.rise[at], record.base[at]
        variance = record.base_sd[at] ** 2 + (record.common_sd[at] * base) ** 2
        variance = variance + (relative * np.maximum(rise, 0.0)) ** 2
        known = np.isfinite(rise) & np.isfinite(variance) & np.isfinite(scene.signature.rise)
        weight = np.where(known, 1 / np.where(known, variance, 1.0), 0.0)
        found.append((-float(value / sd), np.where(known, rise, 0.0), weight))
        hours.append(float(hour))
    found = _hourly(found, hours)
    found.sort(key=lambda row: row[0])
    kept = found[:_MOST_ROWS]
    if not kept:
        return None
    rise, weight = np.array([r[1] for r in kept]), np.array([r[2] for r in kept])
    steady, measure = _steady(rise, weight, scene.signature)
    return Rows(rise, weight, steady, measure)


def _hourly(
    rows: list[tuple[float, Floats, Floats]], hours: list[float]
) -> list[tuple[float, Floats, Floats]]:
    """Make one row of the readings within an hour: their mean, as sure as one of them."""
    groups: list[list[int]] = []
    for k, hour in enumerate(hours):
        if groups and hour - hours[groups[-1][0]] < _ROW_H:
            groups[-1].append(k)
        else:
            groups.append([k])
    made = []
    for group in groups:
        rise = np.array([rows[k][1] for k in group])
        weight = np.array([rows[k][2] for k in group])
        total = np.maximum(weight.sum(0), 1e-300)
        read = np.maximum((weight > 0).sum(0), 1)
        mean = np.where(weight.sum(0) > 0, (weight * rise).sum(0) / total, 0.0)
        made.append((min(rows[k][0] for k in group), mean, weight.sum(0) / read))
    return made


def _steady(rise: Floats, weight: Floats, signature: Signature) -> tuple[float, float]:
    """Weigh one effluent of any kind against rows that it fits as well as noise lets it."""
    direction = np.maximum(signature.rise, signature.rise_sd)
    known = np.isfinite(direction)
    mean = np.log(np.where(known, direction, 1.0))[None]
    sd = np.where(known, _ANY_SD, 1e-3)[None]
    fitted, model = _one(rise, weight, mean, sd)
    perfect, _ = _one(np.where(weight > 0, model[0], 0.0), weight, mean, sd)
    cells = float((weight > 0).sum())
    free = max(cells - len(rise) - float(known.sum()), 0.0)
    expected = float(perfect[0]) - _PER_CELL * free
    anybody = Effluents(np.where(known, mean, np.nan), sd, np.array([False]))
    shape = weigh_profile(anybody, signature, np.zeros_like(mean))
    alone, _ = scale_evidence(
        shape,
        ln_amplitude=np.zeros(1),
        ln_amplitude_sd=np.ones(1),
        max_flow_m3_s=np.array([np.nan]),
    )
    return min(float(fitted[0]) - expected + _PATIENCE, 0.0), float(alone[0]) - expected


def ln_rows_of_one(rows: Rows, mean: Floats, sd: Floats) -> Floats:
    """Return ln density of the rows for each single effluent; *mean*, *sd* are (outfalls, factors)."""
    found, _ = _one(rows.rise, rows.weight, mean, sd)
    return found + rows.ln_measure


def _one(rise: Floats, weight: Floats, mean: Floats, sd: Floats) -> tuple[Floats, Floats]:
    z, w = rise[None], weight[None]
    off = np.zeros_like(mean)
    trust = np.broadcast_to(w, (len(mean), *w.shape[1:]))
    for _ in range(_TURNS):
        effluent = np.exp(mean + off)[:, None, :]
        model = _amount(effluent, z, trust)[..., None] * effluent
        off = _nudged(off, model, z - model, trust, sd)
        trust = _trust(w, z - model)
    effluent = np.exp(mean + off)[:, None, :]
    amount = _amount(effluent, z, trust)
    model = amount[..., None] * effluent
    ln_row = _ln_fit(w, z - model) + _occam(amount, effluent, w)
    return np.asarray(ln_row.sum(-1) + _scatter(off, model, w, sd)), model


def ln_rows_of_two(rows: Rows, mean: tuple[Floats, Floats], sd: tuple[Floats, Floats]) -> Floats:
    """Return ln density of the rows for each pair of effluents; arrays are (pairs, factors)."""
    z, w = rows.rise[None], rows.weight[None]
    a, b = np.zeros_like(mean[0]), np.zeros_like(mean[1])
    trust = np.broadcast_to(w, (len(a), *w.shape[1:]))
    for _ in range(_TURNS):
        first, second = np.exp(mean[0] + a)[:, None], np.exp(mean[1] + b)[:, None]
        u, v = _amounts(first, second, z, trust)
        one, two = u[..., None] * first, v[..., None] * second
        a = _nudged(a, one, z - one - two, trust, sd[0])
        one = u[..., None] * np.exp(mean[0] + a)[:, None]
        b = _nudged(b, two, z - one - two, trust, sd[1])
        two = v[..., None] * np.exp(mean[1] + b)[:, None]
        trust = _trust(w, z - one - two)
    first, second = np.exp(mean[0] + a)[:, None], np.exp(mean[1] + b)[:, None]
    u, v = _amounts(first, second, z, trust)
    one, two = u[..., None] * first, v[..., None] * second
    both = _ln_fit(w, z - one - two)
    parts = []
    for effluent in (first, second):
        amount = _amount(effluent, z, trust)
        misfit = _ln_fit(w, z - amount[..., None] * effluent)
        parts.append(np.log(_ONLY) + misfit + _occam(amount, effluent, w))
    total = _occam(np.maximum(u, v), np.where((u > v)[..., None], first, second), w)
    lesser = np.where((u > v)[..., None], two, one)
    known = np.maximum((w * lesser**2).sum(-1), _LEAST_INFORMATION)
    ratio = np.minimum(0.5 * np.log(2 * np.pi / known), np.log(_RATIO_NATS)) - np.log(_RATIO_NATS)
    parts.append(np.log(_BOTH) + both + total + ratio)
    ln_row = np.logaddexp(np.logaddexp(parts[0], parts[1]), parts[2])
    scatter = _scatter(a, one, w, sd[0]) + _scatter(b, two, w, sd[1])
    return np.asarray(ln_row.sum(-1) + scatter + rows.ln_measure)


def _amount(effluent: Floats, z: Floats, w: Floats) -> Floats:
    """Return how much of one effluent each row holds; never nothing at all."""
    power = np.maximum((w * effluent**2).sum(-1), 1e-300)
    return np.asarray(np.maximum((w * effluent * z).sum(-1) / power, 0.1 / np.sqrt(power)))


def _amounts(first: Floats, second: Floats, z: Floats, w: Floats) -> tuple[Floats, Floats]:
    """Return how much of two effluents each row holds, neither below nothing."""
    aa, bb = (w * first**2).sum(-1), (w * second**2).sum(-1)
    ab = (w * first * second).sum(-1)
    az, bz = (w * first * z).sum(-1), (w * second * z).sum(-1)
    aa, bb = np.maximum(aa, 1e-300), np.maximum(bb, 1e-300)
    size = np.maximum(aa * bb - ab**2, 1e-9 * aa * bb)
    u, v = (bb * az - ab * bz) / size, (aa * bz - ab * az) / size
    alone_u, alone_v = np.maximum(az / aa, 0.0), np.maximum(bz / bb, 0.0)
    no_u, no_v = u <= 0, v <= 0
    better_u = alone_u**2 * aa >= alone_v**2 * bb
    u_found = np.where(no_u | no_v, np.where(no_v & (~no_u | better_u), alone_u, 0.0), u)
    v_found = np.where(no_u | no_v, np.where(no_v & (~no_u | better_u), 0.0, alone_v), v)
    return u_found, v_found


def _nudged(off: Floats, model: Floats, left: Floats, w: Floats, sd: Floats) -> Floats:
    """Move the scatter of one effluent a step towards its best value."""
    slope = (w * left * model).sum(1) - off / sd**2
    curve = (w * model**2).sum(1) + 1 / sd**2
    moved: Floats = off + np.clip(slope / curve, -0.7, 0.7)
    return np.clip(moved, -4 * sd, 4 * sd)


def _scatter(off: Floats, model: Floats, w: Floats, sd: Floats) -> Floats:
    """Return ln prior of the scatter and its Laplace factor."""
    known = sd**2 * (w * model**2).sum(1) + 1
    return np.asarray((-0.5 * (off / sd) ** 2 - 0.5 * np.log(known)).sum(-1))


def _trust(w: Floats, left: Floats) -> Floats:
    """Return the weights once more, less where a reading is far off (Student's t)."""
    return np.asarray(w * (_STUDENT + 1) / (_STUDENT + w * left**2))


def _ln_fit(w: Floats, left: Floats) -> Floats:
    return np.asarray(-(_STUDENT + 1) / 2 * np.log1p(w * left**2 / _STUDENT).sum(-1))


def _occam(amount: Floats, effluent: Floats, w: Floats) -> Floats:
    known = np.maximum(amount**2 * (w * effluent**2).sum(-1), _LEAST_INFORMATION)
    return np.asarray(0.5 * np.log(2 * np.pi / known))
