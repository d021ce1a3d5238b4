"""Any figure explains itself: value, rule set, clause, inputs with flags, what was left out."""

from __future__ import annotations

import pytest

DAY = "/figures/air-day/?kind=station&code=A1&day=2026-09-10"


def told(client, address: str) -> dict:
    answer = client.get(f"{address}&format=json")
    assert answer.status_code == 200
    return answer.json()


def test_an_hour_names_its_readings(enter):
    found = told(enter("head"), "/figures/air-hour/?station=A1&end=2026-09-22T08:00:00%2B08:00")
    assert (found["value"], found["rule_set"]) == ("40", "HJ633-2026")
    deepest = found["parts"][0]["parts"][0]
    assert deepest["inputs"][0]["flag"] == "N"
    assert found["marks"]


def test_a_day_names_its_24_hours_and_a_missing_item_is_told(enter):
    found = told(enter("head"), DAY)
    pm10 = next(p for p in found["parts"] if p["what"]["zh"].startswith("可吸入"))
    assert len(pm10["parts"][0]["inputs"]) == 24


def test_a_city_day_is_explained_by_its_stations(enter):
    found = told(enter("head"), "/figures/air-day/?kind=city&code=379900&day=2026-09-20")
    stations = found["parts"][0]["parts"][0]["inputs"]
    assert [one["name"] for one in stations] == ["A1", "A2"]


def test_the_month_of_the_board_is_the_month_explained(enter, air):
    page = enter("head").get("/air/?period=month").content.decode()
    found = told(
        enter("head"),
        "/figures/air-period/?kind=station&code=A1&first=2026-09-01&last=2026-09-21",
    )
    assert f">{found['value']}</a>" in page
    assert len(found["parts"]) == 6
    assert len(found["parts"][0]["inputs"]) == 21


def test_a_section_names_the_days_of_its_mean(enter):
    found = told(enter("head"), "/figures/water-period/?code=S3&first=2026-09-01&last=2026-09-21")
    assert found["value"] == "Ⅳ"
    ammonia = next(p for p in found["parts"] if p["what"]["zh"] == "氨氮时段均值")
    assert (ammonia["value"], ammonia["counts"]["used"]) == ("1.4", 21)


@pytest.mark.parametrize(
    "address",
    [
        "/figures/air-day/?kind=station&code=A1&day=nonsense",
        "/figures/air-day/?kind=station&code=A1",
        "/figures/air-day/?kind=station&code=A1&day=2027-01-01",
        "/figures/air-hour/?station=A1&end=2026-09-22T08:00:00",
        "/figures/air-period/?kind=station&code=A1&first=2026-09-21&last=2026-09-01",
        "/figures/air-period/?kind=station&code=A1&first=1991-01-01&last=2026-09-01",
        "/figures/unknown/?code=A1",
    ],
)
def test_what_is_no_figure_is_not_there(enter, address):
    assert enter("head").get(address).status_code == 404
