"""Read a city folder (读入城市包), gathering every fault before saying any."""

from __future__ import annotations

import csv
import io
import json
import re
import tomllib
from datetime import datetime
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

from qingyuan.cities import model
from qingyuan.cities.cells import value_of
from qingyuan.cities.checks import check_city
from qingyuan.cities.columns import TableFile, table_files
from qingyuan.core.problems import Problem, Problems

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["read_city", "shipped_city"]

_SECRET = re.compile(r"passw|pwd|secret|口令|密码", re.IGNORECASE)
_GEOMETRIES = {"districts.geojson": ("Polygon", "MultiPolygon"), "rivers.geojson": ("LineString",)}

Row = dict[str, Any]  # a row's values by column, with "row" its number in the file
Tables = dict[str, list[Row]]


def shipped_city(name: str) -> Path:
    """Return the folder of a fictional city that comes with the house: ``demo``, ``four_nodes``."""
    return Path(str(files(__package__).joinpath(name)))


def read_city(folder: Path) -> model.City:
    """Read and check a city folder (读入城市包).

    Parameters
    ----------
    folder : Path
        Holds ``city.toml`` and the files documented in ``columns.toml``.

    Returns
    -------
    City
        Every table as frozen rows; references hold, rivers reach an outlet.

    Raises
    ------
    Problems
        All faults of all files at once, each with file, row, column, value and rule.
    """
    folder = Path(folder)
    problems: list[Problem] = []
    notes: list[str] = []
    about = _read_about(folder, problems)
    tables: Tables = {
        table.name: _read_table(folder, table, problems, notes) for table in table_files().values()
    }
    problems.extend(check_city(tables))
    Problems.raise_any(problems)
    return _build(about, tables, tuple(notes))


def _text_of(path: Path) -> str:
    try:
        return path.read_text("utf-8-sig")
    except UnicodeDecodeError:
        raise Problem("cities.not_utf8", file=path.name) from None


def _read_about(folder: Path, problems: list[Problem]) -> Row:
    path = folder / "city.toml"
    if not path.is_file():
        problems.append(Problem("cities.missing_file", folder=folder, file="city.toml"))
        return {}
    try:
        about = tomllib.loads(_text_of(path))
        epoch = about.get("epoch")
        found = {
            "code": str(about["code"]),
            "name": str(about["name"]),
            "name_en": str(about.get("name_en", "")),
            "fictional": bool(about.get("fictional", False)),
            "note": str(about.get("note", "")),
            "epoch": epoch,
            "center": (float(about["center"][0]), float(about["center"][1])),
            "zoom": float(about.get("zoom", 9)),
            "epsg": int(about.get("epsg", 4549)),
            "outfall_code_pattern": str(about.get("outfall_code_pattern", "")),
        }
        re.compile(str(found["outfall_code_pattern"]))
        if epoch is not None and not (isinstance(epoch, datetime) and epoch.tzinfo):
            raise ValueError("epoch needs a date, a time and an offset")
    except (
        tomllib.TOMLDecodeError,
        KeyError,
        ValueError,
        TypeError,
        IndexError,
        re.error,
    ) as fault:
        problems.append(Problem("cities.bad_document", file="city.toml", detail=fault))
        return {}
    except Problem as problem:
        problems.append(problem)
        return {}
    return found


def _read_table(
    folder: Path, table: TableFile, problems: list[Problem], notes: list[str]
) -> list[Row]:
    path = folder / table.name
    if not path.is_file():
        if not table.optional:
            problems.append(Problem("cities.missing_file", folder=folder, file=table.name))
        return []
    try:
        text = _text_of(path)
    except Problem as problem:
        problems.append(problem)
        return []
    read = _features if table.name.endswith(".geojson") else _lines
    rows = []
    for number, cells, geometry in read(text, table, problems, notes):
        row = _read_row(number, cells, table, problems)
        if row is not None:
            rows.append(row | {"row": number} | ({"geometry": geometry} if geometry else {}))
    return rows


def _check_header(
    names: list[str], table: TableFile, problems: list[Problem], notes: list[str]
) -> bool:
    known = {column.name for column in table.columns}
    for name in names:
        if name in known:
            continue
        if _SECRET.search(name):
            problems.append(Problem("cities.secret_column", file=table.name, column=name))
        else:
            notes.append(f"{table.name}: {name}")
    missing = [c.name for c in table.columns if c.required and c.name not in names]
    problems.extend(
        Problem("cities.missing_column", file=table.name, column=name) for name in missing
    )
    return not missing


