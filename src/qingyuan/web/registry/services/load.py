"""Load a city folder: everything in one transaction, and loading it again changes nothing."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from django.db import models, transaction

from qingyuan import cities
from qingyuan.web.accounts import services as accounts
from qingyuan.web.accounts.models import RoleGrant, Unit, User
from qingyuan.web.accounts.services.organisation import pinyin_key
from qingyuan.web.audit import services as audit
from qingyuan.web.audit.services import Actor
from qingyuan.web.registry.models import (
    AirStation,
    City,
    Device,
    District,
    Enterprise,
    Outfall,
    OutfallLimit,
    OutfallProfile,
    RiverReach,
    Section,
)
from qingyuan.web.registry.models.geometry import box_columns
from qingyuan.web.registry.services.dated import put_responsibilities, put_targets

__all__ = ["ENTERPRISE_UNIT", "Counts", "load_city"]

ENTERPRISE_UNIT = "enterprises"
# The folder speaks of offices as they are called in a bureau's list; accounts keeps wider kinds.
_UNIT_KINDS = {"team": "brigade", "partner": "department"}
_UNIT_FIELDS = ("code", "path", "name_zh", "name_en", "kind", "district_code")
_PERSON_FIELDS = ("username", "name", "name_en", "title", "unit_id", "enterprise_code")


@dataclass(frozen=True, slots=True)
class Counts:
    """What loading did to one table: rows made, changed, as they were, and no longer in the folder."""

    new: int = 0
    changed: int = 0
    same: int = 0
    absent: int = 0


@transaction.atomic
def load_city(city: cities.City, *, by: Actor, at: datetime) -> Mapping[str, Counts]:
    """Write a checked city folder into the registry (装载城市), all of it or nothing.

    Rows are matched by code. What is no longer in the folder stays, because cases and readings
    point at it, and is counted as ``absent``. Targets and responsibilities are dated: a change
    ends the old row today and begins a new one.

    Returns
    -------
    mapping
        Table → `Counts`, in the order of loading.
    """
    counts: dict[str, Counts] = {"city": _put_city(city), **_organisation(city, by=by, at=at)}
    for name, model, rows in _tables(city):
        counts[name] = _put(model, rows)
    counts["targets"] = Counts(
        *put_targets({s.section_id: s.target_class for s in city.sections}, at=at)
    )
    counts["responsibilities"] = Counts(*put_responsibilities(city.responsibilities, at=at))
    if any(c.new or c.changed for c in counts.values()):
        audit.record(
            actor=by,
            deed="registry.load_city",
            target=f"city:{city.code}",
            at=at,
            detail={name: asdict(c) for name, c in counts.items()},
        )
    return counts


def _put_city(city: cities.City) -> Counts:
    lon, lat = city.center
    fields = {
        "name_zh": city.name,
        "name_en": city.name_en,
        "fictional": city.fictional,
        "note": city.note,
        "lon": lon,
        "lat": lat,
        "zoom": city.zoom,
        "epsg": city.epsg,
        "epoch": city.epoch,
        "outfall_code_pattern": city.outfall_code_pattern,
    }
    return _put(City, {city.code: fields})


def _organisation(city: cities.City, *, by: Actor, at: datetime) -> dict[str, Counts]:
    units_before, people_before = _snapshot(Unit, _UNIT_FIELDS), _snapshot(User, _PERSON_FIELDS)
    grants_before = set(RoleGrant.objects.values_list("user__username", "role"))
    made: dict[str, Unit] = {}
    for row in _parents_first(city.units):
        made[row.code] = accounts.put_unit(
            code=row.code,
            parent=made.get(row.parent_code),
            name_zh=row.name,
            name_en=row.name_en,
            kind=_UNIT_KINDS.get(row.kind, row.kind),
            district_code=row.district_code,
        )
    outside = accounts.put_unit(
        code=ENTERPRISE_UNIT,
        parent=None,
        name_zh="企业",
        name_en="Enterprises",
        kind="department",
        district_code="",
    )
    enterprises = {e.enterprise_id: e.name for e in city.enterprises}
    for person in city.people:
        accounts.put_person(
            username=person.username,
            name=person.name,
            name_en=person.name_en,
            title=_title(person, enterprises),
            unit=made[person.unit_code] if person.unit_code else outside,
            role_names=person.roles,
            enterprise_code=person.enterprise_id,
            at=at,
            by=by,
        )
    grants = set(RoleGrant.objects.values_list("user__username", "role")) - grants_before
    return {
        "units": _difference(
            units_before,
            _snapshot(Unit, _UNIT_FIELDS),
            {u.code for u in city.units} | {ENTERPRISE_UNIT},
        ),
        "people": _difference(
            people_before, _snapshot(User, _PERSON_FIELDS), {p.username for p in city.people}
        ),
        "grants": Counts(new=len(grants), same=len(grants_before)),
    }


def _title(person: cities.Person, enterprises: Mapping[str, str]) -> str:
    """Return the title; a person of an enterprise is known by its name first."""
    name = enterprises.get(person.enterprise_id or "", "")
    return f"{name} {person.title}".strip()[:64]


def _parents_first(units: Iterable[cities.Unit]) -> list[cities.Unit]:
    waiting, placed, ordered = list(units), {""}, []
    while waiting:
        ready = [u for u in waiting if u.parent_code in placed]
        if not ready:  # read_city refuses a tree that loops
            raise ValueError(f"units without a way to the root: {[u.code for u in waiting]}")
        ordered += ready
        placed |= {u.code for u in ready}
        waiting = [u for u in waiting if u.code not in placed]
    return ordered


def _snapshot(model: type[models.Model], fields: tuple[str, ...]) -> dict[str, tuple[object, ...]]:
    return {row[0]: row for row in model._default_manager.values_list(*fields)}


def _difference(
    before: Mapping[str, object], after: Mapping[str, object], given: set[str]
) -> Counts:
    new = given - set(before)
    changed = {key for key in given - new if before[key] != after[key]}
    return Counts(
        len(new), len(changed), len(given) - len(new) - len(changed), len(set(before) - given)
    )


Rows = Mapping[Hashable, Mapping[str, Any]]


def _named(row: Any) -> dict[str, Any]:
    return {"name_zh": row.name, "name_en": row.name_en, "sort_key": pinyin_key(row.name)}


def _pick(row: Any, *names: str) -> dict[str, Any]:
    return {name: getattr(row, name) for name in names}


def _district(row: cities.District) -> dict[str, Any]:
    return {**_named(row), "kind": row.kind, **box_columns(row.geometry)}


def _reach(row: cities.Reach) -> dict[str, Any]:
    hydraulics = _pick(
        row,
        "length_m",
        "slope",
        "manning_n",
        "bottom_width_m",
        "side_slope",
        "flow_m3_s",
        "flow_rel_sd",
        "kind",
    )
    return {
        "to_reach_id": row.to_reach_id or None,
        "river_zh": row.river,
        "river_en": row.river_en,
        "district_id": row.district_code or None,
        **hydraulics,
        **box_columns({"type": "LineString", "coordinates": row.line}),
    }


def _section(row: cities.Section) -> dict[str, Any]:
    return {
        **_named(row),
        **_pick(row, "position_m", "lon", "lat", "kind", "water_type", "interval_min"),
        "reach_id": row.reach_id,
        "district_id": row.district_code,
    }


def _enterprise(row: cities.Enterprise) -> dict[str, Any]:
    return {
        **_named(row),
        **_pick(
            row,
            "credit_code",
            "trade",
            "town_code",
            "address",
            "lon",
            "lat",
            "size",
            "permit_no",
            "permit_class",
        ),
        "trade_zh": row.trade_name,
        "district_id": row.district_code,
    }


def _outfall(row: cities.Outfall) -> dict[str, Any]:
    return {
        **_named(row),
        **_pick(
            row,
            "official_code",
            "outfall_class",
            "trade",
            "position_m",
            "bank",
            "lon",
            "lat",
            "town_code",
            "online",
        ),
        **_pick(row, "permitted_m3_d", "max_flow_m3_s", "prior_weight"),
        "enterprise_id": row.enterprise_id or None,
        "reach_id": row.reach_id,
        "district_id": row.district_code,
    }


def _device(row: cities.Device) -> dict[str, Any]:
    return {
        **_pick(
            row,
            "station",
            "st",
            "password",
            "dialect",
            "answer",
            "label",
            "encoding",
            "interval_s",
            "active",
        ),
        "crc": list(row.crc),
        "repairs": list(row.repairs),
        "factors": dict(row.factors),
    }


def _by(rows: Iterable[Any], key: str, fields: Callable[[Any], dict[str, Any]]) -> Rows:
    return {getattr(row, key): fields(row) for row in rows}


def _tables(city: cities.City) -> list[tuple[str, type[models.Model], Rows]]:
    limits = {
        (row.outfall_id, row.factor, row.averaging, row.valid_from): _pick(
            row, "limit", "unit", "standard", "level", "valid_to"
        )
        for row in city.limits
    }
    profiles = {
        (row.outfall_id, row.factor): _pick(row, "n", "ln_mean", "ln_sd") for row in city.profiles
    }
    stations = {
        row.station_id: {
            **_named(row),
            **_pick(row, "lon", "lat", "kind"),
            "district_id": row.district_code,
        }
        for row in city.air_stations
    }
    return [
        ("districts", District, _by(city.districts, "code", _district)),
        ("reaches", RiverReach, _by(city.reaches, "reach_id", _reach)),
        ("sections", Section, _by(city.sections, "section_id", _section)),
        ("enterprises", Enterprise, _by(city.enterprises, "enterprise_id", _enterprise)),
        ("outfalls", Outfall, _by(city.outfalls, "outfall_id", _outfall)),
        ("limits", OutfallLimit, limits),
        ("profiles", OutfallProfile, profiles),
        ("air_stations", AirStation, stations),
        ("devices", Device, _by(city.devices, "mn", _device)),
    ]


_KEYS: Mapping[type[models.Model], tuple[str, ...]] = {
    OutfallLimit: ("outfall_id", "factor", "averaging", "valid_from"),
    OutfallProfile: ("outfall_id", "factor"),
    Device: ("mn",),
}


def _put(model: type[models.Model], rows: Rows) -> Counts:
    """Make or change the rows of one table, matched by key, and count what it took."""
    names = _KEYS.get(model, ("code",))
    found = {_key(row, names): row for row in model._default_manager.all()}
    new, changed, touched = [], [], set()
    for key, fields in rows.items():
        row = found.get(key)
        if row is None:
            keys = key if isinstance(key, tuple) else (key,)
            new.append(model(**dict(zip(names, keys, strict=True)), **fields))
            continue
        different = {name for name, value in fields.items() if getattr(row, name) != value}
        if different:
            for name in different:
                setattr(row, name, fields[name])
            changed.append(row)
            touched |= different
    model._default_manager.bulk_create(new, batch_size=500)
    if changed:
        model._default_manager.bulk_update(
            changed, [n.removesuffix("_id") for n in touched], batch_size=500
        )
    return Counts(
        len(new), len(changed), len(rows) - len(new) - len(changed), len(set(found) - set(rows))
    )


def _key(row: models.Model, names: tuple[str, ...]) -> Hashable:
    values = tuple(getattr(row, name) for name in names)
    return values[0] if len(values) == 1 else values
