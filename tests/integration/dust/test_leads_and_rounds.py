"""Patches matched and looked at; rounds planned, walked and handed over."""

from __future__ import annotations

from datetime import timedelta

import pytest
import shapely
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from case_town import photo
from dusty_town import EAST, a_patch, a_round, a_site, seat_departments, sheet, square
from qingyuan.core.periods import city_date
from qingyuan.web.accounts.scope import scope_of
from qingyuan.web.cases.models import Case
from qingyuan.web.dust import selectors, services
from qingyuan.web.dust.models import Check, Lead, Seat, Visit
from qingyuan.web.dust.services import Said
from qingyuan.web.dust.tables import measures

LON, LAT = EAST


def _status(client, address: str) -> int:
    """Return how an address answers; a file is read to its end."""
    answer = client.get(address)
    if answer.streaming:
        list(answer.streaming_content)
    return answer.status_code


def test_a_patch_is_matched_by_overlap_before_distance(town):
    a_site(town)  # 90 m × 111 m
    a_site(town, "YC-2", shape=shapely.Point(LON + 0.0022, LAT + 0.0005))
    half = a_patch(town, shape=square(LON + 0.0005, LAT))
    assert (half.matched_id, half.matched_share) == ("YC-1", pytest.approx(0.5, abs=0.01))
    beside = a_patch(town, "TB-2", shape=square(LON + 0.0032, LAT), kind="yard")
    assert beside.matched_id == "YC-2"
    assert beside.matched_m == pytest.approx(40, abs=3)  # 90 m from the point, less its 50 m
    far = a_patch(town, "TB-3", shape=square(LON + 0.02, LAT), kind="yard")
    assert (far.matched_id, far.matched_m) == (None, None)


def test_a_patch_repeats_an_earlier_one_by_overlap_within_the_year(town):
    day = city_date(town.at)
    first = a_patch(town, taken_on=day - timedelta(days=60))
    again = a_patch(
        town, "TB-2", shape=square(LON + 0.0005, LAT), taken_on=day - timedelta(days=30)
    )
    third = a_patch(town, "TB-3", shape=square(LON + 0.0005, LAT), taken_on=day)
    assert (again.duplicate_of, third.duplicate_of) == (first, first)
    other = a_patch(town, "TB-4", kind="bare", taken_on=day)
    corner = a_patch(town, "TB-5", shape=square(LON - 0.0009, LAT), taken_on=day)
    assert (other.duplicate_of, corner.duplicate_of) == (None, None)
    years = a_patch(town, "TB-6", taken_on=day + timedelta(days=500))
    assert years.duplicate_of is None


def test_counts_say_each_patch_once_by_district_and_by_department(town):
    a_patch(town)
    a_patch(town, "TB-2", taken_on=city_date(town.at))  # the same ground again
    west = a_patch(town, "TB-3", "379902", kind="bare")
    services.check_lead(west, true=False, finding="已绿化", by=town.who("west1"), at=town.at)
    districts, departments = selectors.lead_counts(
        scope_of(town.who("head"), on=city_date(town.at)), on=city_date(town.at)
    )
    assert [(c.code, c.whole, c.waiting, c.false) for c in districts] == [
        ("379901", 1, 1, 0), ("379902", 1, 0, 1),
    ]  # fmt: skip
    assert [(c.code, c.whole) for c in departments] == [("housing", 1), ("city", 1)]


def test_an_untrue_patch_becomes_nothing_and_a_true_one_each_thing_once(town, raises_problem):
    give = {"by": town.who("east1"), "at": town.at}
    lead = a_patch(town)
    with raises_problem("dust.lead_not_true"):
        services.lead_to_site(lead, name="点位", **give)
    with raises_problem("dust.finding_missing"):
        services.check_lead(lead, true=True, finding=" ", **give)
    services.check_lead(lead, true=True, finding="属实", **give)
    with raises_problem("dust.lead_checked"):
        services.check_lead(lead, true=False, finding="再看", **give)
    with raises_problem("dust.lead_without_site"):
        services.lead_to_case(lead, trouble="未覆盖", **give)
    services.lead_to_site(lead, name="点位", **give)
    with raises_problem("dust.lead_has_site"):
        services.lead_to_site(lead, name="点位", **give)
    case = services.lead_to_case(lead, trouble="未覆盖", **give)
    assert case.origin_ref == "dust_lead:TB-1"
    with raises_problem("dust.lead_has_case"):
        services.lead_to_case(lead, trouble="未覆盖", **give)


