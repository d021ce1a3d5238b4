"""Two outfalls at once (多源): can two releases explain the readings better than one.

Two things tell two sources from one: the proportions of the rises change from reading to reading
(``mixture``), and two pulses fit the hours and sections better than one (here). Pairs are taken from
the likeliest outfalls; a pair is weighed against the better of its members alone, so that what both
accounts share cancels.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.special import logsumexp

from qingyuan.river.alternatives import Elsewhere
from qingyuan.river.background import Projection
from qingyuan.river.mixture import ln_rows_of_one, ln_rows_of_two, rows_of
from qingyuan.river.profile import Effluents, decay_loss
from qingyuan.river.scene import Scene
from qingyuan.river.suspects import DURATION_H, Suspects, velocity_sd
from qingyuan.river.timing import (
    SHAPE_REL_SD,
    SHAPES,
    Draws,
    Watch,
    draws_of,
    ln_gain,
    shapes_of,
)
from qingyuan.river.weigh import Weights

__all__ = ["ln_pairs"]

Floats: TypeAlias = NDArray[np.float64]
Ints: TypeAlias = NDArray[np.int64]
_ANCHORS, _PARTNERS, _MOST_PARTNERS = 4, 6, 250
_DOUBT = 6.0  # nats
_SHAPE_TRUST = 0.5  # a second pulse also mends what the transport model gets wrong in shape
_WEAK = 2.0  # nats that a second too weak to show costs
_MOST_SECTIONS = 6
_DRAWS = 256
_BACK_H = 30.0
_APART_H = 10.0  # the second begins within so many hours of the first
_LOAD_NATS = 5.0  # the second's load is spread over e^±2.5


@dataclass(frozen=True)
class _Place:
    """Unit releases of a suspect at the watched readings (draws, readings), and what they cost."""

    unit: Floats
    tail: Floats
    ln_room: Floats
    start_h: Floats


@dataclass(frozen=True)
class _Board:
    """The readings that a pair is weighed on, section by section."""

    projections: tuple[Projection, ...]
    section: Ints
    value: Floats
    sd: Floats
    power: Floats
    ln_chance: Floats

    def by_chance(self, below: frozenset[int]) -> float:
        """Return the evidence of sections off the path, which may have risen by chance only."""
        off = [k for k in range(len(self.projections)) if k not in below]
        return float(self.ln_chance[off].sum())


def ln_pairs(
    scene: Scene,
    suspects: Suspects,
    effluents: Effluents,
    weights: Weights,
    elsewhere: Elsewhere,
    *,
    seed: int,
) -> list[tuple[int, int, float]]:
    """Return (i, j, ln(prior of the pair × evidence)) of the pairs worth naming.

    The prior of a pair is its members' shares, the second's among the outfalls upstream.
    """
    if scene.signature is None or scene.alarmed is None:
        return []
    board = _board(scene, elsewhere)
    pairs = _likely(scene, suspects, effluents, weights)
    if not pairs:
        return []
    chosen = sorted({i for pair in pairs for i in pair})
    below = {i: _below(scene, suspects, board, i) for i in chosen}
    draws = draws_of(seed, count=_DRAWS, velocity_sd=velocity_sd(scene), duration_h=DURATION_H)
    other = replace(draws, normal=_moved(draws.normal))
    first = {i: _place(scene, suspects, board, i, below[i], draws) for i in chosen}
    second = {i: _place(scene, suspects, board, i, below[i], other) for i in chosen}
    rows, (mean, use) = rows_of(scene), _expected(scene, suspects, effluents)
    proportions = np.zeros(len(pairs))
    if rows is not None and use.any():
        left, right = np.array(pairs).T
        rows = replace(rows, rise=rows.rise[:, use], weight=rows.weight[:, use])
        proportions = ln_rows_of_two(
            rows,
            (mean[left][:, use], mean[right][:, use]),
            (effluents.sd[left][:, use], effluents.sd[right][:, use]),
        )
    kinds = weights.by_kind
    timing = kinds["timing"] + kinds["clean"]
    aside = kinds["prior"] + kinds["online"]
    upstream = float(logsumexp(kinds["prior"]))
    found = []
    for (i, j), profile in zip(pairs, proportions, strict=True):
        both = np.logaddexp(
            _ln_two(first[i], second[j], board), _ln_two(first[j], second[i], board)
        ) - np.log(2)
        both += board.by_chance(below[i] | below[j])
        # the second may be too weak to show: then the timing is that of the first
        single = max(timing[i], timing[j])
        both = single + max(_SHAPE_TRUST * (both - single), -_WEAK)
        mass = max(kinds["mass"][i], kinds["mass"][j])
        total = aside[i] + aside[j] + np.log(2) - upstream + mass + profile + both
        found.append((i, j, float(total)))
    return found


def _likely(
    scene: Scene, suspects: Suspects, effluents: Effluents, weights: Weights
) -> list[tuple[int, int]]:
    """Return the pairs worth weighing: anchors, each with the partners that best share its rows.

    Anchors are the likeliest alone, and those whose effluent alone comes nearest to the rows.
    """
    kinds = weights.by_kind
    dated = np.array([suspects.fit_of(i) is not None for i in range(len(weights.total))])
    if dated.sum() < 2:
        return []
    timing = kinds["timing"] + kinds["clean"]
    # timing alone may condemn neither: one pulse was fitted where two may be
    aside = kinds["prior"] + kinds["online"] + np.maximum(timing - timing[dated].max(), -_DOUBT)
    pool = np.flatnonzero(dated)
    pool = pool[np.argsort(-aside[pool], kind="stable")][:_MOST_PARTNERS]
    rows = rows_of(scene)
    mean, use = _expected(scene, suspects, effluents)
    ranks = [pool[np.argsort(-weights.total[pool], kind="stable")]]
    if rows is not None and use.any():
        rows = replace(rows, rise=rows.rise[:, use], weight=rows.weight[:, use])
        alone = ln_rows_of_one(rows, mean[pool][:, use], effluents.sd[pool][:, use])
        ranks.append(pool[np.argsort(-(alone + aside[pool]), kind="stable")])
    anchors = list(dict.fromkeys(int(i) for rank in ranks for i in rank[:_ANCHORS]))
    found: dict[tuple[int, int], None] = {}
    for i in anchors:
        partners = pool[pool != i]
        score = aside[partners]
        if rows is not None and use.any():
            both = np.broadcast_to(mean[i][use], (len(partners), int(use.sum())))
            sd = np.broadcast_to(effluents.sd[i][use], both.shape)
            score = score + ln_rows_of_two(
                rows, (both, mean[partners][:, use]), (sd, effluents.sd[partners][:, use])
            )
        for j in partners[np.argsort(-score, kind="stable")][:_PARTNERS]:
            found.setdefault((min(i, int(j)), max(i, int(j))))
    return list(found)


def _expected(
    scene: Scene, suspects: Suspects, effluents: Effluents
) -> tuple[Floats, NDArray[np.bool_]]:
    """Return the effluents after their loss on the way, and which factors all of them know."""
    rates = {f: scene.event.factors[f].decay_per_day for f in scene.factors}
    mean = effluents.mean - decay_loss(rates, scene.factors, suspects.travel_h)
    use = np.asarray(np.isfinite(mean).all(axis=0), dtype=np.bool_)
    return mean, use


def _board(scene: Scene, elsewhere: Elsewhere) -> _Board:
    assert scene.signature is not None
    since = scene.signature.first_hours - _BACK_H
    chance = dict(
        zip((p.record.name for p in elsewhere.projections), elsewhere.ln_each(), strict=True)
    )
    seen = [p for p in scene.projections if (p.hours >= since).any()]
    alarm = scene.event.alarm.section

    def interest(p: Projection) -> tuple[bool, float, str]:
        late = p.hours >= since
        return p.record.name != alarm, -float((p.value[late] / p.sd[late]).max()), p.record.name

    kept = []
    for p in sorted(seen, key=interest)[:_MOST_SECTIONS]:
        late = p.hours >= since
        kept.append(Projection(p.record, p.hours[late], p.value[late], p.sd[late]))
    size = [len(p.hours) for p in kept]
    risen = [max(float((p.value > 3 * p.sd).sum()), 1.0) for p in kept]
    return _Board(
        projections=tuple(kept),
        section=np.repeat(np.arange(len(kept)), size),
        value=np.concatenate([p.value for p in kept]),
        sd=np.concatenate([p.sd for p in kept]),
        power=np.repeat([min(1.0, SHAPES / r) for r in risen], size),
        ln_chance=np.array([chance.get(p.record.name, 0.0) for p in kept]),
    )


def _below(scene: Scene, suspects: Suspects, board: _Board, i: int) -> frozenset[int]:
    reach, position = int(suspects.reach[i]), float(suspects.position_m[i])
    return frozenset(
        k for k, p in enumerate(board.projections) if scene.is_below(reach, position, p)
    )


def _moved(normal: Floats) -> Floats:
    """Give front and tail other draws, and leave the river as it is drawn."""
    found = normal.copy()
    half = len(normal) // 2
    found[:, 2] = np.roll(normal[:, 3], half)
    found[:, 3] = np.roll(normal[:, 2], half // 2)
    return found


def _place(
    scene: Scene,
    suspects: Suspects,
    board: _Board,
    i: int,
    below: frozenset[int],
    draws: Draws,
) -> _Place:
    """Carry releases of a suspect that may hold any part of what was seen."""
    assert scene.signature is not None
    seen = scene.signature.sighting
    broad = replace(seen, first=seen.last, last=seen.first)
    watches = []
    for k in sorted(below):
        p = board.projections[k]
        way = scene.transport.between(
            suspects.reach[i : i + 1], suspects.position_m[i : i + 1], p.record.point
        )
        flow = float(scene.transport.state.flow_m3_s[p.record.point.reach])
        watches.append(
            Watch(
                p,
                float(way.mean_h[0]),
                float(way.variance_h2[0]),
                float(way.own_sd_h[0]),
                max(flow, 1e-6),
                alarmed=p.record.name == scene.event.alarm.section,
            )
        )
    order = sorted(range(len(watches)), key=lambda n: watches[n].mean_h)
    found = shapes_of([watches[n] for n in order], draws, scene.clock, sighting=broad)
    columns = np.concatenate([np.flatnonzero(board.section == sorted(below)[n]) for n in order])
    unit = np.zeros((len(found.start_h), board.value.size))
    tail = np.zeros_like(unit)
    unit[:, columns], tail[:, columns] = found.unit, found.tail
    room = np.where(found.start_h < 0, found.ln_room, -np.inf)
    return _Place(unit, tail, room, found.start_h)


def _ln_two(one: _Place, two: _Place, board: _Board) -> float:
    """Return ln evidence of two releases against none; the second's start and load are near."""
    weight = 1 / (board.sd**2 + (SHAPE_REL_SD * np.maximum(board.value, 0)) ** 2)
    aa = np.maximum(one.unit**2 @ weight, 1e-30)
    bb = np.maximum(two.unit**2 @ weight, 1e-30)
    ab = (one.unit * two.unit) @ weight
    az = one.unit @ (weight * board.value)
    bz = two.unit @ (weight * board.value)
    size = np.maximum(aa * bb - ab**2, 1e-6 * aa * bb)
    a, b = (bb * az - ab * bz) / size, (aa * bz - ab * az) / size
    # where one would be negative a tenth of the other stands in: a pair has two members
    a = np.where(a > 0, a, 0.1 * np.maximum(bz / bb, 0.0) * np.sqrt(bb / aa))
    b = np.where(b > 0, b, 0.1 * np.maximum(az / aa, 0.0) * np.sqrt(aa / bb))
    model = a[:, None] * one.unit + b[:, None] * two.unit
    tail = a[:, None] * one.tail + b[:, None] * two.tail
    gain = (ln_gain(model, tail, board.value, board.sd) * board.power).sum(1)
    greater, lesser = np.maximum(a**2 * aa, b**2 * bb), np.minimum(a**2 * aa, b**2 * bb)
    load = _ln_load(greater) + np.minimum(_ln_load(lesser), np.log(_LOAD_NATS)) - np.log(_LOAD_NATS)
    room = np.where(np.abs(one.start_h - two.start_h) < _APART_H, -np.log(2 * _APART_H), -np.inf)
    return _mean(gain + load + one.ln_room + two.ln_room + room)


def _ln_load(information: Floats) -> Floats:
    found: Floats = 0.5 * np.log(2 * np.pi / np.maximum(information, 0.25))
    return found


def _mean(ln: Floats) -> float:
    return float(np.maximum(logsumexp(ln), -1e3) - np.log(len(ln)))
