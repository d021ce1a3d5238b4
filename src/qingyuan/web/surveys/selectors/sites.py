"""Registered sites near a hot spot (周边登记源), and how probably each is its source."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
from django.urls import reverse

from qingyuan import hotspots
from qingyuan.web.dust import selectors as dust
from qingyuan.web.dust.tables import kinds
from qingyuan.web.registry.models.geometry import in_language
from qingyuan.web.surveys.models import Finding, HotSpot

__all__ = ["NEAR_M", "Site", "Suspects", "suspects_of"]

NEAR_M = 500.0


@dataclass(frozen=True, slots=True)
class Site:
    """A registered source near a place: name, kind in words and by code, how far, how probable, page."""

    name: str
    kind: str
    code: str
    metres: float
    probability: float
    url: str


@dataclass(frozen=True, slots=True)
class Suspects:
    """The sites near a hot spot, the most probable first, and the chance that it is none of them."""

    sites: list[Site]
    unregistered: float

    @property
    def likely(self) -> str:
        """The name of the first, where it is more probable than not; else empty."""
        return self.sites[0].name if self.sites and self.sites[0].probability > 0.5 else ""


def suspects_of(spot: HotSpot, finding: Finding | None, *, on: date) -> Suspects:
    """Weigh the sites registered on a day within `NEAR_M` against a source nobody registered.

    The sum over sites and none is one (`hotspots.suspects`); distances are to a site's outline.
    """
    near = dust.sites_near(spot.lon, spot.lat, NEAR_M, on)
    coarse = finding.coarse_share if finding else None
    told = hotspots.suspects(
        np.array([s.distance_m for s in near]),
        hill_m=spot.radius_m,
        coarse_share=float("nan") if coarse is None else coarse,
        raises=np.array([s.raises for s in near]),
        least=0.0,
    )
    chance = {s.site: s.probability for s in told}
    known = kinds()
    sites = [
        Site(
            row.name,
            in_language(known[row.kind].zh, known[row.kind].en),
            row.kind,
            row.distance_m,
            chance.get(n, 0.0),
            reverse("dust-site", args=[row.code]),
        )
        for n, row in enumerate(near)
    ]
    return Suspects(sorted(sites, key=lambda s: (-s.probability, s.metres)), chance[None])
