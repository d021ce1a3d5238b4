from __future__ import annotations

import json
import re
from datetime import timedelta

import pytest
from django.urls import reverse

from qingyuan.core.periods import city_date
from qingyuan.store.observations import Observations
from qingyuan.store.quarantine import Quarantine
from qingyuan.web.accounts.scope import scope_of
from qingyuan.web.monitoring import selectors
from qingyuan.web.monitoring.selectors.quarantine import shown
from qingyuan.web.monitoring.services import absorb

pytestmark = pytest.mark.django_db
PACKET = b"##0101QN=20160801085857223;ST=32;CN=1062;PW=100000;MN=010000A8900016F000169DC0;Flag=5;CP=&&RtdInterval=30&&1C81\r\n"


@pytest.fixture
def observations(tmp_path, settings):
    """The table where the pages look for it; the city's clock stands at ten minutes past."""
    from qingyuan.host.folder import DataFolder

    settings.FOLDER = DataFolder(tmp_path)
    return Observations(settings.FOLDER.store)


@pytest.fixture
def enter(client, person, monkeypatch, at):
    from qingyuan.web.project import middleware

    monkeypatch.setattr(middleware._clock, "now", lambda: at + timedelta(minutes=10))

    def sign_in(username: str):
        client.force_login(person(username))
        return client

    return sign_in


@pytest.fixture
def full(city, observations, arrive, at):
    arrive({0: "0.80", 1: "1.20", 2: "1.34", 3: "1.40"})
    arrive({1: "0.7", 2: "0.9"}, station="section:S3")
    arrive({0: "3.0", 2: "9.0"}, station="outfall:O1")
    arrive({2: "7.20"}, factor="w01001", unit="无量纲")
    absorb(observations, at=at + timedelta(minutes=3, seconds=5))


def _text(client, name, *args, **query):
    answer = client.get(reverse(name, args=args), query)
    assert answer.status_code == 200, answer.status_code
    return answer.content.decode()


def test_the_list_shows_class_target_and_what_is_over(full, enter):
    text = _text(enter("duty"), "sections")
    for words in ("望澜桥", "氨氮(0.40)", "Ⅳ", "Ⅲ", "超标", "达标"):
        assert words in text, words


def test_a_section_page_has_chart_limit_table_upstream_and_alarm(full, enter):
    text = _text(enter("duty"), "section", "S3", factor="w21003")
    config = json.loads(
        re.search(r'<script type="application/json">(.*?)</script>', text, re.S).group(1)
    )
    assert config["unit"] == "mg/L"
    assert config["limit"] | {"standard": ""} == {
        "value": "1",
        "standard": "",
        "class": "Ⅲ",
        "bound": "max",
    }
    assert config["limit"]["standard"].startswith("GB 3838-2002")
    assert [s["name"] for s in config["series"]] == ["入海口", "望澜桥"]
    assert config["series"][1]["lag_hours"] > 0
    assert config["series"][0]["points"][-1][1] == "0.9"
    assert config["classes"][-1] == ["劣Ⅴ", None]
    for words in ("上游断面", "青石桥", "表格：逐次读数"):
        assert words in text, words


def test_the_data_endpoint_says_the_same_as_the_page(full, enter):
    payload = (
        enter("duty")
        .get(reverse("section-series", args=["S1"]), {"factor": "w21003", "hours": "24"})
        .json()
    )
    assert (payload["station"], payload["step"], payload["limit_text"]) == (
        "section:S1",
        "reading",
        "≤1 mg/L",
    )
    assert [p[1] for p in payload["series"][0]["points"]] == ["0.80", "1.20", "1.34", "1.40"]


def test_a_long_chart_shows_hourly_means(full, enter):
    payload = (
        enter("duty")
        .get(reverse("section-series", args=["S1"]), {"factor": "w21003", "hours": "168"})
        .json()
    )
    assert payload["step"] == "hour"
    assert [p[1] for p in payload["series"][0]["points"]] == ["1.185"]


def test_files_of_outfall_and_enterprise(full, enter):
    client = enter("duty")
    assert "9.0" in _text(client, "outfall-online", "O1")
    text = _text(client, "enterprise", "E1")
    for words in ("91370200000000001X", "重点管理", "清河印染排污口", "企业环保"):
        assert words in text, words
    assert "清河印染有限公司" in _text(client, "enterprises", text="qhyr")


def test_an_enterprise_sees_its_own_file_alone(full, enter):
    client = enter("ent1")
    assert "清河印染排污口" in _text(client, "enterprise", "E1")
    assert "9.0" in _text(client, "outfall-online", "O1")
    for name, code in (("enterprise", "E2"), ("outfall-online", "O2"), ("section", "S1")):
        assert client.get(reverse(name, args=[code])).status_code == 404, name


def test_another_districts_section_is_not_there(full, enter):
    client = enter("west1")
    assert client.get(reverse("section", args=["S1"])).status_code == 404
    names = [s["name"] for s in client.get(reverse("section-series", args=["S3"])).json()["series"]]
    assert names == ["入海口"]


def test_sources_say_who_is_heard(full, enter):
    text = _text(enter("duty"), "sources")
    assert "在线" in text
    assert "A37990000000000000000S01" in text
    assert "123456" not in text  # the devices' password


