"""Registered sites near a place (周边登记源), as the register of dust sources has them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.urls import reverse

from qingyuan.web.dust import selectors as dust
from qingyuan.web.dust.tables import kinds
from qingyuan.web.registry.models.geometry import in_language

__all__ = ["Site", "sites_near"]


@dataclass(frozen=True, slots=True)
class Site:
    """A registered source near a place: what it is called, its kind in words, how far, its page."""

    name: str
    kind: str
    metres: float
    url: str


def sites_near(lon: float, lat: float, metres: float, *, on: date) -> list[Site]:
    """Return the sites registered on a day within *metres*, the nearest first."""
    known = kinds()
    return [
        Site(
            row.name,
            in_language(known[row.kind].zh, known[row.kind].en),
            row.distance_m,
            reverse("dust-site", args=[row.code]),
        )
        for row in dust.sites_near(lon, lat, metres, on)
    ]
