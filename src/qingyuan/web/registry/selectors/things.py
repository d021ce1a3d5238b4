"""Questions about the things of the city; each takes the scope first."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Prefetch, Q, QuerySet

from qingyuan.web.accounts.scope import Scope
from qingyuan.web.registry.models import (
    AirStation,
    City,
    Device,
    District,
    Enterprise,
    Outfall,
    OutfallLimit,
    RiverReach,
    Section,
)

__all__ = [
    "air_stations",
    "city",
    "devices",
    "district_of",
    "district_of_station",
    "districts",
    "enterprises",
    "label_of_station",
    "matching",
    "outfalls",
    "reaches",
    "sections",
]


def city() -> City | None:
    """Return the city that was loaded, or None before the first loading."""
    return City.objects.order_by("pk").first()


def _seen(scope: Scope, kind: str) -> Q:
    if scope.city:  # an empty Q or-ed with another is only the other
        return Q()
    return scope.by_district("district_id") | Q(code__in=scope.watched_refs(kind))


def districts(scope: Scope) -> QuerySet[District]:
    """Return the districts; their names and borders are no secret to anyone with an account."""
    return District.objects.order_by("code")


def reaches(scope: Scope) -> QuerySet[RiverReach]:
    """Return the river network; staff see the whole river, for water does not stop at a border."""
    found = RiverReach.objects.order_by("code")
    return found if scope.staff else found.none()


def sections(scope: Scope) -> QuerySet[Section]:
    """Return the monitored sections a person may see, in pinyin order."""
    return (
        Section.objects.filter(_seen(scope, "section"))
        .select_related("district", "reach")
        .defer("district__wkb", "reach__wkb")
        .prefetch_related("targets")
        .order_by("sort_key", "code")
    )


def outfalls(scope: Scope) -> QuerySet[Outfall]:
    """Return the outfalls a person may see; an enterprise sees its own."""
    seen = _seen(scope, "outfall")
    if scope.enterprise_code:
        seen = Q(enterprise_id=scope.enterprise_code)
    limits = Prefetch("limits", OutfallLimit.objects.order_by("factor", "averaging", "-valid_from"))
    return (
        Outfall.objects.filter(seen)
        .select_related("district", "reach", "enterprise")
        .defer("district__wkb", "reach__wkb")
        .prefetch_related(limits, "profiles")
        .order_by("sort_key", "code")
    )


def enterprises(scope: Scope) -> QuerySet[Enterprise]:
    """Return the enterprises a person may see; an enterprise sees itself."""
    seen = Q(code=scope.enterprise_code) if scope.enterprise_code else _seen(scope, "enterprise")
    return (
        Enterprise.objects.filter(seen)
        .select_related("district")
        .defer("district__wkb")
        .order_by("sort_key", "code")
    )


def air_stations(scope: Scope) -> QuerySet[AirStation]:
    """Return the ambient air stations a person may see."""
    return (
        AirStation.objects.filter(_seen(scope, "air"))
        .select_related("district")
        .defer("district__wkb")
        .order_by("sort_key", "code")
    )


def devices(scope: Scope) -> QuerySet[Device]:
    """Return the devices of the stations a person may see; the password is not for pages."""
    found = Device.objects.defer("password").order_by("station", "mn")
    if scope.city:
        return found
    stations = [
        *(f"section:{code}" for code in sections(scope).values_list("code", flat=True)),
        *(f"outfall:{code}" for code in outfalls(scope).values_list("code", flat=True)),
        *(f"air:{code}" for code in air_stations(scope).values_list("code", flat=True)),
    ]
    return found.filter(station__in=stations)


def matching(found: QuerySet, text: str) -> QuerySet:
    """Narrow named things by code, name in either language, or pinyin and its initials."""
    text = text.strip()
    if not text:
        return found
    return found.filter(
        Q(name_zh__icontains=text)
        | Q(name_en__icontains=text)
        | Q(code__iexact=text)
        | Q(sort_key__icontains=text.lower())
    )


_STATIONS = {"section": Section, "outfall": Outfall, "air": AirStation}


def label_of_station(stations: Iterable[str]) -> dict[str, str]:
    """Return the reader's name of each ``kind:code``; a station we do not know answers as itself."""
    names: dict[str, str] = {}
    wanted = sorted(set(stations))
    for kind, model in _STATIONS.items():
        codes = [s.partition(":")[2] for s in wanted if s.startswith(f"{kind}:")]
        if codes:
            found = model.objects.filter(code__in=codes)
            names |= {f"{kind}:{row.code}": row.name for row in found}
    return {station: names.get(station, station) for station in wanted}


def district_of_station(station: str) -> str:
    """Return the district code of ``kind:code``; empty for one we do not know."""
    kind, _, code = station.partition(":")
    model = _STATIONS.get(kind)
    return (
        (model.objects.filter(code=code).values_list("district_id", flat=True).first() or "")
        if model
        else ""
    )


def district_of(lon: float, lat: float) -> str:
    """Return the code of the district that holds a point; empty outside the city."""
    from shapely.geometry import Point

    point = Point(lon, lat)
    boxes = District.objects.filter(
        west__lte=lon, east__gte=lon, south__lte=lat, north__gte=lat
    ).order_by("code")
    return next((d.code for d in boxes if d.shape.covers(point)), "")
