"""What lies near a point: the seam on which hot spots of the taxis are named."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
import shapely

from qingyuan.core.places import Place, distance_m
from qingyuan.web.dust.models import Site, SiteRecord
from qingyuan.web.dust.selectors import sites_near
from qingyuan.web.registry.models.geometry import box_columns

ON = date(2026, 9, 22)
LON, LAT = 120.3, 36.3
STEP = 0.001  # about 89.7 m of longitude, 111.2 m of latitude


def _put(code: str, kind: str, shape: shapely.Geometry, **more: object) -> SiteRecord:
    inside = shape.representative_point()
    given = {
        "version": 1,
        "valid_from": ON - timedelta(days=30),
        "reason": "登记",
        "made_at": "2026-08-01T00:00:00Z",
        "name_zh": code,
        "district_id": "379901",
        "department": "housing",
        "lon": inside.x,
        "lat": inside.y,
    }
    site, _ = Site.objects.get_or_create(code=code)
    return SiteRecord.objects.create(
        site=site, kind=kind, **box_columns(shape), **{**given, **more}
    )


def _square(east: float, north: float, side: float = STEP) -> shapely.Geometry:
    return shapely.box(LON + east, LAT + north, LON + east + side, LAT + north + side)


@pytest.fixture
def sites(town) -> None:
    _put("INSIDE", "construction", _square(-STEP / 2, -STEP / 2))
    _put("EAST", "yard", shapely.Point(LON + STEP, LAT), department="city")
    _put("FAR", "bare", shapely.Point(LON + 10 * STEP, LAT))
    _put("PAST", "road", shapely.Point(LON, LAT + STEP), valid_to=ON)
    _put("ENDED", "port", shapely.Point(LON, LAT), state="ended")
    _put("PETROL", "petrol", shapely.Point(LON, LAT), department="commerce")


def test_the_nearest_comes_first_and_inside_is_nought(sites):
    found = sites_near(LON, LAT, 200, ON)
    assert [(s.code, s.distance_m) for s in found[:2]] == [("INSIDE", 0.0), ("PETROL", 0.0)]
    east = found[2]
    assert (east.code, east.kind, east.department) == ("EAST", "yard", "city")
    wanted = distance_m(Place(LON, LAT), Place(LON + STEP, LAT))
    assert east.distance_m == pytest.approx(wanted, rel=0.005)


def test_what_had_ended_or_not_begun_is_not_there(sites):
    codes = {s.code for s in sites_near(LON, LAT, 200, ON)}
    assert codes == {"INSIDE", "PETROL", "EAST"}
    before = {s.code for s in sites_near(LON, LAT, 200, ON - timedelta(days=1))}
    assert "PAST" in before
    assert sites_near(LON, LAT, 200, ON - timedelta(days=60)) == []


def test_the_distance_is_to_the_outline_and_never_beyond_the_reach(sites):
    assert sites_near(LON + 3 * STEP, LAT, 100, ON) == []
    (only,) = sites_near(LON + 2 * STEP, LAT, 100, ON)
    assert only.code == "EAST"


def test_a_kind_that_raises_no_dust_and_a_site_that_stands_still_say_so(sites):
    raises = {s.code: s.raises for s in sites_near(LON, LAT, 200, ON)}
    assert raises["PETROL"] == 0 < raises["INSIDE"]
    SiteRecord.objects.filter(site="INSIDE").update(state="idle")
    after = {s.code: s.raises for s in sites_near(LON, LAT, 200, ON)}
    assert after["INSIDE"] < raises["INSIDE"]
    assert after["EAST"] == raises["EAST"]
