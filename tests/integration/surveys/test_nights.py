"""Fixes of a small fleet become stretches' days, hot spots with their passes, and vehicles' health."""

from __future__ import annotations

from datetime import timedelta

from qingyuan.synth.fleet import DustSource
from qingyuan.web.surveys.models import HotSpot, SpotPass, StretchDay, SurveyRun, VehicleDay
from survey_town import FIRST


def _found(rows):
    return [
        (f.spot.code, f.increment, f.p_value, f.passes, f.first_hour, f.end_hour)
        for f in rows.select_related("spot").order_by("spot__code")
    ]


def _hours_make_up_the_day(rows):
    assert len(rows) > 60
    for row in rows:
        assert sum(passes for *_, passes, _ in row.hours) == row.passes
        assert {hour for hour, *_ in row.hours} <= set(range(8, 13))
        low, high = (f(pm10 for _, pm10, *_ in row.hours) for f in (min, max))
        assert low <= row.pm10 <= high
        assert max(vehicles for *_, vehicles in row.hours) <= row.vehicles
    assert any(len(row.hours) < 5 for row in rows)  # an hour nobody drove has no row


def test_a_hot_spot_is_found_where_the_dust_lies_and_again_it_is_the_same(fleet):
    fleet.sources.append(DustSource(20, 10, 90, 90, (8, 13)))
    days = [FIRST, FIRST + timedelta(days=1)]
    fleet.drives(*days, step_s=5)
    run = fleet.night(days[1])
    assert run.state == SurveyRun.State.DONE, run.problem_zh
    (spot,) = HotSpot.objects.all()
    x, y = fleet.streets.degrees(20.0, 10.0)
    assert abs(spot.lon - x) < 0.0008 and abs(spot.lat - y) < 0.0008  # noqa: PT018 -- one place
    assert spot.road
    assert spot.start
    assert spot.district_code == "379901"
    assert run.kilometres > 100
    first = _found(run.findings)
    assert SpotPass.objects.filter(spot=spot).count() >= 10
    _hours_make_up_the_day(list(StretchDay.objects.filter(day=days[1])))
    assert VehicleDay.objects.filter(day=days[1]).count() == 5

    again = fleet.night(days[1])
    assert again.revision == 2
    assert _found(again.findings) == first
    assert HotSpot.objects.get().code == spot.code
