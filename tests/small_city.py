"""A city of two districts and three reaches, as values, for tests of the ledgers."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

from qingyuan import cities

__all__ = ["AT", "small_city"]

AT = datetime(2026, 9, 22, 1, 0, tzinfo=UTC)  # 09:00 in the city


def _square(west: float) -> dict[str, object]:
    ring = [[west, 36.0], [west + 1, 36.0], [west + 1, 37.0], [west, 37.0], [west, 36.0]]
    return {"type": "Polygon", "coordinates": [ring]}


def _reach(
    code: str, to: str, line: tuple[tuple[float, float], ...], length: float
) -> cities.Reach:
    return cities.Reach(
        reach_id=code, to_reach_id=to, river="望澜河", river_en="Wanglan River", length_m=length, slope=0.0005,
        manning_n=0.03, bottom_width_m=12, side_slope=2, flow_m3_s=3, kind="river", line=line,
    )  # fmt: skip


def _section(code: str, name: str, reach: str, position: float, district: str) -> cities.Section:
    return cities.Section(
        section_id=code, name=name, name_en="", reach_id=reach, position_m=position, lon=120.5, lat=36.5,
        kind="city", district_code=district, target_class="Ⅲ", water_type="river", interval_min=30,
    )  # fmt: skip


def _person(username: str, name: str, unit: str, role: str, enterprise: str = "") -> cities.Person:
    return cities.Person(
        username=username, name=name, unit_code=unit, roles=(role,), enterprise_id=enterprise
    )


def small_city() -> cities.City:
    """Two districts, three reaches, three sections, two outfalls, five people."""
    return cities.City(
        code="379900", name="清河市", name_en="Qinghe", fictional=True, center=(120.9, 36.5), zoom=9.0, epsg=4549,
        districts=(
            cities.District(code="379901", name="东山区", name_en="Dongshan", kind="urban", geometry=_square(120.0)),
            cities.District(code="379902", name="西河县", name_en="Xihe", kind="county", geometry=_square(121.0)),
        ),
        units=(
            cities.Unit(code="east", parent_code="bureau", name="东山分局", kind="branch", district_code="379901"),
            cities.Unit(code="bureau", name="市生态环境局", kind="bureau"),
            cities.Unit(code="west", parent_code="bureau", name="西河分局", kind="branch", district_code="379902"),
            cities.Unit(code="team", parent_code="bureau", name="执法支队", kind="team"),
        ),
        people=(
            _person("duty", "值班员甲", "bureau", "duty_officer"),
            _person("east1", "东山经办", "east", "district_officer"),
            _person("west1", "西河经办", "west", "district_officer"),
            _person("ent1", "企业环保", "", "enterprise", "E1"),
            _person("admin1", "管理员", "bureau", "system_admin"),
        ),
        reaches=(
            _reach("R1", "R3", ((120.1, 36.9), (120.5, 36.5)), 3000),
            _reach("R2", "R3", ((120.9, 36.9), (120.5, 36.5)), 2000),
            _reach("R3", "", ((120.5, 36.5), (121.5, 36.1)), 5000),
        ),
        sections=(
            _section("S1", "望澜桥", "R1", 1000, "379901"),
            _section("S2", "青石桥", "R2", 500, "379901"),
            _section("S3", "入海口", "R3", 4000, "379902"),
        ),
        enterprises=(
            cities.Enterprise(
                enterprise_id="E1", name="清河印染有限公司", credit_code="91370200000000001X", trade="1713",
                trade_name="棉印染精加工", district_code="379901", lon=120.4, lat=36.6, permit_class="key",
            ),
            cities.Enterprise(
                enterprise_id="E2", name="西河食品厂", credit_code="91370200000000002X", trade="1361",
                trade_name="水产品冷冻加工", district_code="379902", lon=121.4, lat=36.2,
            ),
        ),
        outfalls=(
            cities.Outfall(
                outfall_id="O1", name="清河印染排污口", reach_id="R1", position_m=200, lon=120.2, lat=36.8,
                outfall_class="工业排污口", enterprise_id="E1", district_code="379901", permitted_m3_d=1200, online=True,
            ),
            cities.Outfall(
                outfall_id="O2", name="西河食品排污口", reach_id="R3", position_m=3000, lon=121.2, lat=36.2,
                outfall_class="工业排污口", enterprise_id="E2", district_code="379902", online=False,
            ),
        ),
        profiles=(cities.Profile(outfall_id="O1", factor="w21003", n=12, ln_mean=0.5, ln_sd=0.4),),
        limits=(
            cities.Limit(
                outfall_id="O1", factor="w21003", limit=Decimal("8"), unit="mg/L", averaging="hourly",
                standard="GB 4287-2012", level="表2 直接排放", valid_from=date(2015, 1, 1),
            ),
        ),
        air_stations=(
            cities.AirStation(station_id="A1", name="东山站", lon=120.3, lat=36.3, district_code="379901", kind="assessed"),
        ),
        devices=tuple(
            cities.Device(
                mn=mn, station=station, st=st, password="123456", dialect="2017", crc=("standard",), answer="flag",
                label="start", encoding="utf-8", factors={"w21003": "mg/L"}, interval_s=60, active=True,
            )
            for mn, station, st in [
                ("A37990000000000000000S01", "section:S1", "21"),
                ("A37990000000000000000S03", "section:S3", "21"),
                ("A37990000000000000000D01", "outfall:O1", "32"),
            ]
        ),
        responsibilities=(
            cities.Responsibility(district_code="379901", matter="water", unit_code="east", username="east1", sponsor="duty"),
            cities.Responsibility(district_code="379902", matter="water", unit_code="west", username="west1"),
        ),
    )  # fmt: skip
