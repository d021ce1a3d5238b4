"""Put a whole city folder together (生成城市包)."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from qingyuan.cities.columns import table_files
from qingyuan.synth.geography.economy import Economy, Outfall, make_economy
from qingyuan.synth.geography.instruments import (
    AirStation,
    Section,
    device_rows,
    likely_culprits,
    make_air,
    make_sections,
)
from qingyuan.synth.geography.land import Land, make_land, to_degrees
from qingyuan.synth.geography.offices import make_offices
from qingyuan.synth.geography.plan import EFFLUENT, plan
from qingyuan.synth.geography.rivers import Network, make_rivers

__all__ = ["DEMO_SEED", "city_files", "write_city"]

DEMO_SEED = 1  # the seed of the city that comes with the house

Row = dict[str, object]


def city_files(seed: int) -> dict[str, bytes]:
    """Return every file of the invented city for *seed*: name → bytes, the same every time."""
    land = make_land(seed)
    network = make_rivers(seed, city=land.whole)
    economy = make_economy(seed, land=land, network=network)
    sections = make_sections(land, network)
    air = make_air(seed, land=land, economy=economy)
    culprits = likely_culprits(economy, network, sections)
    offices = make_offices(
        seed, land=land, economy=economy, signing=[o.enterprise_id for o in culprits]
    )
    tables: dict[str, Sequence[Row]] = {
        "units.csv": offices.units,
        "people.csv": offices.people,
        "reaches.csv": _reach_rows(land, network),
        "sections.csv": _section_rows(sections),
        "enterprises.csv": _enterprise_rows(economy),
        "outfalls.csv": _outfall_rows(economy),
        "profiles.csv": _profile_rows(
            seed, economy.outfalls, sampled={o.outfall_id for o in culprits}
        ),
        "limits.csv": _limit_rows(economy),
        "air_stations.csv": _air_rows(air),
        "devices.csv": device_rows(seed, sections=sections, outfalls=economy.outfalls, air=air),
        "responsibility.csv": offices.responsibility,
    }
    found = {name: _csv_bytes(name, rows) for name, rows in tables.items()}
    found["city.toml"] = _about(land).encode()
    found["districts.geojson"] = _districts(land)
    found["rivers.geojson"] = _rivers(network)
    return dict(sorted(found.items()))


def write_city(folder: Path, *, seed: int) -> list[Path]:
    """Write the invented city into *folder* and return the files written."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for name, data in city_files(seed).items():
        (folder / name).write_bytes(data)
        written.append(folder / name)
    return written


def _csv_bytes(name: str, rows: Sequence[Row]) -> bytes:
    columns = [column.name for column in table_files()[name].columns]
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([_plain(row[column]) for column in columns] for row in rows)
    return out.getvalue().encode()


def _plain(value: object) -> object:
    if isinstance(value, float):
        return f"{value:.10g}"
    return value


def _about(land: Land) -> str:
    city = plan()["city"]
    points = to_degrees(np.array([[land.whole.centroid.x, land.whole.centroid.y]]))
    return (
        f'code = "{city["code"]}"\nname = "{city["name"]}"\nname_en = "{city["name_en"]}"\n'
        f'fictional = true\nnote = "{city["note"]}"\nepoch = {city["epoch"].isoformat()}\n'
        f"center = [{points[0][0]}, {points[0][1]}]\nzoom = {city['zoom']}\nepsg = {city['epsg']}\n"
    )


def _collection(features: list[Mapping[str, Any]]) -> bytes:
    lines = ",\n".join(json.dumps(f, ensure_ascii=False, separators=(",", ":")) for f in features)
    return ('{"type":"FeatureCollection","features":[\n' + lines + "\n]}\n").encode()


def _districts(land: Land) -> bytes:
    return _collection(
        [
            {
                "type": "Feature",
                "properties": {
                    "code": d.code,
                    "name": d.name,
                    "name_en": d.name_en,
                    "kind": d.kind,
                },
                "geometry": {"type": "Polygon", "coordinates": [to_degrees(d.ring)]},
            }
            for d in land.districts
        ]
    )


def _rivers(network: Network) -> bytes:
    return _collection(
        [
            {
                "type": "Feature",
                "properties": {"reach_id": r.reach_id},
                "geometry": {"type": "LineString", "coordinates": to_degrees(r.line)},
            }
            for r in network.reaches.values()
        ]
    )


def _spot(place: Any) -> Row:
    lon, lat = to_degrees(np.asarray(place)[None, :])[0]
    return {"lon": lon, "lat": lat}


