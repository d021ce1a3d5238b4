"""Sections, air stations and the loggers that speak for them (断面、空气点位、数采仪)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qingyuan.synth.geography.economy import Economy, Outfall
from qingyuan.synth.geography.land import District, Land
from qingyuan.synth.geography.plan import EFFLUENT, plan
from qingyuan.synth.geography.rivers import Network

__all__ = ["AirStation", "Section", "device_rows", "likely_culprits", "make_air", "make_sections"]

_NINE = {
    "w01010": "℃",
    "w01001": "无量纲",
    "w01009": "mg/L",
    "w01014": "μS/cm",
    "w01003": "NTU",
    "w01019": "mg/L",
    "w21003": "mg/L",
    "w21011": "mg/L",
    "w21001": "mg/L",
}
_SECTION_MORE = {"w01018": "mg/L", "w21017": "mg/L"}
_OUTFALL = {"w00000": "L/s", "w01018": "mg/L", "w21003": "mg/L", "w21011": "mg/L"}
_AIR = {
    "a34004": "μg/m³",
    "a34002": "μg/m³",
    "a21026": "μg/m³",
    "a21004": "μg/m³",
    "a21005": "mg/m³",
    "a05024": "μg/m³",
    "a01001": "℃",
    "a01002": "%",
    "a01007": "m/s",
    "a01008": "°",
}


@dataclass(frozen=True, slots=True)
class Section:
    """A monitored section on its reach."""

    section_id: str
    name: str
    name_en: str
    reach_id: str
    position_m: float
    place: NDArray[np.float64]
    kind: str
    target_class: str
    district: District


@dataclass(frozen=True, slots=True)
class AirStation:
    """An ambient air station."""

    station_id: str
    name: str
    name_en: str
    place: NDArray[np.float64]
    kind: str
    district: District


def make_sections(land: Land, network: Network) -> list[Section]:
    """Return the sections of the plan on their reaches."""
    found = []
    for number, (river, share, name, en, kind, target) in enumerate(plan()["sections"]["rows"]):
        reach, position = network.at_share(river, share)
        position = float(round(min(max(position, 50), reach.length_m - 50)))
        place, _ = reach.place(position)
        found.append(
            Section(
                f"S{number + 1:02d}",
                name,
                en,
                reach.reach_id,
                position,
                place,
                kind,
                target,
                land.district_at(*place),
            )
        )
    return found


def make_air(seed: int, *, land: Land, economy: Economy) -> list[AirStation]:
    """Return the air stations, each a little away from its town's centre."""
    rng = np.random.default_rng([seed, 43])
    found = []
    for number, (town, name, en, kind) in enumerate(plan()["air"]["rows"]):
        place = economy.towns[town].place + rng.normal(0, 0.6, 2)
        found.append(
            AirStation(f"A{number + 1:02d}", name, en, place, kind, land.district_at(*place))
        )
    return found


def likely_culprits(economy: Economy, network: Network, sections: list[Section]) -> list[Outfall]:
    """List outfalls of enterprises whose ammonia could carry the next section over its limit.

    Two to ten kilometres above a section, on water small enough that a release shows; the
    strongest of every section first, then the second of every section, and so on.
    """
    by_section: dict[str, list[Outfall]] = {}
    for outfall in economy.outfalls:
        if outfall.kind != "工业企业排污口" or outfall.flow_m3_d < 200 or not _rich(outfall):
            continue
        section = _section_below(outfall, network, sections)
        if section:
            by_section.setdefault(section, []).append(outfall)
    for found in by_section.values():
        found.sort(key=lambda o: -o.effluent[1] * o.flow_m3_d)
    rounds = max(map(len, by_section.values()), default=0)
    return [rows[k] for k in range(rounds) for rows in by_section.values() if k < len(rows)]


def _rich(outfall: Outfall) -> bool:
    """Whether ammonia, of all it lets out, would pass its limit first."""
    told = dict(zip(EFFLUENT, outfall.effluent, strict=True))
    ammonia = told["w21003"]
    return (
        ammonia >= 1.5
        and told["w01018"] <= 16 * ammonia
        and told["w01019"] <= 5 * ammonia
        and told["w21011"] <= 0.25 * ammonia
    )


def _section_below(outfall: Outfall, network: Network, sections: list[Section]) -> str:
    left = -outfall.position_m
    for reach in network.downstream(outfall.reach_id):
        ahead = [s for s in sections if s.reach_id == reach.reach_id and left + s.position_m > 0]
        if ahead:
            section = min(ahead, key=lambda s: s.position_m)
            near = 2000 <= left + section.position_m <= 10500 and reach.flow_m3_s < 5
            return section.section_id if near else ""
        left += reach.length_m
    return ""


def _device(
    number: int,
    st: str,
    station: str,
    factors: dict[str, str],
    interval_s: int,
    rng: np.random.Generator,
) -> dict[str, object]:
    return {
        "mn": f"A980100000{st}{number:012X}",
        "station": station,
        "st": st,
        "password": f"{int(rng.integers(100000, 999999))}",
        "dialect": "2017",
        "crc": "standard",
        "repairs": "",
        "answer": "flag",
        "label": "start",
        "encoding": "utf-8",
        "factors": ";".join(f"{code}:{unit}" for code, unit in factors.items()),
        "interval_s": interval_s,
        "active": 1,
    }


def device_rows(
    seed: int, *, sections: list[Section], outfalls: list[Outfall], air: list[AirStation]
) -> list[dict[str, object]]:
    """Return one logger for every section, monitored outfall and air station."""
    rng = np.random.default_rng([seed, 47])
    rows = []
    for number, section in enumerate(sections, start=1):
        factors = _NINE | (_SECTION_MORE if section.kind != "city" else {})
        rows.append(_device(number, "21", f"section:{section.section_id}", factors, 60, rng))
    watched = [o for o in outfalls if o.online]
    for number, outfall in enumerate(watched, start=1):
        rows.append(_device(number, "32", f"outfall:{outfall.outfall_id}", _OUTFALL, 300, rng))
    for number, station in enumerate(air, start=1):
        rows.append(_device(number, "22", f"air:{station.station_id}", _AIR, 300, rng))
    return rows
