"""A town with dust in it: sites of both districts, seats of two departments, a patch from above."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import shapely

from case_town import Town, photo
from qingyuan.core.periods import city_date
from qingyuan.web.accounts.models import Unit
from qingyuan.web.accounts.services import put_person, put_unit
from qingyuan.web.audit.services import SYSTEM
from qingyuan.web.dust import services
from qingyuan.web.dust.models import Lead, Round, SiteRecord
from qingyuan.web.dust.services import Said
from qingyuan.web.dust.tables import measures

__all__ = ["EAST", "WEST", "a_patch", "a_round", "a_site", "seat_departments", "sheet", "square"]

EAST, WEST = (120.3, 36.3), (121.3, 36.3)
STEP = 0.001  # about 90 m east, 111 m north


def square(lon: float, lat: float, side: float = STEP) -> shapely.Geometry:
    return shapely.box(lon, lat, lon + side, lat + side)


def a_site(town: Town, code: str = "YC-1", district: str = "379901", **more: Any) -> SiteRecord:
    """Register a construction site; an area unless a place is given."""
    lon, lat = EAST if district == "379901" else WEST
    shape = more.pop("shape", square(lon, lat))
    values = {
        "name_zh": f"{code}工地",
        "kind": "construction",
        "district_id": district,
        "department": "housing",
        "holder": "清河建工",
        "address": "东山路 1 号",
        **more,
    }
    return services.register_site(
        code=code,
        values=values,
        shape=shape,
        valid_from=city_date(town.at) - timedelta(days=30),
        by=town.who("head"),
        at=town.at,
    )


def a_patch(town: Town, code: str = "TB-1", district: str = "379901", **more: Any) -> Lead:
    """Bring one patch seen from a satellite."""
    lon, lat = EAST if district == "379901" else WEST
    shape = more.pop("shape", square(lon, lat))
    values = {
        "code": code,
        "seen_by": "satellite",
        "taken_on": city_date(town.at) - timedelta(days=3),
        "kind": "construction",
        "district_id": district,
        "image": "高分二号 0.8 m",
        **more,
    }
    (lead,) = services.take_leads([(values, shape)], by=town.who("duty"), at=town.at)
    return lead


def seat_departments(town: Town) -> None:
    """Seat the enforcement office and the traffic police, each with a person."""
    for department, unit, name, person in (
        ("enforcement", "zhzf", "综合执法局", "zf1"),
        ("traffic_police", "jj", "交警支队", "jj1"),
        ("housing", "zj", "住建局", "zj1"),
    ):
        row = put_unit(
            code=unit, parent=None, name_zh=name, name_en="", kind="department", district_code=""
        )
        user = put_person(
            username=person, name=f"{name}经办", unit=row, role_names=["district_officer"],
            at=town.at, by=SYSTEM,
        )  # fmt: skip
        services.put_seat(
            department=department, unit=Unit.objects.get(pk=row.pk), person=user,
            valid_from=city_date(town.at), by=town.who("head"), at=town.at,
        )  # fmt: skip


def a_round(town: Town, *records: SiteRecord) -> Round:
    return services.plan_round(
        title="秋季扬尘督导", team="第一督导组", leader=town.who("duty"),
        members=[town.who("second")], records=records, from_on=city_date(town.at),
        to_on=city_date(town.at) + timedelta(days=7), by=town.who("head"), at=town.at,
    )  # fmt: skip


def sheet(town: Town, **bad: str) -> dict[str, Said]:
    """Return a filled-in sheet: every measure kept but those named, each with a photo."""
    return {
        m.code: Said("bad", bad[m.code], (f"{m.code}.jpg", photo()))
        if m.code in bad
        else Said("ok")
        for m in measures(on=city_date(town.at))
    }