def _reach_rows(land: Land, network: Network) -> list[Row]:
    rows: list[Row] = []
    for r in network.reaches.values():
        flow = r.flow_m3_s
        rows.append(
            {
                "reach_id": r.reach_id,
                "to_reach_id": r.below,
                "river": r.river,
                "river_en": r.river_en,
                "length_m": r.length_m,
                # downstream hydraulic geometry: slope falls and width grows with flow
                "slope": round(0.0016 * max(flow, 0.3) ** -0.45, 6),
                "manning_n": 0.034 if flow < 2 else 0.031,
                "bottom_width_m": round(4.6 * flow**0.5, 2),
                "side_slope": 1.5,
                "flow_m3_s": round(flow, 4),
                "flow_rel_sd": 0.2,
                "kind": "river",
                "district_code": land.district_at(*r.line[len(r.line) // 2]).code,
            }
        )
    return rows


def _section_rows(sections: list[Section]) -> list[Row]:
    return [
        {
            "section_id": s.section_id,
            "name": s.name,
            "name_en": s.name_en,
            "reach_id": s.reach_id,
            "position_m": s.position_m,
            **_spot(s.place),
            "kind": s.kind,
            "district_code": s.district.code,
            "target_class": s.target_class,
            "water_type": "river",
            "interval_min": 1,
        }
        for s in sections
    ]


def _enterprise_rows(economy: Economy) -> list[Row]:
    return [
        {
            "enterprise_id": e.enterprise_id,
            "name": e.name,
            "name_en": e.name_en,
            "credit_code": e.credit_code,
            "trade": e.trade.code,
            "trade_name": e.trade.name,
            "district_code": e.district.code,
            "town_code": e.town.code,
            "address": e.address,
            **_spot(e.place),
            "size": e.size,
            "permit_no": "" if e.permit_class == "registered" else e.credit_code + "001P",
            "permit_class": e.permit_class,
        }
        for e in economy.enterprises
    ]


def _outfall_rows(economy: Economy) -> list[Row]:
    return [
        {
            "outfall_id": o.outfall_id,
            "official_code": "",
            "name": o.name,
            "name_en": o.name_en,
            "reach_id": o.reach_id,
            "position_m": o.position_m,
            "bank": o.bank,
            **_spot(o.place),
            "class": o.kind,
            "trade": o.trade,
            "enterprise_id": o.enterprise_id,
            "district_code": o.district.code,
            "town_code": o.town.code,
            "permitted_m3_d": round(o.flow_m3_d * 1.25) if o.enterprise_id else "",
            "max_flow_m3_s": round(max(o.flow_m3_d * 6 / 86400, 0.01), 4),
            "prior_weight": 1,
            "online": int(o.online),
        }
        for o in economy.outfalls
    ]


def _profile_rows(seed: int, outfalls: list[Outfall], *, sampled: set[str]) -> list[Row]:
    """Write what samples would show: the true mean seen through a few scattered samples.

    Monitored outfalls and those of *sampled* (strong ones above a section) have been sampled.
    """
    rng = np.random.default_rng([seed, 53])
    rows: list[Row] = []
    for o in outfalls:
        chance = rng.random() < (0.75 if o.enterprise_id else 0.3)
        known = o.online or chance or o.outfall_id in sampled
        count = int(rng.integers(8, 36)) if o.online else int(rng.integers(2, 9))
        for factor, mean in zip(EFFLUENT, o.effluent, strict=True):
            spread = float(rng.uniform(0.2, 0.5))
            seen = np.log(mean) - spread**2 / 2 + float(rng.normal(0, spread / count**0.5))
            if known:
                rows.append(
                    {
                        "outfall_id": o.outfall_id,
                        "factor": factor,
                        "n": count,
                        "ln_mean": round(float(seen), 3),
                        "ln_sd": round(spread, 3),
                    }
                )
    return rows


def _limit_rows(economy: Economy) -> list[Row]:
    """Limits: GB 18918-2002 表1 一级A for works, GB 8978-1996 表4 一级 for industry."""
    works = (
        "GB 18918-2002",
        "一级A（水温>12℃）",
        (("w01018", "50"), ("w21003", "5"), ("w21011", "0.5"), ("w21001", "15")),
    )
    industry = ("GB 8978-1996", "表4一级", (("w01018", "100"), ("w21003", "15"), ("w21017", "10")))
    rows: list[Row] = []
    for o in economy.outfalls:
        if not o.enterprise_id or o.kind == "规模化畜禽养殖排污口":
            continue
        standard, level, limits = works if "污水处理厂" in o.kind else industry
        rows.extend(
            {
                "outfall_id": o.outfall_id,
                "factor": factor,
                "limit": limit,
                "unit": "mg/L",
                "averaging": "daily",
                "standard": standard,
                "level": level,
                "valid_from": "2021-01-01",
                "valid_to": "",
            }
            for factor, limit in limits
        )
    return rows


def _air_rows(air: list[AirStation]) -> list[Row]:
    return [
        {
            "station_id": a.station_id,
            "name": a.name,
            "name_en": a.name_en,
            **_spot(a.place),
            "district_code": a.district.code,
            "kind": a.kind,
        }
        for a in air
    ]
