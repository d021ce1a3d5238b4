"""A city as values (城市): what `read_city` returns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

__all__ = [
    "AirStation",
    "City",
    "Device",
    "District",
    "Enterprise",
    "Limit",
    "Outfall",
    "Person",
    "Profile",
    "Reach",
    "Responsibility",
    "Section",
    "Unit",
]

Point = tuple[float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class District:
    """A district (区市); ``geometry`` is GeoJSON in CGCS2000."""

    code: str
    name: str
    name_en: str = ""
    kind: str
    geometry: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """An office (机构) of the tree that begins at the bureau."""

    code: str
    parent_code: str = ""
    name: str
    name_en: str = ""
    kind: str
    district_code: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """A person (人员) with a unit and roles, or of an enterprise."""

    username: str
    name: str
    name_en: str = ""
    title: str = ""
    unit_code: str = ""
    roles: tuple[str, ...]
    enterprise_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """A reach (河段); ``line`` runs downstream."""

    reach_id: str
    to_reach_id: str = ""
    river: str
    river_en: str = ""
    length_m: float
    slope: float
    manning_n: float
    bottom_width_m: float
    side_slope: float
    flow_m3_s: float
    flow_rel_sd: float | None = None
    kind: str
    district_code: str = ""
    line: tuple[Point, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A monitored section (监测断面)."""

    section_id: str
    name: str
    name_en: str = ""
    reach_id: str
    position_m: float
    lon: float
    lat: float
    kind: str
    district_code: str
    target_class: str
    water_type: str
    interval_min: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Enterprise:
    """An enterprise (企业)."""

    enterprise_id: str
    name: str
    name_en: str = ""
    credit_code: str
    trade: str
    trade_name: str
    district_code: str
    town_code: str = ""
    address: str = ""
    lon: float
    lat: float
    size: str = ""
    permit_no: str = ""
    permit_class: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outfall:
    """An outfall into a river (入河排污口); ``outfall_class`` is column ``class`` (HJ 1312)."""

    outfall_id: str
    official_code: str = ""
    name: str
    name_en: str = ""
    reach_id: str
    position_m: float
    bank: str = ""
    lon: float
    lat: float
    outfall_class: str
    trade: str = ""
    enterprise_id: str = ""
    district_code: str
    town_code: str = ""
    permitted_m3_d: float | None = None
    max_flow_m3_s: float | None = None
    prior_weight: float | None = None
    online: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """What an outfall's own samples say of one factor (排污口历史浓度)."""

    outfall_id: str
    factor: str
    n: int
    ln_mean: float
    ln_sd: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """One discharge limit of one outfall (排放限值), in force ``[valid_from, valid_to)``."""

    outfall_id: str
    factor: str
    limit: Decimal
    unit: str
    averaging: str
    standard: str
    level: str = ""
    valid_from: date
    valid_to: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AirStation:
    """An ambient air station (环境空气监测点位)."""

    station_id: str
    name: str
    name_en: str = ""
    lon: float
    lat: float
    district_code: str
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Device:
    """A connected logger (数采仪) and how it speaks; ``factors`` maps code to unit."""

    mn: str
    station: str
    st: str
    password: str = field(repr=False)
    dialect: str
    crc: tuple[str, ...]
    repairs: tuple[str, ...] = ()
    answer: str
    label: str
    encoding: str
    factors: Mapping[str, str]
    interval_s: int
    active: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Responsibility:
    """Who answers for one matter in one district (责任矩阵)."""

    district_code: str
    matter: str
    unit_code: str
    username: str
    sponsor: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class City:
    """A whole city folder, checked (城市).

    ``epoch`` is the instant at which city time starts in the demo; a real city has none.
    ``notes`` name what was read over, such as columns that are not documented.
    """

    code: str
    name: str
    name_en: str
    fictional: bool
    note: str = ""
    epoch: datetime | None = None
    outfall_code_pattern: str = ""  # 官方排污口编码的格式（正则），空为不核对
    center: Point
    zoom: float
    epsg: int
    districts: tuple[District, ...]
    units: tuple[Unit, ...]
    people: tuple[Person, ...]
    reaches: tuple[Reach, ...]
    sections: tuple[Section, ...]
    outfalls: tuple[Outfall, ...]
    profiles: tuple[Profile, ...]
    limits: tuple[Limit, ...]
    enterprises: tuple[Enterprise, ...]
    air_stations: tuple[AirStation, ...]
    devices: tuple[Device, ...]
    responsibilities: tuple[Responsibility, ...]
    notes: tuple[str, ...] = ()

    def responsible_for(self, district_code: str, matter: str) -> Responsibility | None:
        """Return the row of the matrix for *district_code* and *matter*, or None."""
        for row in self.responsibilities:
            if (row.district_code, row.matter) == (district_code, matter):
                return row
        return None
