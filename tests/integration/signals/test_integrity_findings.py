from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse
from procrastinate.contrib.django.models import ProcrastinateJob

from odd_data import doubt_at, hour_rows
from qingyuan.core.periods import city_date, day_of
from qingyuan.host.folder import DataFolder
from qingyuan.readings.integrity import rules_at
from qingyuan.store.observations import Observations
from qingyuan.web.accounts.scope import scope_of
from qingyuan.web.audit.models import Entry
from qingyuan.web.cases.models import Case
from qingyuan.web.notices.models import Notice
from qingyuan.web.signals import selectors, services
from qingyuan.web.signals.models import IntegrityNight, IntegrityRecord, Signal

pytestmark = pytest.mark.django_db


@pytest.fixture
def doubted(person, at):
    return services.record_doubt(
        doubt_at("outfall:O1", at=at), rules=rules_at(city_date(at)), at=at
    ).signal


@pytest.fixture
def signed_in(client, person):
    def enter(username: str):
        client.force_login(person(username))
        return client

    return enter


def test_a_night_enqueues_every_active_station_once(person, at):
    night = services.begin_night(at=at)
    assert night.stations == 3
    jobs = ProcrastinateJob.objects.filter(task_name="signals.inspect_station")
    assert {job.args["station"] for job in jobs} == {"section:S1", "section:S3", "outfall:O1"}
    assert {job.priority for job in jobs} == {-10}  # whatever a person waits for goes first
    assert services.begin_night(at=at + timedelta(hours=2)) is None
    assert jobs.count() == 3


def test_rows_of_the_store_become_one_signal_however_often_they_are_inspected(
    person, at, tmp_path, settings
):
    settings.FOLDER = DataFolder(tmp_path)
    until = day_of(city_date(at)).start
    Observations(settings.FOLDER.store).append(hour_rows("outfall:O1", until=until))
    services.begin_night(at=at)
    (found,) = services.inspect_station("outfall:O1", until=until, at=at)
    assert found.new
    services.inspect_station("section:S1", until=until, at=at)  # no data at all
    night = IntegrityNight.objects.get()
    assert (night.inspected, night.without_past, night.told) == (2, 1, 1)
    row = Signal.objects.get()
    assert (row.kind, row.station, row.factor) == ("data_integrity", "outfall:O1", "w21003")
    assert row.integrity.check_kind == "stuck"
    assert row.integrity.document["statistic"] == 144
    assert "需核查" in row.note
    told = Notice.objects.values_list("title_zh", "title_en").first()
    assert ("需核查" in told[0], "to be checked" in told[1]) == (True, True)
    again = services.inspect_station("outfall:O1", until=until + timedelta(days=1), at=at)
    assert [one.new for one in again] == [False]
    assert (Signal.objects.count(), IntegrityRecord.objects.count()) == (1, 1)


def test_what_was_ruled_out_is_not_raised_again(person, at, doubted):
    services.rule_out(doubted, reason="采样泵停，见运维记录", by=person("duty"), at=at)
    doubted.refresh_from_db()
    assert not doubted.active
    assert doubted.false_reason == "采样泵停，见运维记录"
    again = services.record_doubt(
        doubt_at("outfall:O1", at=at), rules=rules_at(city_date(at)), at=at + timedelta(days=1)
    )
    assert not again.new
    assert Signal.objects.get().is_false
    deeds = Entry.objects.filter(target=doubted.ref).values_list("deed", flat=True)
    assert {"signals.raise", "signals.mark_false", "signals.clear"} <= set(deeds)


def test_the_enterprise_never_sees_it(person, at, doubted, signed_in):
    firm = person("ent1")
    scope = scope_of(firm, on=city_date(at))
    assert doubted not in selectors.signals(scope)
    assert not Notice.objects.filter(user=firm).exists()
    client = signed_in("ent1")
    for name in ("integrity", "integrity-doubt", "signal"):
        address = reverse(name, args=[doubted.pk] if name != "integrity" else [])
        assert client.get(address).status_code == 404
    outfall = client.get(reverse("outfall", args=["O1"])).content.decode()
    assert "数据质量" not in outfall


def test_a_case_names_no_enterprise_by_itself(person, at, doubted, signed_in):
    answer = signed_in("duty").post(reverse("integrity-case", args=[doubted.pk]))
    case = Case.objects.get()
    assert case.number in answer.headers["Location"]
    assert case.enterprise_id is None
    assert "需核查" in case.title


def test_the_page_says_what_how_sure_and_what_would_explain_it(doubted, signed_in, at):
    client = signed_in("duty")
    listed = client.get(reverse("integrity")).content.decode()
    link = f'href="{reverse("integrity-doubt", args=[doubted.pk])}"'
    assert link in listed
    assert client.get(reverse("signal", args=[doubted.pk])).status_code == 302
    page = client.get(reverse("integrity-doubt", args=[doubted.pk])).content.decode()
    for words in ("144", "bit", "可能的正常原因", "采样泵停", "integrity-2026", "qy-chart"):
        assert words in page, words
    client.post(reverse("integrity-check", args=[doubted.pk]))
    assert link not in client.get(reverse("integrity")).content.decode()
    checking = client.get(reverse("integrity"), {"state": "checking", "check": "stuck"})
    assert link in checking.content.decode()
    none = client.get(reverse("integrity"), {"state": "checking", "check": "copy"})
    assert "没有符合条件的疑点" in none.content.decode()


def test_ruling_out_needs_a_reason(doubted, signed_in):
    client = signed_in("duty")
    address = reverse("integrity-rule-out", args=[doubted.pk])
    refused = client.post(address, {"reason": " "})
    assert refused.status_code == 422
    assert "请写明排除理由" in refused.content.decode()
    assert client.post(address, {"reason": "标样核查合格"}).status_code == 302
    assert (
        "标样核查合格" in client.get(reverse("integrity-doubt", args=[doubted.pk])).content.decode()
    )
    assert client.post(reverse("integrity-case", args=[doubted.pk])).status_code == 422


def test_another_district_does_not_see_it(doubted, signed_in, person):
    assert signed_in("west1").get(reverse("integrity-doubt", args=[doubted.pk])).status_code == 404
    assert signed_in("east1").get(reverse("integrity-doubt", args=[doubted.pk])).status_code == 200
