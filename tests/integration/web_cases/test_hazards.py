"""镇街突出点：按镇街与风险等级列出，各有管控标准；列表、图层、导出是同一批。"""

from __future__ import annotations

import io
from datetime import timedelta
from decimal import Decimal

import pytest
from django.urls import reverse
from python_calamine import CalamineWorkbook

from qingyuan.host.citytime import CityClock

pytestmark = pytest.mark.django_db


@pytest.fixture
def ask(client, town, monkeypatch):
    monkeypatch.setattr(CityClock, "now", lambda self: town.at + timedelta(minutes=30))

    def get(who: str, route: str, **query: str):
        client.force_login(town.who(who))
        return client.get(reverse(route), query)

    return get


def _hazard(desk, place: str, risk: str, **more):
    form = {
        "place": place,
        "risk": risk,
        "standard": f"{place}每周查一次",
        "key_point": True,
        **more,
    }
    return desk.open(
        procedure="hazard", title=place, enterprise_id=None, section_code="", form=form
    )


def test_key_points_by_town_and_risk_on_list_layer_and_sheet_alike(ask, town):
    first = _hazard(
        town, "粪污塘", "major", town="河口镇", lon=Decimal("120.41"), lat=Decimal("36.12")
    )
    _hazard(town, "料堆", "low", town="河口镇")
    _hazard(town, "旧坑塘", "larger", town="东山镇")
    _hazard(town, "一般隐患", "general", town="东山镇", key_point=False)
    town.do(
        first,
        "duty",
        "assign",
        unit="east",
        person="east1",
        due_on=(town.at + timedelta(days=3)).date(),
    )
    answer = ask("duty", "hazards")
    page = answer.context
    assert [(t.name, t.total) for t in page["towns"]] == [("河口镇", 2), ("东山镇", 1)]
    assert [h.place for h in page["rows"]] == ["粪污塘", "旧坑塘", "料堆"]
    html = answer.content.decode()
    assert "粪污塘每周查一次" in html
    assert "一般隐患" not in html
    assert len(ask("duty", "hazards", all="1").context["rows"]) == 4
    assert [h.place for h in ask("duty", "hazards", town="河口镇", risk="low").context["rows"]] == [
        "料堆"
    ]
    drawn = ask("duty", "hazards-layer").json()["features"]
    assert [f["properties"]["code"] for f in drawn] == [first.number]
    assert drawn[0]["geometry"]["coordinates"] == [120.41, 36.12]
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(ask("duty", "hazards-export").content))
    cells = [
        c
        for name in sheet.sheet_names
        for row in sheet.get_sheet_by_name(name).to_python()
        for c in row
    ]
    assert "粪污塘每周查一次" in cells
    assert "河口镇" in cells
    assert ask("west1", "hazards").context["rows"] == []
    assert ask("ent1", "hazards").status_code == 404


def test_a_town_without_key_points_says_how_to_enter_one(ask):
    html = ask("duty", "hazards").content.decode()
    assert "没有在办的突出点" in html
