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

from qingyuan.river.event import Outfall
from qingyuan.river.scene import Scene
from qingyuan.river.timing import Draws, Fit, draws_of, fit_location, redraw

__all__ = ["DURATION_H", "Suspects", "suspects_of", "velocity_sd"]

Floats: TypeAlias = NDArray[np.float64]
Ints: TypeAlias = NDArray[np.int64]
DURATION_H = (0.4, 14.0)
_BIN_M = 400.0
_SCREEN_DRAWS, _FULL_DRAWS = 64, 512
_SCREEN_SECTIONS, _FULL_SECTIONS = 5, 10
# a place read to a thousandth of the peak may look hopeless until it is drawn again
_SCREEN_NATS, _FINE_NATS = 30.0, 25.0
_MOST_LOCATIONS = 160
_REDRAWN = (80, 80, 40)  # locations drawn again, each time


@dataclass(frozen=True)
class Suspects:
    """The outfalls upstream of the alarm and the fit of each one's location (None = undated)."""

    outfalls: tuple[Outfall, ...]
    index: Ints
    reach: Ints
    position_m: Floats
    location: Ints
    fits: tuple[Fit | None, ...]
    travel_h: Floats
    dated: NDArray[np.bool_]

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
    return Suspects(
        outfalls=tuple(outfalls[i] for i in chosen),
        index=chosen,
        reach=reach,
        position_m=position,
        location=location,
        fits=tuple(_fit_places(scene, places, seed=seed)),
        travel_h=travel.mean_h,
        dated=travel.dated,
    )


def _bin(scene: Scene, reach: int, position: float) -> int:
    cuts = sorted(
        p.record.point.position_m for p in scene.projections if p.record.point.reach == reach
    )
    return int(position // _BIN_M) * 100 + sum(1 for cut in cuts if cut < position)


def _fit_places(
    scene: Scene, places: Sequence[tuple[int, float, bool]], *, seed: int
) -> list[Fit | None]:
    signature = scene.signature
    if signature is None or scene.alarmed is None:
        return [None] * len(places)
    sd = velocity_sd(scene)
    coarse = draws_of(seed, count=_SCREEN_DRAWS, velocity_sd=sd, duration_h=DURATION_H)
    fine = draws_of(seed, count=_FULL_DRAWS, velocity_sd=sd, duration_h=DURATION_H)
    watches = scene.watches(
        np.array([p[0] for p in places], dtype=np.int64), np.array([p[1] for p in places])
    )

    def fit(place: int, draws: Draws, most_sections: int) -> Fit:
        return fit_location(
            watches[place],
            draws,
            scene.clock,
            sighting=signature.sighting,
            most_sections=most_sections,
        )

    # one place stands for its stretch (same reach, same sections below) until it looks worth more
    stretches: dict[tuple[int, int], list[int]] = {}
    for i, (reach, _, dated) in enumerate(places):
        if dated:
            stretches.setdefault((reach, len(watches[i])), []).append(i)
    found: list[Fit | None] = [None] * len(places)
    groups = list(stretches.values())
    screened: list[Fit | None] = [
        fit(group[len(group) // 2], coarse, _SCREEN_SECTIONS) for group in groups
    ]
    for group, first in zip(groups, screened, strict=True):
        for i in group:
            found[i] = first
    near = [
        i for g in _worth(screened, within=_SCREEN_NATS, most=_MOST_LOCATIONS) for i in groups[g]
    ]
    for i in near[:_MOST_LOCATIONS]:
        found[i] = fit(i, fine, _FULL_SECTIONS)
    drawn: dict[int, Draws] = {}
    for turn, most in enumerate(_REDRAWN):
        last = [found[i] for i in near[:_MOST_LOCATIONS]]
        for n in _worth(last, within=_FINE_NATS, most=most):
            before = last[n]
            assert before is not None  # all of them were fitted above
            i = near[n]
            drawn[i] = redraw(drawn.get(i, fine), before, seed=seed + turn)
            found[i] = fit(i, drawn[i], _FULL_SECTIONS)
    return found


def _worth(found: Sequence[Fit | None], *, within: float, most: int) -> list[int]:
    """Return the locations within so many nats of the best, best first."""
    scores = np.array([f.ln_evidence if f else -np.inf for f in found])
    if not np.isfinite(scores).any():
        return []
    near = np.flatnonzero(scores > scores.max() - within)
    return [int(i) for i in near[np.argsort(-scores[near], kind="stable")][:most]]
