"""The demo's dust desk goes through the services and can be asked for twice."""

from __future__ import annotations

from datetime import timedelta

from qingyuan.demo.dust import live_through_dust
from qingyuan.web.accounts.models import Unit
from qingyuan.web.cases.models import Case
from qingyuan.web.dust.models import Lead, SiteRecord, Visit
from qingyuan.web.registry.models import Responsibility
from small_city import small_city


def test_the_demo_has_sites_patches_a_round_and_one_case_put_right(town):
    for district, unit, person in (("379901", "east", "east1"), ("379902", "west", "west1")):
        Responsibility.objects.create(
            district_id=district, matter="air", unit=Unit.objects.get(code=unit), user=town.who(person)
        )  # fmt: skip
    until = town.at + timedelta(days=40)
    for _ in range(2):
        live_through_dust(small_city(), until=until)
    assert SiteRecord.objects.filter(valid_to=None).count() == 12
    assert Lead.objects.count() == 6
    assert Lead.objects.exclude(duplicate_of=None).count() >= 1
    assert Visit.objects.filter(visited_at__isnull=False).count() == 5
    assert Case.objects.filter(procedure__name="dust_site").count() == 3
    closed = Case.objects.get(state="closed")
    assert closed.closed_at < until