def test_quarantine_shows_reasons_bytes_and_meaning_without_the_password(full, enter, tmp_path, at):
    Quarantine(tmp_path / "store").append(
        [
            {
                "received_at": at,
                "reason": "gateway.unknown_device",
                "mn": "010000A8900016F000169DC0",
                "raw": PACKET,
                "peer": "10.0.0.9:5000",
                "segment": 3,
                "offset": 4096,
            }
        ]
    )
    client = enter("duty")
    text = _text(client, "quarantine")
    for words in ("gateway.unknown_device", "未登记", "10.0.0.9:5000", "CN=1062", "PW=******"):
        assert words in text, words
    told = _text(client, "quarantine-packet", 3, 4096)
    for words in ("设置实时数据间隔", "1C81", "1C80", "为何隔离"):
        assert words in told, words
    assert "PW=100000" not in text + told
    assert ">100000<" not in told
    assert "没有符合条件的包" in _text(enter("duty"), "quarantine", mn="nobody")


def test_bytes_are_shown_safely():
    assert shown(b"a<b>\xff\\\r\nPW=123456;x") == "a<b>\\xff\\x5c\\x0d\\x0aPW=******;x"


@pytest.mark.parametrize("name", ["sections", "enterprises", "sources", "quarantine"])
def test_empty_pages_say_what_will_appear(db, observations, client, name, at):
    from qingyuan.web.accounts.services import put_person, put_unit
    from qingyuan.web.audit.services import SYSTEM

    unit = put_unit(
        code="b", parent=None, name_zh="局", name_en="", kind="bureau", district_code=""
    )
    client.force_login(
        put_person(
            username="d", name="值班", unit=unit, role_names=["duty_officer"], at=at, by=SYSTEM
        )
    )
    assert "qy-empty" in _text(client, name)


def test_the_map_gets_classes_and_units(full, person, at):
    scope = scope_of(person("duty"), on=city_date(at))
    points = {
        f["properties"]["code"]: f["properties"]
        for f in selectors.sections_geojson(scope, at=at)["features"]
    }
    assert (points["S1"]["water_class"], points["S1"]["meets"], points["S3"]["water_class"]) == (
        "Ⅳ",
        False,
        "Ⅲ",
    )
    lines = selectors.reaches_geojson(scope, at=at)
    assert lines["units"]["flow_m3_s"] == "m³/s"
    assert {f["properties"]["code"]: f["properties"]["water_class"] for f in lines["features"]}[
        "R1"
    ] == "Ⅳ"


def test_rules_are_shown_to_all_and_published_by_the_department(full, enter, person, at):
    from qingyuan.web.accounts.models import RoleGrant, User

    text = _text(enter("duty"), "rules")
    assert "最近 3 次中有 2 次超过限值即告警" in text
    assert "设计值，未经核对" in text
    client = enter("duty")
    given = selectors.rules_text("readings-2026").replace("readings-2026", "qinghe-2027")
    assert client.post(reverse("rules-publish"), {"text": given}).status_code == 404
    head = User.objects.create_user(username="head", name="综合组", unit=person("duty").unit)
    RoleGrant.objects.create(
        user=head,
        role="department_head",
        separation="business",
        granted_by="-",
        granted_at=at,
        valid_from=city_date(at),
    )
    client = enter("head")
    assert client.post(reverse("rules-publish"), {"text": "id = 3"}).status_code == 422
    assert client.post(reverse("rules-publish"), {"text": given}).status_code == 302
    assert "qinghe-2027" in _text(client, "rules")


def test_history_by_the_hour_and_readings_by_the_minute_make_one_line(
    city, observations, arrive, person, at
):
    from qingyuan.web.registry.models import Section

    arrive({-180: "0.3", -120: "0.4", -60: "0.5"}, cn="hist", suffix="Avg")
    arrive({0: "0.6", 1: "0.7", 20: "0.8"})
    scope, section = scope_of(person("duty"), on=city_date(at)), Section.objects.get(code="S1")

    def texts(hours: int) -> list[str | None]:
        later = at + timedelta(minutes=21)
        made = selectors.section_chart(
            observations, section, "w21003", scope=scope, at=later, hours=hours
        )
        return [text for _, text, _ in made.series[0].points]

    assert texts(24) == [
        "0.3",
        "0.4",
        "0.5",
        "0.6",
        "0.7",
        None,
        "0.8",
    ]  # 19 minutes of nothing are a hole
    assert texts(168) == ["0.3", "0.4", "0.5", "0.7"]


def test_an_hour_of_history_is_whole_and_an_hour_of_three_readings_is_not(
    city, observations, arrive, person, at
):
    from qingyuan.web.registry.models import Section

    arrive({-60: "0.5"}, cn="hist", suffix="Avg")
    arrive({0: "0.6", 1: "0.7", 2: "0.8"})
    made = selectors.section_chart(
        observations, Section.objects.get(code="S1"), "w21003",
        scope=scope_of(person("duty"), on=city_date(at)), at=at + timedelta(minutes=3), hours=168,
    )  # fmt: skip
    assert [flag for _, _, flag in made.series[0].points] == ["", "不足"]
