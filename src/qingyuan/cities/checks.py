"""Whether the files of a city agree (交叉核对)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from qingyuan.cities.columns import matters, table_files
from qingyuan.core.problems import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

__all__ = ["check_city"]

_ADMINS = {"system_admin", "security_admin", "audit_admin"}
_STATIONS = {
    "section": ("sections.csv", "section_id"),
    "outfall": ("outfalls.csv", "outfall_id"),
    "air": ("air_stations.csv", "station_id"),
}

Row = dict[str, Any]


def check_city(tables: Mapping[str, Sequence[Row]]) -> list[Problem]:
    """Return every disagreement between the tables of one city, in the order of the files."""
    checks = (_keys, _references, _network, _positions, _units, _people, _matrix, _devices)
    return [problem for check in checks for problem in check(tables)]


def _keys(tables: Mapping[str, Sequence[Row]]) -> Iterator[Problem]:
    for name, table in table_files().items():
        first: dict[tuple[Any, ...], int] = {}
        for row in tables[name]:
            key = tuple(row[column] for column in table.key)
            if key in first:
                yield Problem(
                    "cities.duplicate",
                    file=name,
                    row=row["row"],
                    column="+".join(table.key),
                    value="+".join(map(str, key)),
                    first_row=first[key],
                )
            else:
                first[key] = row["row"]


def _references(tables: Mapping[str, Sequence[Row]]) -> Iterator[Problem]:
    for name, table in table_files().items():
        for column in table.columns:
            if not column.ref:
                continue
            target, _, field = column.ref.partition(":")
            known = {row[field] for row in tables[target]}
            for row in tables[name]:
                if row[column.name] and row[column.name] not in known:
                    yield Problem(
                        "cities.unknown_reference",
                        file=name,
                        row=row["row"],
                        column=column.name,
                        value=row[column.name],
                        target=target,
                    )


def _network(tables: Mapping[str, Sequence[Row]]) -> Iterator[Problem]:
    below = {row["reach_id"]: row["to_reach_id"] for row in tables["reaches.csv"]}
    drawn = {row["reach_id"] for row in tables["rivers.geojson"]}
    for row in tables["reaches.csv"]:
        at, seen = row["reach_id"], set[str]()
        while at and at not in seen:
            seen.add(at)
            at = below.get(at, "")
        if at == row["reach_id"]:
            yield Problem("cities.cycle", row=row["row"], value=row["reach_id"])
        if row["reach_id"] not in drawn:
            yield Problem("cities.no_line", row=row["row"], value=row["reach_id"])


def _positions(tables: Mapping[str, Sequence[Row]]) -> Iterator[Problem]:
    lengths = {row["reach_id"]: row["length_m"] for row in tables["reaches.csv"]}
    for file, key in (("sections.csv", "section_id"), ("outfalls.csv", "outfall_id")):
        for row in tables[file]:
            length = lengths.get(row["reach_id"])
            if length is not None and row["position_m"] > length:
                yield Problem(
                    "cities.beyond_reach",
                    file=file,
                    row=row["row"],
                    value=row[key],
                    position=f"{row['position_m']:g}",
                    reach=row["reach_id"],
                    length=f"{length:g}",
                )


def _above(tables: Mapping[str, Sequence[Row]]) -> dict[str, str]:
    return {row["code"]: row["parent_code"] for row in tables["units.csv"]}


def _units(tables: Mapping[str, Sequence[Row]]) -> Iterator[Problem]:
    above = _above(tables)
    roots = [code for code, parent in above.items() if not parent]
    if above and len(roots) != 1:
        yield Problem("cities.unit_root", count=len(roots))
    for row in tables["units.csv"]:
        at, seen = row["code"], set[str]()
        while at and at not in seen:
            seen.add(at)
            at = above.get(at, "")
        if at == row["code"]:
            yield Problem("cities.unit_cycle", row=row["row"], value=row["code"])


def _people(tables: Mapping[str, Sequence[Row]]) -> Iterator[Problem]:
    for row in tables["people.csv"]:
        roles = set(row["roles"])
        of_enterprise = bool(row["enterprise_id"])
        if of_enterprise != ("enterprise" in roles) or (
            len(roles) > 1 if of_enterprise else not row["unit_code"]
        ):
            yield Problem("cities.person_nowhere", row=row["row"], value=row["username"])
        if roles & _ADMINS and len(roles) > 1:
            yield Problem("cities.mixed_admin", row=row["row"], value=row["username"])


def _matrix(tables: Mapping[str, Sequence[Row]]) -> Iterator[Problem]:
    rows = tables["responsibility.csv"]
    present = {(row["district_code"], row["matter"]) for row in rows}
    for district in tables["districts.geojson"]:
        for matter, said in matters().items():
            if (district["code"], matter) not in present:
                yield Problem(
                    "cities.no_responsible",
                    district=district["name"],
                    matter=f"{said['zh']} {matter}",
                )
    above = _above(tables)
    homes = {row["username"]: row["unit_code"] for row in tables["people.csv"]}
    for row in rows:
        at, seen = homes.get(row["username"], ""), set[str]()
        if not at:
            continue  # an unknown person is told by the reference check
        while at and at not in seen and at != row["unit_code"]:
            seen.add(at)
            at = above.get(at, "")
        if at != row["unit_code"]:
            yield Problem(
                "cities.wrong_person",
                row=row["row"],
                value=row["username"],
                unit=row["unit_code"],
            )


def _devices(tables: Mapping[str, Sequence[Row]]) -> Iterator[Problem]:
    known = {
        f"{kind}:{row[key]}" for kind, (file, key) in _STATIONS.items() for row in tables[file]
    }
    for row in tables["devices.csv"]:
        if row["station"] not in known:
            yield Problem("cities.unknown_station", row=row["row"], value=row["station"])
        for part in row["factors"]:
            if not all(part.partition(":")):
                yield Problem(
                    "cities.bad_factors",
                    file="devices.csv",
                    row=row["row"],
                    column="factors",
                    value=part,
                )