def test_a_matched_patch_found_true_belongs_to_its_site(town):
    a_site(town)
    lead = services.check_lead(
        a_patch(town), true=True, finding="属实", by=town.who("east1"), at=town.at
    )
    assert lead.site_id == "YC-1"


def test_the_leads_pages_take_pictures_check_and_open_a_case(town, enter):
    a_site(town)
    a_patch(town)
    client = enter("east1")
    files = [SimpleUploadedFile(f"{name}.jpg", photo()) for name in ("TB-1", "别的")]
    answer = client.post("/dust-sources/lead-pictures/", {"pictures": files})
    assert "别的.jpg" in answer.content.decode(), answer.context["form"].errors
    assert Lead.objects.get().picture.taken_lon == pytest.approx(LON + 0.0005)
    page = client.get("/dust-sources/leads/TB-1/").content.decode()
    assert "重叠 100" in page
    assert _status(client, "/dust-sources/leads/TB-1/patch.webp") == 200
    assert _status(client, "/dust-sources/leads/TB-1/check.webp") == 404
    answer = client.post("/dust-sources/leads/TB-1/check/", {"verdict": "true", "finding": ""})
    assert answer.status_code == 422
    given = {
        "verdict": "true",
        "finding": "未覆盖",
        "picture": SimpleUploadedFile("x.jpg", photo()),
    }
    assert client.post("/dust-sources/leads/TB-1/check/", given).status_code == 302
    assert _status(client, "/dust-sources/leads/TB-1/check.webp") == 200
    assert client.post("/dust-sources/leads/TB-1/case/", {"trouble": "未覆盖"}).status_code == 302
    assert Case.objects.get().title == "YC-1工地扬尘问题"
    assert "YC-1" in client.get("/dust-sources/leads/", {"state": "true"}).content.decode()
    assert enter("west1").get("/dust-sources/leads/TB-1/").status_code == 404


def test_a_sheet_is_whole_shows_what_is_wrong_and_is_filled_in_once(town, raises_problem):
    visit = a_round(town, a_site(town)).visits.get()
    give = {"by": town.who("second"), "at": town.at}
    with raises_problem("dust.measure_missing"):
        services.record_visit(visit, {"cover": Said("ok")}, **give)
    bare = {m.code: Said("bad") for m in measures(on=city_date(town.at))}
    with raises_problem("dust.photo_missing"):
        services.record_visit(visit, bare, **give)
    with raises_problem("dust.not_of_team"):
        services.record_visit(visit, sheet(town), by=town.who("east1"), at=town.at)
    with raises_problem("dust.visit_early"):
        services.record_visit(visit, sheet(town), by=town.who("second"), at=town.at - timedelta(days=2))  # fmt: skip
    services.record_visit(visit, sheet(town), **give)
    with raises_problem("dust.visit_done"):
        services.record_visit(visit, sheet(town), **give)


def test_a_round_is_counted_and_handed_over_district_by_district(town, raises_problem):
    east, clean, west = a_site(town), a_site(town, "YC-2"), a_site(town, "YC-3", "379902")
    round_ = a_round(town, east, clean, west)
    for visit in round_.visits.all():
        bad = {} if visit.site_id == "YC-2" else {"wash": "没有冲洗台"}
        services.record_visit(visit, sheet(town, **bad), by=town.who("second"), at=town.at)
    give = {"to": "区政府", "document_no": "1 号", "by": town.who("head"), "at": town.at}
    opened = services.hand_over(round_, district_code="379901", **give)
    assert [case.form["site"] for case in opened] == ["YC-1"]
    with raises_problem("dust.nothing_to_hand_over"):
        services.hand_over(round_, district_code="379901", **give)
    rows = selectors.visit_rows(round_.visits.select_related("district", "case"), on=round_.from_on)
    by_measure, by_district = selectors.round_lines(rows, on=round_.from_on)
    wash = next(line for line in by_measure if line.bad)
    assert (wash.name, wash.ok, wash.bad, wash.share) == ("出入车辆清洗", 1, 2, 1 / 3)
    assert [(d.code, d.sites, d.problems, d.waiting, d.cases) for d in by_district] == [
        ("379901", 2, 1, 0, 1), ("379902", 1, 1, 1, 0),
    ]  # fmt: skip


