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

__all__ = ["Sites", "Suspect", "probable_sources", "suspects"]

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
    return suspects(
        np.hypot(sites.x - spot.x, sites.y - spot.y), wide_m=sites.radius_m,
        hill_m=spot.radius_m, coarse_share=spot.coarse_share, least=least,
    )  # fmt: skip


def suspects(
    away_m: Floats,
    *,
    hill_m: float,
    coarse_share: float,
    wide_m: Floats | float = 0.0,
    raises: Floats | float = 1.0,
    least: float = 0.02,
) -> list[Suspect]:
    """Return sites by their distance to a hot spot, as `probable_sources` does.

    Parameters
    ----------
    away_m : array
        From the hot spot to each site: to its middle with its radius in *wide_m*, or to its outline.
    hill_m : float
        The hot spot's radius (standard deviation of the fitted hill).
    coarse_share : float
        The hot spot's; not a number where unknown.
    raises : array or float
        How much dust each site raises against the others; 0 leaves it out.
    """
    # the fitted hill is the plume's breadth about its source: half of it is doubt of the place
    variance = _PLACE_ERROR_M**2 + (0.5 * hill_m) ** 2 + (0.5 * np.asarray(wide_m)) ** 2
    weight = raises * np.exp(-0.5 * away_m**2 / variance) / (2 * np.pi * variance)
    weight = np.where(away_m <= _FAR_M + wide_m, weight, 0.0)
    if np.isfinite(coarse_share) and coarse_share < _EXHAUST:
        weight = weight * _OF_EXHAUST
    whole = float(weight.sum()) + _UNREGISTERED_A_M2
    order = [
        int(i) for i in np.argsort(-weight, kind="stable") if weight[i] / whole >= max(least, 1e-9)
    ]
    found = [Suspect(i, float(away_m[i]), float(weight[i]) / whole) for i in order]
    return [*found, Suspect(None, float("nan"), _UNREGISTERED_A_M2 / whole)]
