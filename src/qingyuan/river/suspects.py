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
from qingyuan.river.signature import Signature
from qingyuan.river.timing import Draws, Fit, draws_of, fit_location

__all__ = ["DURATION_H", "Suspects", "suspects_of", "velocity_sd"]

Floats: TypeAlias = NDArray[np.float64]
Ints: TypeAlias = NDArray[np.int64]
DURATION_H = (0.4, 14.0)
_BIN_M = 400.0
_SCREEN_DRAWS, _FULL_DRAWS = 128, 512
_SCREEN_NATS = 12.0
_MOST_LOCATIONS = 250


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
    found: list[Fit | None] = []
    for reach, position, dated in places:
        found.append(
            _fit(scene, signature, coarse, reach, position, all_sections=False) if dated else None
        )
    scores = np.array([f.ln_evidence if f else -np.inf for f in found])
    if not np.isfinite(scores).any():
        return found
    worth = np.flatnonzero(scores > scores.max() - _SCREEN_NATS)
    worth = worth[np.argsort(-scores[worth], kind="stable")][:_MOST_LOCATIONS]
    for i in worth:
        reach, position, _ = places[i]
        found[i] = _fit(scene, signature, fine, reach, position, all_sections=True)
    return found


def _fit(
    scene: Scene,
    signature: Signature,
    draws: Draws,
    reach: int,
    position: float,
    *,
    all_sections: bool,
) -> Fit:
    watches = scene.watches(reach, position)
    if not all_sections:
        watches = [w for w in watches if w.alarmed]
    return fit_location(
        watches,
        draws,
        scene.clock,
        first_hours=signature.first_hours,
        gap_h=signature.gap_h,
    )