def test_the_round_is_planned_walked_and_handed_over_by_its_pages(town, enter):
    a_site(town)
    head, second = enter("head"), enter("second")
    given = {
        "title": "秋季督导", "team": "一组", "leader": town.who("second").pk, "from_on": "2026-09-22",
        "to_on": "2026-09-30",
    }  # fmt: skip
    assert head.post("/dust-sources/new-round/", given).status_code == 422  # no site chosen
    answer = head.post("/dust-sources/new-round/", {**given, "site": ["YC-1"]})
    assert answer["Location"] == "/dust-sources/rounds/DD2026-01/"
    visit = Visit.objects.get()
    address = reverse("dust-visit", args=[visit.pk])
    assert "还没有检查" in head.get(address).content.decode()  # not of the team
    assert "提交检查单" in second.get(address).content.decode()
    said = {f"{m.code}_verdict": "ok" for m in measures(on=city_date(town.at))}
    said |= {"cover_verdict": "bad", "cover_note": "约三成"}
    answer = second.post(address, said)
    assert answer.status_code == 422
    assert "拍照" in answer.content.decode()
    said["cover_picture"] = SimpleUploadedFile("c.jpg", photo())
    assert head.post(address, dict(said)).status_code == 422  # still not of the team
    said["cover_picture"] = SimpleUploadedFile("c.jpg", photo())
    assert second.post(address, said).status_code == 302
    page = second.get(address).content.decode()
    assert "约三成" in page
    check = Check.objects.get(verdict="bad")
    assert _status(second, reverse("dust-visit-file", args=[check.pk])) == 200
    assert enter("west1").get(reverse("dust-visit-file", args=[check.pk])).status_code == 404
    given = {"district": "379901", "to": "东山区人民政府", "document_no": ""}
    assert (
        head.post("/dust-sources/rounds/DD2026-01/hand-over/", {**given, "to": ""}).status_code
        == 422
    )
    assert head.post("/dust-sources/rounds/DD2026-01/hand-over/", given).status_code == 302
    assert Case.objects.get().number in head.get("/dust-sources/rounds/DD2026-01/").content.decode()
    assert "秋季督导" in head.get("/dust-sources/rounds/").content.decode()
    assert "秋季督导" not in enter("west1").get("/dust-sources/rounds/").content.decode()


def test_the_duties_propose_who_leads_and_who_takes_part(town, enter):
    seat_departments(town)
    client = enter("head")
    form = client.get("/dust-sources/task/", {"kind": "haul_road", "district": "379901"}).context[
        "form"
    ]
    assert (form.initial["unit"], form.initial["person"]) == ("zhzf", "zf1")
    assert form.initial["co_units"] == ["jj"]
    given = {
        "title": "联合整治", "kind": "haul_road", "district": "379901", "trouble": "遗撒", "unit": "zhzf",
        "person": "zf1", "co_units": ["jj"], "due_on": "2027-10-20",
    }  # fmt: skip
    answer = client.post("/dust-sources/task/", given)
    assert answer.status_code == 302, answer.context["form"].errors
    assert Case.objects.get().parts.count() == 2
    assert (
        "公安交警部门"
        not in client.get("/dust-sources/departments/").content.decode().split("<table")[0]
    )


def test_a_seat_changes_from_a_day_and_the_old_one_stays(town, enter, raises_problem):
    seat_departments(town)
    person = town.who("jj1")
    given = {"department": "enforcement", "unit": person.unit.pk, "person": person.pk, "valid_from": "2026-10-01"}  # fmt: skip
    assert enter("head").post("/dust-sources/seats/", given).status_code == 302
    before = selectors.seat_of("enforcement", "379901", on=city_date(town.at))
    after = selectors.seat_of("enforcement", "379901", on=city_date(town.at) + timedelta(days=30))
    assert (before.person.username, after.person.username) == ("zf1", "jj1")
    assert Seat.objects.filter(department="enforcement").count() == 2
    with raises_problem("dust.person_elsewhere"):
        services.put_seat(
            department="city", unit=person.unit, person=town.who("zf1"), valid_from=city_date(town.at),
            by=town.who("head"), at=town.at,
        )  # fmt: skip
