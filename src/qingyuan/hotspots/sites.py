"""Probable sources (疑似来源): which registered site a hot spot may come from, or none of them.

A hot spot's place is known to some tens of metres and a site is as large as it is. Each site
weighs by how likely it is to be seen where the hot spot is; against them stands a source nobody
registered, of which there is assumed to be one in a square kilometre (an assumption, unverified).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from qingyuan.hotspots.roads import Floats
from qingyuan.hotspots.spots import Spot

__all__ = ["Sites", "Suspect", "probable_sources"]

_PLACE_ERROR_M = 40.0
_UNREGISTERED_A_M2 = 1e-6
_FAR_M = 600.0
_EXHAUST, _OF_EXHAUST = 0.4, 0.1  # a dust source seldom raises fine particles alone


@dataclass(frozen=True)
class Sites:
    """Registered construction sites, yards, unpaved roads, bare land (登记扬尘源)."""

    site_id: tuple[str, ...]
    name: tuple[str, ...]
    kind: tuple[str, ...]
    department: tuple[str, ...]
    x: Floats
    y: Floats
    radius_m: Floats


@dataclass(frozen=True)
class Suspect:
    """A site that may be the source; without ``site`` the source is not registered."""

    site: int | None
    distance_m: float
    probability: float


def probable_sources(spot: Spot, sites: Sites, *, least: float = 0.02) -> list[Suspect]:
    """Return sites near a hot spot with their probabilities, the most probable first.

    The probabilities of all sites and of none sum to one; those under *least* are left out. Last
    comes the source that is not registered.
    """
    away = np.hypot(sites.x - spot.x, sites.y - spot.y)
    # the fitted hill is the plume's breadth about its source: half of it is doubt of the place
    variance = _PLACE_ERROR_M**2 + (0.5 * spot.radius_m) ** 2 + (0.5 * sites.radius_m) ** 2
    weight = np.exp(-0.5 * away**2 / variance) / (2 * np.pi * variance)
    weight = np.where(away <= _FAR_M + sites.radius_m, weight, 0.0)
    if np.isfinite(spot.coarse_share) and spot.coarse_share < _EXHAUST:
        weight = weight * _OF_EXHAUST
    whole = float(weight.sum()) + _UNREGISTERED_A_M2
    order = [int(i) for i in np.argsort(-weight, kind="stable") if weight[i] / whole >= least]
    found = [Suspect(i, float(away[i]), float(weight[i]) / whole) for i in order]
    return [*found, Suspect(None, float("nan"), _UNREGISTERED_A_M2 / whole)]
