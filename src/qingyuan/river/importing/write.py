"""Writing (写出): the network as files of the event and city formats, and the report of repairs."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from qingyuan.river.event import Reach
from qingyuan.river.importing.assemble import Imported
from qingyuan.river.importing.place import Placed

__all__ = ["write_network"]

_OURS = {"reach_id", "position_m", "snap_m", "also_near"}


def write_network(found: Imported, folder: Path | str) -> Path:
    """Write ``reaches.csv rivers.geojson repairs.csv`` and what was placed; return the folder.

    The columns are those of the event folder and of a city folder; ``river estimated`` and, for
    places, ``snap_m also_near`` come on top and are kept by readers that do not know them.
    """
    home = Path(folder)
    home.mkdir(parents=True, exist_ok=True)
    head = [*Reach._fields, "river", "estimated"]
    rows = [
        [*_cells(reach), river, ";".join(guessed)]
        for reach, river, guessed in zip(found.reaches, found.rivers, found.estimated, strict=True)
    ]
    _write(home / "reaches.csv", head, rows)
    features = [
        {
            "type": "Feature",
            "properties": {"reach_id": reach.reach_id},
            "geometry": {
                "type": "LineString",
                "coordinates": [[round(float(x), 7), round(float(y), 7)] for x, y in line],
            },
        }
        for reach, line in zip(found.reaches, found.lines, strict=True)
    ]
    text = json.dumps({"type": "FeatureCollection", "features": features}, ensure_ascii=False)
    (home / "rivers.geojson").write_text(text + "\n", "utf-8")
    _write(
        home / "repairs.csv",
        ["kind", "feature", "lon", "lat", "amount_m", "other", "zh", "en"],
        (
            [
                one.kind, one.feature_id, f"{one.lon:.7f}", f"{one.lat:.7f}", f"{one.amount:.2f}",
                one.other, one.says("zh"), one.says("en"),
            ]
            for one in found.repairs
        ),
    )  # fmt: skip
    for name, key, placed in (
        ("sections", "section_id", found.sections),
        ("outfalls", "outfall_id", found.outfalls),
    ):
        if placed:
            _write_placed(home / f"{name}.csv", key, placed)
    return home


def _cells(reach: Reach) -> list[object]:
    return ["" if v is None else f"{v:.10g}" if isinstance(v, float) else v for v in reach]


def _write_placed(path: Path, key: str, placed: Sequence[Placed]) -> None:
    given = [name for name in placed[0].properties if name not in _OURS and name != key]
    place = [] if {"lon", "lat"} <= set(given) else ["lon", "lat"]
    rows = []
    for one in placed:
        name: Any = one.properties.get(key) or one.feature.feature_id
        point = one.feature.geometry.centroid
        here = [f"{point.x:.7f}", f"{point.y:.7f}"] if place else []
        rest = [one.properties.get(column, "") for column in given]
        rows.append(
            [name, one.reach_id, one.position_m, *here, *("" if v is None else v for v in rest), one.snap_m, one.also]
        )  # fmt: skip
    _write(path, [key, "reach_id", "position_m", *place, *given, "snap_m", "also_near"], rows)


def _write(path: Path, head: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(head)
    writer.writerows(rows)
    path.write_text(text.getvalue(), "utf-8")
