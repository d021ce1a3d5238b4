"""What is registered about a point (周边扬尘源)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import shapely
from django.db.models import Q, QuerySet

from qingyuan.web.dust.ground import Ground
from qingyuan.web.dust.models import SiteRecord
from qingyuan.web.dust.tables import kinds, parameters

__all__ = ["SiteNear", "in_force", "sites_near"]


@dataclass(frozen=True, slots=True)
class SiteNear:
    """A registered site near a point: the distance is to its outline, zero inside it.

    ``raises`` is how much dust it raises against others: what its kind does (``tables/kinds.csv``),
    less where it stands still or has been treated (``parameters.toml``); 0 for what raises none.
    """

    code: str
    kind: str
    name: str
    department: str
    distance_m: float
    raises: float


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
    raises = kinds()[row.kind].weight
    if row.state != SiteRecord.State.ACTIVE:
        raises *= parameters("idle")["share"]
    return SiteNear(row.site_id, row.kind, row.name, row.department, round(distance, 1), raises)


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
