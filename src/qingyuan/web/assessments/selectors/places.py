"""Places of air (空气评价对象): a station, a district by its assessed stations, or the whole city."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from qingyuan.web.accounts.scope import Scope
from qingyuan.web.registry import selectors as registry
from qingyuan.web.registry.models import AirStation, District

__all__ = ["Place", "place_of", "places", "stations"]


@dataclass(frozen=True, slots=True)
class Place:
    """What is assessed: its kind and code, its name, and the stations that speak for it."""

    kind: str
    code: str
    name: str
    stations: tuple[str, ...]

    @property
    def is_station(self) -> bool:
        """Whether it is one station, which keeps values of its own."""
        return self.kind == "station"


def stations(scope: Scope) -> list[AirStation]:
    """Return the air stations a person may see."""
    return list(registry.air_stations(scope))


def _speaking(found: Sequence[AirStation]) -> tuple[str, ...]:
    """Return the assessed stations; all where none is assessed."""
    return tuple(sorted(s.code for s in found if s.kind == "assessed")) or tuple(
        sorted(s.code for s in found)
    )


def _of_district(district: District) -> Place | None:
    found = _speaking(list(AirStation.objects.filter(district=district)))
    return Place("district", district.code, district.name, found) if found else None


def places(scope: Scope) -> list[Place]:
    """Return the city (for who sees it whole) and the districts a person sees that have a station."""
    districts = registry.districts(scope)
    if not scope.city:
        districts = districts.filter(code__in=scope.districts)
    found = [p for p in map(_of_district, districts) if p]
    held = registry.city()
    if scope.city and held:
        whole = _speaking(list(AirStation.objects.all()))
        found.insert(0, Place("city", held.code, held.name_zh, whole))
    return found


def place_of(scope: Scope, kind: str, code: str) -> Place | None:
    """Return a place by kind and code; None for one that is not there or not for this person."""
    if kind == "station":
        held = registry.air_stations(scope).filter(code=code).first()
        return Place("station", held.code, held.name, (held.code,)) if held else None
    return next((p for p in places(scope) if (p.kind, p.code) == (kind, code)), None)
