"""The demo's dust desk goes through the services and can be asked for twice."""

from __future__ import annotations

from datetime import timedelta

from qingyuan.demo.dust import live_through_dust
from qingyuan.web.accounts.models import Unit
from qingyuan.web.accounts.services import put_person, put_unit
from qingyuan.web.audit.services import SYSTEM
from qingyuan.web.cases.models import Case
from qingyuan.web.dust.models import Lead, SiteRecord, Visit
from qingyuan.web.registry.models import Responsibility
from small_city import small_city


def test_the_demo_has_sites_patches_a_round_and_one_case_put_right(town):
    for district, unit, person in (("379901", "east", "east1"), ("379902", "west", "west1")):
        Responsibility.objects.create(
            district_id=district, matter="air", unit=Unit.objects.get(code=unit), user=town.who(person)
        )  # fmt: skip
    city = small_city()
    for suffix, who in (
        ("P07", "zhzf"),
        ("P08", "jj"),
        ("P04", "cg"),
        ("P02", "zj"),
        ("P06", "yl"),
    ):
        unit = put_unit(code=f"{city.code}{suffix}", parent=None, name_zh=who, name_en="", kind="department", district_code="")  # fmt: skip
        put_person(username=who, name=who, unit=unit, role_names=["district_officer"], at=town.at, by=SYSTEM)  # fmt: skip
    until = town.at + timedelta(days=40)
    for _ in range(2):
        live_through_dust(city, until=until)
    assert SiteRecord.objects.filter(valid_to=None).count() == 13
    assert Lead.objects.count() == 6
    assert Lead.objects.exclude(duplicate_of=None).count() >= 1
    assert Visit.objects.filter(visited_at__isnull=False).count() == 5
    assert Case.objects.filter(procedure__name="dust_site").count() == 5
    closed = Case.objects.get(state="closed")
    assert closed.closed_at < until
    done, going_on = Case.objects.filter(origin_kind="dust_task").order_by("opened_at")
    assert done.state == "done"
    assert {p.state for p in done.parts.all()} == {"reported"}
    assert going_on.state == "rectifying"
    assert {p.unit.name_zh: p.state for p in going_on.parts.filter(role="co")} == {
        "yl": "reported", "zj": "signed", "zhzf": "given",
    }  # fmt: skip