def _lines(
    text: str, table: TableFile, problems: list[Problem], notes: list[str]
) -> Iterator[tuple[int, dict[str, str], None]]:
    reader = csv.reader(io.StringIO(text))
    names = [name.strip() for name in next(reader, [])]
    if not _check_header(names, table, problems, notes):
        return
    for cells in reader:
        if not any(cell.strip() for cell in cells):
            continue
        if len(cells) != len(names):
            problems.append(Problem("cities.ragged_row", file=table.name, row=reader.line_num))
            continue
        yield reader.line_num, dict(zip(names, cells, strict=True)), None


def _features(
    text: str, table: TableFile, problems: list[Problem], notes: list[str]
) -> Iterator[tuple[int, dict[str, str], Row]]:
    try:
        features = json.loads(text)["features"]
    except (json.JSONDecodeError, KeyError, TypeError) as fault:
        problems.append(Problem("cities.bad_document", file=table.name, detail=fault))
        return
    if not features or not _check_header(
        list(features[0].get("properties") or {}), table, problems, notes
    ):
        return
    wanted = _GEOMETRIES[table.name]
    for number, feature in enumerate(features, start=1):
        cells = {
            k: "" if v is None else str(v) for k, v in (feature.get("properties") or {}).items()
        }
        geometry = feature.get("geometry") or {}
        if geometry.get("type") not in wanted or not _on_earth(geometry.get("coordinates")):
            problems.append(
                Problem(
                    "cities.bad_geometry",
                    file=table.name,
                    row=number,
                    value=cells.get(table.key[0], ""),
                    wanted="/".join(wanted),
                )
            )
            continue
        yield number, cells, geometry


def _on_earth(coordinates: Any) -> bool:
    """Whether every position lies in China's frame of degrees; metres and swapped axes do not."""
    if not isinstance(coordinates, list) or not coordinates:
        return False
    if isinstance(coordinates[0], list):
        return all(_on_earth(part) for part in coordinates)
    return (
        len(coordinates) >= 2
        and all(isinstance(number, int | float) for number in coordinates)
        and 73 <= coordinates[0] <= 136
        and 3 <= coordinates[1] <= 54
    )


def _read_row(
    number: int, cells: dict[str, str], table: TableFile, problems: list[Problem]
) -> Row | None:
    row: Row = {}
    sound = True
    for column in table.columns:
        try:
            row[column.name] = value_of(
                cells.get(column.name, ""), column=column, file=table.name, row=number
            )
        except Problem as problem:
            problems.append(problem)
            sound = False
    return row if sound else None


def _bare(row: Row) -> Row:
    return {name: value for name, value in row.items() if name != "row"}


def _build(about: Row, tables: Tables, notes: tuple[str, ...]) -> model.City:
    lines = {
        row["reach_id"]: tuple((p[0], p[1]) for p in row["geometry"]["coordinates"])
        for row in tables["rivers.geojson"]
    }

    def rows(file: str, kind: type) -> tuple[Any, ...]:
        return tuple(kind(**_bare(row)) for row in tables[file])

    return model.City(
        **about,
        districts=rows("districts.geojson", model.District),
        units=rows("units.csv", model.Unit),
        people=rows("people.csv", model.Person),
        reaches=tuple(
            model.Reach(**_bare(row), line=lines[row["reach_id"]]) for row in tables["reaches.csv"]
        ),
        sections=rows("sections.csv", model.Section),
        outfalls=tuple(
            model.Outfall(
                **{"outfall_class" if k == "class" else k: v for k, v in _bare(row).items()}
            )
            for row in tables["outfalls.csv"]
        ),
        profiles=rows("profiles.csv", model.Profile),
        limits=rows("limits.csv", model.Limit),
        enterprises=rows("enterprises.csv", model.Enterprise),
        air_stations=rows("air_stations.csv", model.AirStation),
        devices=tuple(
            model.Device(**{**_bare(row), "factors": dict(f.split(":", 1) for f in row["factors"])})
            for row in tables["devices.csv"]
        ),
        responsibilities=rows("responsibility.csv", model.Responsibility),
        notes=notes,
    )
