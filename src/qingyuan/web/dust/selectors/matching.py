"""Which registered site a patch shows, and which earlier patch it repeats (比对、去重)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from shapely.geometry.base import BaseGeometry

from qingyuan.web.dust.ground import Ground, ground_of
from qingyuan.web.dust.models import Lead
from qingyuan.web.dust.selectors.near import in_force
from qingyuan.web.dust.tables import parameters

__all__ = ["Match", "earlier_of", "match_of"]

_MONTH = timedelta(days=31)


@dataclass(frozen=True, slots=True)
class Match:
    """A registered site beneath or beside a patch: metres between them, share of the patch on it."""

    code: str
    distance_m: float
    share: float


def _area(shape: BaseGeometry, radius: float) -> BaseGeometry:
    """Return an area in metres; a point becomes a circle."""
    return shape if shape.area > 0 else shape.buffer(radius)


def match_of(shape: BaseGeometry, *, on: date) -> Match | None:
    """Return the site that covers most of a patch, else the nearest within ``near_m`` (比对登记).

    A site known as a point only counts as a circle of ``point_m``; so does a patch given as a
    point.
    """
    numbers = parameters("match")
    ground = ground_of(shape)
    patch = _area(ground.metres(shape), numbers["point_m"])
    told = []
    for row in _about(ground, patch, numbers["near_m"] + numbers["point_m"], on):
        site = _area(ground.metres(row.shape), numbers["point_m"])
        share = patch.intersection(site).area / patch.area
        distance = patch.distance(site)
        if share >= numbers["overlap"] or distance <= numbers["near_m"]:
            told.append((-share, distance, row.site_id))
    if not told:
        return None
    share, distance, code = min(told)
    return Match(code, round(distance, 1), round(-share, 4))


def _about(ground: Ground, patch: BaseGeometry, reach: float, on: date) -> list:
    x0, y0, x1, y1 = patch.bounds
    west, south, east, north = ground.box(max(abs(x0), abs(y0), abs(x1), abs(y1)) + reach)
    return list(
        in_force(on).filter(west__lte=east, east__gte=west, south__lte=north, north__gte=south)
    )


def earlier_of(lead: Lead) -> Lead | None:
    """Return the first earlier patch of the last months that a patch repeats, if there is one.

    The same kind and, of two areas, an overlap of at least ``overlap`` of the smaller; of points,
    no more than ``near_m`` apart. A patch found untrue is not repeated: the ground may have
    changed since.
    """
    numbers = parameters("duplicate")
    ground = ground_of(lead.shape)
    here = ground.metres(lead.shape)
    west, south, east, north = lead.west, lead.south, lead.east, lead.north
    around = ground.box(numbers["near_m"])
    dx, dy = around[2] - ground.lon, around[3] - ground.lat
    found = (
        Lead.objects.filter(
            kind=lead.kind,
            taken_on__lte=lead.taken_on,
            taken_on__gt=lead.taken_on - numbers["months"] * _MONTH,
            west__lte=east + dx,
            east__gte=west - dx,
            south__lte=north + dy,
            north__gte=south - dy,
        )
        .exclude(state=Lead.State.FALSE)
        .exclude(pk=lead.pk)
        .order_by("taken_on", "pk")
    )
    for other in found:
        there = ground.metres(other.shape)
        least = min(here.area, there.area)
        if least > 0:
            same = here.intersection(there).area >= numbers["overlap"] * least
        else:
            same = here.distance(there) <= numbers["near_m"]
        if same:
            return other.duplicate_of or other
    return None
