"""Suspects (嫌疑源): the outfalls upstream, and what timing says about where they stand.

Outfalls within a few hundred metres of one reach are told apart by nothing in the transport, so
they share a location; locations are screened at the alarmed section first.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from qingyuan.river.draws import Draws, Guide, draws_of, learn
from qingyuan.river.event import Outfall
from qingyuan.river.scene import Scene
from qingyuan.river.timing import Fit, Watch, columns_of, fit_location, nearest

__all__ = ["DURATION_H", "Suspects", "learn_location", "suspects_of", "velocity_sd"]

Floats: TypeAlias = NDArray[np.float64]
Ints: TypeAlias = NDArray[np.int64]
DURATION_H = (0.4, 14.0)
_BIN_M = 400.0
_SCREEN_DRAWS, _FULL_DRAWS, _LEAD_DRAWS = 64, 512, 2048
_SCREEN_SECTIONS = 5
_LEADS, _LEAD_TURNS, _LEAD_ENOUGH = 2, 10, 120.0
# a place screened with few draws may look hopeless until it is drawn again
_SCREEN_NATS, _FINE_NATS = 40.0, 20.0
_MOST_SCREENED, _MOST_STRETCHES, _MOST_LOCATIONS = 450, 80, 100
_STRETCH_TURNS, _PLACE_TURNS = 2, 0


@dataclass(frozen=True)
class Suspects:
    """The outfalls upstream of the alarm and the fit of each one's location (None = undated).

    ``guide`` is what the likeliest location taught about the river.
    """

    outfalls: tuple[Outfall, ...]
    index: Ints
    reach: Ints
    position_m: Floats
    location: Ints
    fits: tuple[Fit | None, ...]
    travel_h: Floats
    dated: NDArray[np.bool_]
    guide: Guide | None = None

    def fit_of(self, i: int) -> Fit | None:
        """Return the fit of suspect *i*."""
        return self.fits[self.location[i]]


def velocity_sd(scene: Scene) -> float:
    """Return the ln sd of the river-wide velocity factor: the shared half of what is stated."""
    return scene.event.velocity_rel_sd / float(np.sqrt(2))


def suspects_of(scene: Scene, *, seed: int) -> Suspects:
    """Find the outfalls upstream of the alarmed section and weigh their locations."""
    outfalls = scene.event.outfalls
    reach = np.array([scene.network.index[o.reach_id] for o in outfalls], dtype=np.int64)
    position = np.array([o.position_m for o in outfalls], dtype=np.float64)
    above = scene.network.is_upstream((reach, position), scene.alarm)
    chosen = np.flatnonzero(above)
    reach, position = reach[chosen], position[chosen]
    travel = scene.transport.between(reach, position, scene.alarm)
    keys: dict[tuple[int, int], int] = {}
    members: list[list[int]] = []
    location = np.zeros(len(chosen), dtype=np.int64)
    for i in range(len(chosen)):
        # a place above a section must not share a location with one below it
        place = (int(reach[i]), _bin(scene, int(reach[i]), float(position[i])))
        if place not in keys:
            keys[place] = len(members)
            members.append([])
        location[i] = keys[place]
        members[location[i]].append(i)
    places = [
        (int(reach[group[0]]), float(np.mean(position[group])), bool(travel.dated[group[0]]))
        for group in members
    ]
    fits, guide = _fit_places(scene, places, seed=seed)
    return Suspects(
        outfalls=tuple(outfalls[i] for i in chosen),
        index=chosen,
        reach=reach,
        position_m=position,
        location=location,
        fits=tuple(fits),
        travel_h=travel.mean_h,
        dated=travel.dated,
        guide=guide,
    )


def _bin(scene: Scene, reach: int, position: float) -> int:
    cuts = sorted(
        p.record.point.position_m for p in scene.projections if p.record.point.reach == reach
    )
    return int(position // _BIN_M) * 100 + sum(1 for cut in cuts if cut < position)


def _fit_places(
    scene: Scene, places: Sequence[tuple[int, float, bool]], *, seed: int
) -> tuple[list[Fit | None], Guide | None]:
    signature = scene.signature
    if signature is None or scene.alarmed is None:
        return [None] * len(places), None
    sd = velocity_sd(scene)
    coarse, fine, broad = (
        draws_of(seed, count=count, velocity_sd=sd, duration_h=DURATION_H)
        for count in (_SCREEN_DRAWS, _FULL_DRAWS, _LEAD_DRAWS)
    )
    watches = scene.watches(
        np.array([p[0] for p in places], dtype=np.int64), np.array([p[1] for p in places])
    )

    def learnt(
        place: int, draws: Draws, guide: Guide | None, turns: int, enough: float = 40.0
    ) -> tuple[Fit, Guide]:
        return learn_location(scene, watches[place], draws, guide=guide, turns=turns, enough=enough)

    # one place stands for its stretch (same reach, same sections below) until it looks worth more
    stretches: dict[tuple[int, int], list[int]] = {}
    for i, (reach, _, dated) in enumerate(places):
        if dated:
            stretches.setdefault((reach, len(watches[i])), []).append(i)
    found: list[Fit | None] = [None] * len(places)
    groups = list(stretches.values())
    middle = [group[len(group) // 2] for group in groups]
    screened: list[Fit | None] = [
        fit_location(
            watches[i],
            coarse,
            scene.clock,
            sighting=signature.sighting,
            most_sections=_SCREEN_SECTIONS,
        )
        for i in middle
    ]
    guide: Guide | None = None
    guides: dict[int, Guide] = {}
    for g in _worth(screened, within=np.inf, most=_LEADS):
        _, guide = learnt(middle[g], broad, guide, _LEAD_TURNS, _LEAD_ENOUGH)
    # with what the lead has taught, the likelier stretches are screened once more
    for g in _worth(screened, within=np.inf, most=_MOST_SCREENED):
        screened[g], _ = learnt(middle[g], coarse, guide, 0)
    for g in _worth(screened, within=_SCREEN_NATS, most=_MOST_STRETCHES):
        screened[g], guides[g] = learnt(middle[g], fine, guide, _STRETCH_TURNS)
    for group, first in zip(groups, screened, strict=True):
        for i in group:
            found[i] = first
    worth = _worth(screened, within=_FINE_NATS, most=_MOST_STRETCHES)
    near = [(i, g) for g in worth if g in guides for i in groups[g] if i != middle[g]]
    for i, g in near[:_MOST_LOCATIONS]:
        found[i], _ = learnt(i, fine, guides[g], _PLACE_TURNS)
    return found, guides[worth[0]] if worth else guide


def learn_location(
    scene: Scene,
    watches: Sequence[Watch],
    draws: Draws,
    *,
    guide: Guide | None,
    turns: int,
    enough: float = 40.0,
) -> tuple[Fit, Guide]:
    """Weigh one location with what is known of the river already; return what it adds to that."""
    assert scene.signature is not None
    sighting = scene.signature.sighting

    def fit(drawn: Draws) -> Fit:
        return fit_location(watches, drawn, scene.clock, sighting=sighting)

    return learn(fit, draws, columns_of(nearest(watches)), guide=guide, turns=turns, enough=enough)


def _worth(found: Sequence[Fit | None], *, within: float, most: int) -> list[int]:
    """Return the locations within so many nats of the best, best first."""
    scores = np.array([f.ln_evidence if f else -np.inf for f in found])
    if not np.isfinite(scores).any():
        return []
    near = np.flatnonzero(scores > scores.max() - within)
    return [int(i) for i in near[np.argsort(-scores[near], kind="stable")][:most]]
