"""What is registered about a point (周边扬尘源), and which of it a hot spot may come from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from math import exp

import shapely
from django.db.models import Q, QuerySet

from qingyuan.web.dust.ground import Ground
from qingyuan.web.dust.models import SiteRecord
from qingyuan.web.dust.tables import kinds, parameters

__all__ = ["SiteNear", "SourceWeight", "in_force", "probable_sources", "sites_near"]

UNREGISTERED = "unregistered"


@dataclass(frozen=True, slots=True)
class SiteNear:
    """A registered site near a point: the distance is to its outline, zero inside it."""

    code: str
    kind: str
    name: str
    department: str
    distance_m: float


@dataclass(frozen=True, slots=True)
class SourceWeight:
    """How much a kind of source counts for a point (可能来源), its nearest site, its weight.

    The weights of an answer sum to one. They order suspects; they are no probabilities.
    ``kind`` is ``unregistered`` for what nobody has registered; it has no site.
    """

    kind: str
    weight: float
    site: SiteNear | None


def in_force(on: date) -> QuerySet[SiteRecord]:
    """Return the records in force on a day, without the sites struck off."""
    return SiteRecord.objects.filter(
        Q(valid_to=None) | Q(valid_to__gt=on), valid_from__lte=on
    ).exclude(state=SiteRecord.State.ENDED)


def _near(lon: float, lat: float, metres: float, on: date) -> list[tuple[SiteRecord, float]]:
    ground = Ground(lon, lat)
    west, south, east, north = ground.box(metres)
    here = shapely.Point(0, 0)
    found = in_force(on).filter(west__lte=east, east__gte=west, south__lte=north, north__gte=south)
    told = [(row, float(ground.metres(row.shape).distance(here))) for row in found]
    return sorted(
        ((row, d) for row, d in told if d <= metres), key=lambda pair: (pair[1], pair[0].site_id)
    )


def _said(row: SiteRecord, distance: float) -> SiteNear:
    return SiteNear(row.site_id, row.kind, row.name, row.department, round(distance, 1))


def sites_near(lon: float, lat: float, metres: float, on: date) -> list[SiteNear]:
    """Return the sites in force on a day within some metres of a point, the nearest first.

    Parameters
    ----------
    lon, lat : float
        The point; CGCS2000 degrees.
    metres : float
        How far to look; the distance to a site's outline, zero for a point inside it.
    on : date
        The day; sites that had begun and were not struck off by then.
    """
    return [_said(row, distance) for row, distance in _near(lon, lat, metres, on)]


def probable_sources(lon: float, lat: float, on: date) -> list[SourceWeight]:
    """Weigh the registered kinds near a point against one another, the likeliest first (可能来源).

    Each site counts for the dust its kind raises (``tables/kinds.csv``) × exp(−distance ÷
    ``decay_m``) × ``idle`` when it stands still or has been treated; what nobody registered counts
    for ``unregistered``. A kind's weight is that of its heaviest site, so that ten yards far off do
    not outweigh the one next door; the answer is scaled to sum to one. The numbers stand in
    ``parameters.toml`` with their mark.
    """
    numbers = parameters("weigh")
    best: dict[str, tuple[float, SiteNear]] = {}
    for row, distance in _near(lon, lat, numbers["reach_m"], on):
        weight = kinds()[row.kind].weight * exp(-distance / numbers["decay_m"])
        if row.state != SiteRecord.State.ACTIVE:
            weight *= numbers["idle"]
        if weight > 0 and (row.kind not in best or weight > best[row.kind][0]):
            best[row.kind] = weight, _said(row, distance)
    whole = sum(weight for weight, _ in best.values()) + numbers["unregistered"]
    told = [SourceWeight(kind, weight / whole, site) for kind, (weight, site) in best.items()]
    told.append(SourceWeight(UNREGISTERED, numbers["unregistered"] / whole, None))
    return sorted(told, key=lambda one: -one.weight)
