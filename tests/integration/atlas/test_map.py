"""The map's page, layers and cards, by who is looking and when."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from django.urls import reverse

from qingyuan.web.accounts.models import User
from qingyuan.web.accounts.scope import scope_of
from qingyuan.web.atlas import selectors


def layer(client, name, **query):
    return client.get(reverse("map-layer", args=[name]), query)


def codes(answer):
    return {f["properties"]["code"] for f in answer.json()["features"]}


def test_the_page_names_every_layer_with_an_address_that_answers(as_person):
    client = as_person("duty")
    page = client.get(reverse("map"))
    config = json.loads(
        page.content.decode().split('<script type="application/json">')[1].split("</script>")[0]
    )
    assert [one["name"] for one in config["layers"]] == list(selectors.LAYERS)
    assert config["bounds"] == [120.1, 36.1, 121.5, 36.9]
    for one in config["layers"]:
        answer = client.get(one["src"])
        assert answer.status_code == 200
        assert answer["Content-Type"].startswith("application/geo+json")
        assert all(f["properties"]["name"] for f in answer.json()["features"]), one["name"]


def test_a_branch_sees_its_own_district_on_the_map_and_the_whole_river(as_person):
    client = as_person("east1")
    assert codes(layer(client, "sections")) == {"S1", "S2"}
    assert codes(layer(client, "outfalls")) == {"O1"}
    assert codes(layer(client, "enterprises")) == {"E1"}
    assert codes(layer(client, "rivers")) == {"R1", "R2", "R3"}


@pytest.mark.parametrize(
    ("name", "code"), [("sections", "S3"), ("outfalls", "O2"), ("enterprises", "E2")]
)
def test_a_card_outside_ones_scope_is_not_there(as_person, name, code):
    assert as_person("east1").get(reverse("map-card", args=[name, code])).status_code == 404


def test_an_enterprise_has_no_map(as_person):
    client = as_person("ent1")
    assert client.get(reverse("map")).status_code in {403, 404}
    assert layer(client, "outfalls").status_code in {403, 404}


def test_an_unknown_layer_is_not_there(as_person):
    assert layer(as_person("duty"), "secrets").status_code == 404


def test_sections_and_their_reaches_are_drawn_in_the_class_of_now(readings, at):
    scope = scope_of(User.objects.get(username="duty"), on=at.date())
    sections = {
        f["properties"]["code"]: f["properties"]
        for f in selectors.layer("sections", scope, at=at)["features"]
    }
    rivers = {
        f["properties"]["code"]: f["properties"]
        for f in selectors.layer("rivers", scope, at=at)["features"]
    }
    assert (sections["S1"]["water_class"], sections["S1"]["meets"]) == ("Ⅳ", False)
    assert sections["S2"]["water_class"] == ""
    assert rivers["R1"]["water_class"] == "Ⅳ"


def test_looking_back_judges_by_what_was_known_then(readings, at):
    scope = scope_of(User.objects.get(username="duty"), on=at.date())
    sections, rivers = selectors.river_then(scope, at=at - timedelta(hours=2), store=readings)
    then = {f["properties"]["code"]: f["properties"] for f in sections["features"]}
    assert (then["S1"]["water_class"], then["S1"]["meets"]) == ("Ⅲ", True)
    assert {f["properties"]["code"]: f["properties"]["water_class"] for f in rivers["features"]}[
        "R1"
    ] == "Ⅲ"
    before, _ = selectors.river_then(scope, at=at - timedelta(hours=6), store=readings)
    assert {f["properties"]["water_class"] for f in before["features"]} == {""}


def test_alarms_of_the_window_are_ticks_on_the_slider(readings, at):
    scope = scope_of(User.objects.get(username="duty"), on=at.date())
    alarms = selectors.map_config(scope, at=at)["time"]["alarms"]
    assert [one["label"] for one in alarms] == ["望澜桥 氨氮"]


def test_a_section_card_says_class_value_limit_and_opens_the_trace(readings, at):
    scope = scope_of(User.objects.get(username="duty"), on=at.date())
    card = selectors.card_of("sections", "S1", scope, at=at, store=readings)
    assert card["now"].water_class == "Ⅳ"
    assert card["worst"].latest.text == "1.34"
    assert card["chart"]["limit"]["value"] == "1"
    assert card["alarm"].object_code == "S1"
    from django.template.loader import render_to_string

    made = render_to_string("atlas/_sections_card.html", card)
    assert reverse("trace", args=[card["alarm"].pk]) in made
    assert "目标 Ⅲ类" in made


@pytest.mark.parametrize(
    ("name", "code"), [("sections", "S2"), ("outfalls", "O1"), ("enterprises", "E1"), ("air", "A1")]
)
def test_every_kind_of_object_has_a_card(as_person, name, code):
    answer = as_person("duty").get(reverse("map-card", args=[name, code]))
    assert answer.status_code == 200
    assert "<html" not in answer.content.decode()
