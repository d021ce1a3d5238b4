"""What lies near in place and time (查重、邻近): petitions, and things that measure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from math import cos, floor, radians

from django.db.models import Q, QuerySet

from qingyuan.core.periods import city_date
from qingyuan.core.places import EARTH_RADIUS_M, Place, distance_m
from qingyuan.web.accounts.scope import Scope
from qingyuan.web.petitions.models import Petition, Report
from qingyuan.web.petitions.selectors.settings import parameter
from qingyuan.web.registry.models import AirStation, Enterprise, Outfall, Section

__all__ = ["GRID", "Candidate", "Near", "candidates", "cell", "near_petitions", "open_in_cell", "things_near"]  # fmt: skip

GRID = (0.0025, 0.002)  # degrees; at 36°N 225 m by 222 m (product.md §2.10: at least 200 m)
_METRES_PER_DEGREE = EARTH_RADIUS_M * radians(1)


@dataclass(frozen=True, slots=True)
class Near:
    """A petition and how far it is."""

    petition: Petition
    metres: int


@dataclass(frozen=True, slots=True)
class Candidate:
    """A petition a new report may belong to: how far, how many days before, same category."""

    petition: Petition
    metres: int
    days: int
    same_category: bool


def box(lon: float, lat: float, metres: float) -> tuple[float, float, float, float]:
    """Return west, south, east, north of a square that holds the circle."""
    high = metres / _METRES_PER_DEGREE
    wide = high / max(cos(radians(lat)), 0.01)
    return lon - wide, lat - high, lon + wide, lat + high


def _in_box(name: str, lon: float, lat: float, metres: float) -> Q:
    west, south, east, north = box(lon, lat, metres)
    prefix = f"{name}__" if name else ""
    return Q(**{f"{prefix}lon__range": (west, east), f"{prefix}lat__range": (south, north)})


def near_petitions(
    found: QuerySet[Petition], *, lon: float, lat: float, metres: float
) -> list[Near]:
    """Return the petitions within *metres*, the nearest first."""
    here = Place(lon, lat)
    rows = [
        Near(p, round(distance_m(here, Place(p.lon, p.lat))))
        for p in found.filter(_in_box("", lon, lat, metres)).select_related("case__procedure")
    ]
    return sorted((r for r in rows if r.metres <= metres), key=lambda r: (r.metres, r.petition.pk))


def candidates(report: Report, *, scope: Scope, at: datetime) -> list[Candidate]:
    """Return the petitions a report may repeat: near enough, late enough, within one's scope.

    Radius and days are the parameters in force (``dedup_m``, ``dedup_days``). A report without a
    point has none.
    """
    if report.lon is None or report.lat is None:
        return []
    today = city_date(at)
    since = report.received_at - timedelta(days=int(parameter("dedup_days", on=today)))
    found = Petition.objects.filter(
        scope.by_district("case__district_id"), received_at__gte=since,
        received_at__lte=report.received_at + timedelta(days=1),
    )  # fmt: skip
    near = near_petitions(
        found, lon=report.lon, lat=report.lat, metres=float(parameter("dedup_m", on=today))
    )
    rows = [
        Candidate(
            n.petition, n.metres, (report.received_at - n.petition.received_at).days,
            n.petition.category == report.category,
        )
        for n in near
    ]  # fmt: skip
    return sorted(rows, key=lambda c: (not c.same_category, c.metres))


def cell(lon: float, lat: float) -> tuple[int, int]:
    """Return the cell of the public grid a point lies in."""
    return floor(lon / GRID[0]), floor(lat / GRID[1])


def open_in_cell(category: str, *, lon: float, lat: float) -> int:
    """Count open petitions of a category in the same cell; no more than a number leaves the house."""
    x, y = cell(lon, lat)
    return Petition.objects.filter(
        category=category,
        case__closed_at=None,
        lon__gte=x * GRID[0],
        lon__lt=(x + 1) * GRID[0],
        lat__gte=y * GRID[1],
        lat__lt=(y + 1) * GRID[1],
    ).count()


def things_near(*, lon: float, lat: float, metres: float) -> dict[tuple[str, str], int]:
    """Return ``(kind, code)`` of sections, outfalls, air stations, enterprises near → metres."""
    here, found = Place(lon, lat), {}
    for kind, model in (
        ("section", Section),
        ("outfall", Outfall),
        ("air", AirStation),
        ("enterprise", Enterprise),
    ):
        rows = model.objects.filter(_in_box("", lon, lat, metres)).values_list("code", "lon", "lat")
        for code, x, y in rows:
            away = distance_m(here, Place(x, y))
            if away <= metres:
                found[kind, code] = round(away)
    return found
