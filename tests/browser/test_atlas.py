"""A duty officer on the map: the red ring, the card, the way to the trace; a branch sees its part."""

from __future__ import annotations

from datetime import timedelta

import pytest

from qingyuan.store.observations import Observations
from small_city import AT, small_city


@pytest.fixture
def alarmed(db, tmp_path):
    """望澜桥一小时前开始超标。"""
    from qingyuan.web.audit.services import SYSTEM
    from qingyuan.web.monitoring.services import absorb
    from qingyuan.web.registry.services import load_city

    load_city(small_city(), by=SYSTEM, at=AT)
    observations = Observations(tmp_path / "store")
    observations.append(
        [
            {
                "station": "section:S1",
                "factor": "w21003",
                "cn": "2011",
                "suffix": "Rtd",
                "time": AT - timedelta(minutes=minute),
                "text": "0.62" if minute > 60 else "1.34",
                "flag": "N",
                "unit": "mg/L",
                "mn": "A37990000000000000000S01",
                "received_at": AT - timedelta(minutes=minute),
            }
            for minute in range(240, -1, -5)
        ]
    )
    absorb(observations, at=AT)


def opened(tab):
    tab.go("/map/")
    tab.page.wait_for_selector("qy-map[data-idle][data-loaded]", state="attached", timeout=30_000)
    return tab


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_from_the_map_to_the_trace_in_two_clicks(signed_in, picture, alarmed, language):
    tab = opened(signed_in("duty", language=language))
    place = tab.page.evaluate("() => document.querySelector('qy-map').place('sections', 'S1')")
    box = tab.page.locator("qy-map").bounding_box()
    tab.page.mouse.click(box["x"] + place["x"], box["y"] + place["y"])
    deeds = tab.page.locator(".qy-map-card .qy-deeds a")
    deeds.first.wait_for(timeout=5000)
    picture(tab, f"atlas-{language}", whole=False)
    assert "1.34" in tab.page.locator(".qy-map-card").inner_text()
    assert deeds.first.get_attribute("href").startswith("/trace/")
    tab.accessible()
    tab.clean()


def test_a_branch_reads_its_own_sections_in_the_table(signed_in, alarmed):
    tab = opened(signed_in("east1"))
    tab.page.get_by_role("button", name="表格").click()
    table = tab.page.locator(".qy-map-table")
    assert table.get_by_role("button", name="望澜桥").is_visible()
    assert table.get_by_role("button", name="入海口").count() == 0
    tab.clean()
