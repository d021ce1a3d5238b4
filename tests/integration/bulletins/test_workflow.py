"""The chain of a bulletin: drafted, edited, reviewed, signed, published; by plan, as files, by scope."""

from __future__ import annotations

import io
import json
import xml.etree.ElementTree as ET
import zipfile
from datetime import date, timedelta

import pytest
from django.test import Client
from django.urls import reverse

from case_town import Town, build_town
from qingyuan.core.periods import CITY_TZ, city_date
from qingyuan.reporting import Document
from qingyuan.web.accounts.models import User
from qingyuan.web.audit.models import Entry
from qingyuan.web.audit.services import verify
from qingyuan.web.bulletins import selectors, services
from qingyuan.web.bulletins.models import Bulletin, RegisterRow
from qingyuan.web.bulletins.revision import edited
from qingyuan.web.registry.models import District

pytestmark = pytest.mark.django_db


@pytest.fixture
def town(settings, tmp_path) -> Town:
    from qingyuan.host.folder import DataFolder

    settings.FOLDER = DataFolder(tmp_path / "city").create("city")
    town = build_town()
    town.signed(town.open(title="东山的案件"))
    return town


@pytest.fixture
def weekly(town) -> Bulletin:
    town.at += timedelta(days=10)
    last_week = city_date(town.at) - timedelta(days=7)
    return services.compose(kind="weekly", day=last_week, at=town.at)


def person(town: Town, name: str) -> User:
    return town.who(name)


def at_desk(name: str) -> Client:
    client = Client()
    client.force_login(User.objects.get(username=name))
    return client


def test_the_chain_needs_three_steps_and_two_people(town, weekly, raises_problem):
    head, leader = person(town, "head"), person(town, "vice")
    with raises_problem("bulletins.not_the_next_step"):
        services.advance(bulletin=weekly, step="sign", by=leader, at=town.at)
    with raises_problem("bulletins.not_your_step"):
        services.advance(bulletin=weekly, step="review", by=person(town, "duty"), at=town.at)
    services.advance(bulletin=weekly, step="review", by=head, at=town.at, note="数字已核")
    services.advance(bulletin=weekly, step="sign", by=leader, at=town.at)
    done = services.advance(bulletin=weekly, step="publish", by=head, at=town.at)
    assert done.state == Bulletin.State.PUBLISHED
    assert [s.name for s in done.steps.order_by("pk")] == ["draft", "review", "sign", "publish"]
    assert done.published_by == str(leader)
    deeds = Entry.objects.filter(target=f"bulletin:{done.pk}").values_list("deed", flat=True)
    assert set(deeds) == {f"bulletins.{d}" for d in ("compose", "review", "sign", "publish")}
    assert verify() is None


def test_who_changed_a_draft_does_not_review_it(town, weekly, raises_problem):
    head = person(town, "head")
    services.edit(bulletin=weekly, section=3, paragraph=len(
        Document.from_dict(weekly.content).sections[3].paragraphs),
        new="请各区县抓好落实。", reason="", by=head, at=town.at)  # fmt: skip
    with raises_problem("bulletins.same_person"):
        services.advance(bulletin=weekly, step="review", by=head, at=town.at)


def test_edits_lie_over_the_frozen_text_and_figures_stay(town, weekly, raises_problem):
    duty = person(town, "duty")
    frozen = dict(weekly.content)
    weekly.refresh_from_db()
    old = Document.from_dict(weekly.content).sections[2].paragraphs[0]
    services.edit(
        bulletin=weekly, section=2, paragraph=0, new="【综述】" + old.text, reason="加小标题",
        by=duty, at=town.at,
    )  # fmt: skip
    with raises_problem("bulletins.figure_changed"):
        services.edit(bulletin=weekly, section=2, paragraph=0, new="在办案件3件。", reason="", by=duty, at=town.at)  # fmt: skip
    with raises_problem("bulletins.no_such_sentence"):
        services.edit(bulletin=weekly, section=9, paragraph=0, new="x", reason="", by=duty, at=town.at)  # fmt: skip
    weekly.refresh_from_db()
    now = edited(weekly).sections[2].paragraphs[0]
    assert now.text.startswith("【综述】")
    assert [r.link for r in now.runs if r.link] == [r.link for r in old.runs if r.link]
    assert Document.from_dict(weekly.content) == Document.from_dict(frozen)
    page = at_desk("duty").get(f"/bulletins/{weekly.pk}/").content.decode()
    assert "<del>" in page
    assert "加小标题" in page
    services.edit(bulletin=weekly, section=2, paragraph=0, new="", reason="删", by=duty, at=town.at)
    assert "【综述】" not in edited(Bulletin.objects.get()).plain()


def test_a_signed_bulletin_goes_back_and_is_reviewed_again(town, weekly):
    head, vice = person(town, "head"), person(town, "vice")
    services.advance(bulletin=weekly, step="review", by=head, at=town.at)
    services.advance(bulletin=weekly, step="sign", by=vice, at=town.at)
    at_desk("head").post(f"/bulletins/{weekly.pk}/return/", {"reason": "表述不清"})
    weekly.refresh_from_db()
    assert (weekly.state, weekly.published_at) == (Bulletin.State.DRAFT, None)
    at_desk("head").post(f"/bulletins/{weekly.pk}/review/", {"note": "已改"})
    weekly.refresh_from_db()
    assert weekly.state == Bulletin.State.REVIEWED


def test_the_same_data_give_the_same_bytes(town, weekly):
    again = services.compose(kind="weekly", day=weekly.day, at=weekly.composed_at)
    weekly_content, weekly_en = weekly.content, weekly.content_en
    assert json.dumps(again.content) == json.dumps(weekly_content)
    assert json.dumps(again.content_en) == json.dumps(weekly_en)
    assert services.pdf_bytes(again) == services.pdf_bytes(again)
    assert services.docx_bytes(again) == services.docx_bytes(again)


@pytest.mark.parametrize(
    "kind",
    ["daily", "monthly", "annual", "ranking", "supervision", "water_weekly", "waterworks", "pack"],
)
def test_every_kind_is_written_shown_and_printed(town, kind):
    day = city_date(town.at)
    made = services.compose(kind=kind, day=day, at=town.at)
    duty = at_desk("duty")
    for ending in ("", "?lang=en", "pdf/", "docx/", "text/"):
        answer = duty.get(f"/bulletins/{made.pk}/{ending}")
        assert answer.status_code == 200, (kind, ending)
    document = Document.from_dict(made.content)
    for table in document.tables():
        if table.name:
            assert duty.get(f"/bulletins/{made.pk}/rows/{table.name}/").status_code == 200
    assert duty.get(f"/bulletins/{made.pk}/rows/nothing/").status_code == 404


def test_a_docx_is_whole_and_its_tables_are_tables(town, weekly):
    with zipfile.ZipFile(io.BytesIO(services.docx_bytes(weekly))) as file:
        for name in file.namelist():
            if name.endswith((".xml", ".rels")):
                ET.fromstring(file.read(name))
        text = file.read("word/document.xml").decode()
        styles = file.read("word/styles.xml").decode()
    assert text.count("<w:tbl>") >= 3
    assert "方正小标宋简体" in styles
    assert "仿宋_GB2312" in styles


def test_cases_behind_a_figure_are_shown_to_who_may_see_them(town, weekly):
    address = f"/bulletins/{weekly.pk}/rows/cases/"
    assert len(at_desk("duty").get(address).context["table"].rows) == 1
    west = at_desk("west1").get(address)
    assert (len(west.context["table"].rows), west.context["hidden"]) == (0, 1)
    assert "东山的案件" not in west.content.decode()


def test_what_is_due_is_written_once_by_plan(town):
    town.at = town.at.astimezone(CITY_TZ).replace(hour=10) + timedelta(days=1)
    kinds = {d.kind for d in selectors.due_now(at=town.at)}
    assert {"daily", "weekly", "water_weekly", "monthly", "ranking"} <= kinds
    assert not kinds & {"annual", "pack"}
    for due in selectors.due_now(at=town.at):
        services.compose(kind=due.kind, day=due.day, at=town.at)
    assert selectors.due_now(at=town.at) == []


def test_a_plan_is_changed_by_the_office_and_audited(town):
    head = at_desk("head")
    head.post("/bulletins/schedule/weekly/", {"on": "on", "hour": "15", "weekday": "5"})
    plan = selectors.plan_of("weekly")
    assert plan.moment(date(2026, 9, 20)).isoformat() == "2026-09-25T15:00:00+08:00"
    assert Entry.objects.filter(deed="bulletins.schedule").count() == 1
    assert head.post("/bulletins/schedule/weekly/", {"hour": "44"}).status_code == 422
    head.post("/bulletins/schedule/weekly/", {"hour": "15", "weekday": "5"})
    assert not selectors.plan_of("weekly").on
    assert at_desk("duty").post("/bulletins/schedule/weekly/", {"hour": "1"}).status_code == 404


def test_long_bulletins_are_queued_and_written_by_the_job(town, monkeypatch):
    from procrastinate.contrib.django import app as jobs
    from procrastinate.contrib.django.models import ProcrastinateJob

    from qingyuan.host.citytime import CityClock
    from qingyuan.web.bulletins.services import schedule

    town.at = town.at.astimezone(CITY_TZ).replace(hour=10) + timedelta(days=1)
    monkeypatch.setattr(schedule, "_BACKFILL_S", -1.0)
    monkeypatch.setattr(CityClock, "now", lambda _: town.at)
    services.write_due(town.at)
    services.write_due(town.at)
    assert list(Bulletin.objects.values_list("kind", flat=True)) == ["daily"]
    queued = ProcrastinateJob.objects.filter(task_name="bulletins.compose")
    assert queued.count() == 4
    for job in queued:
        jobs.tasks[job.task_name].func(**job.args)
        jobs.tasks[job.task_name].func(**job.args)
    assert Bulletin.objects.count() == 5


def test_register_rows_are_put_in_replaced_and_ended_within_ones_district(town):
    east, west = at_desk("east1"), at_desk("west1")
    given = {"on": "2026-09-21", "district": "379901", "c_name": "东山黑臭水体", "c_progress": "80"}
    assert east.post("/bulletins/registers/black_water/", given).status_code == 302
    row = RegisterRow.objects.get()
    assert row.district == District.objects.get(code="379901")
    assert "东山黑臭水体" not in west.get("/bulletins/registers/black_water/").content.decode()
    assert west.get(f"/bulletins/rows/{row.pk}/").status_code == 404
    refused = west.post("/bulletins/registers/black_water/", given)
    assert refused.status_code == 422  # not their district
    east.post(f"/bulletins/rows/{row.pk}/", {**given, "done_on": "2026-09-22", "c_progress": "100"})
    new = RegisterRow.objects.get(ended_at=None)
    assert (new.replaces_id, new.values["progress"]) == (row.pk, "100")
    assert east.post(f"/bulletins/rows/{row.pk}/end/").status_code == 404  # not in force
    assert east.post(f"/bulletins/rows/{new.pk}/end/").status_code == 302
    assert not RegisterRow.objects.filter(ended_at=None).exists()
    assert RegisterRow.objects.count() == 2


def test_a_sample_of_the_schedule_is_judged_and_a_missed_one_told(town):
    duty = at_desk("duty")
    day = city_date(town.at) - timedelta(days=3)
    taken = {"on": day, "done_on": day, "c_section": "S1", "c_w21003": "1.3", "c_w01009": "7"}
    assert duty.post("/bulletins/registers/sampling/", taken).status_code == 302
    duty.post("/bulletins/registers/sampling/", {"on": day, "c_section": "S3", "c_reason": "洪水"})
    made = services.compose(kind="water_weekly", day=day, at=town.at)
    document = Document.from_dict(made.content)
    assert (document.totals["samples_taken"], document.totals["samples_missed"]) == (1, 1)
    rows = document.sections[0].tables[0].rows
    assert {row[3].text for row in rows} == {"Ⅳ", "无有效数据"}
    assert "洪水" in document.plain()


@pytest.mark.parametrize(
    ("register", "given", "field"),
    [
        ("effluent", {"c_name": "一厂", "c_days_judged": "20", "c_days_met": "21"}, "c_days_met"),
        ("effluent", {"c_name": "一厂", "c_days_judged": "9", "c_days_met": "9", "c_treated": "1", "c_reused": "2"}, "c_reused"),
        ("exposure", {}, "c_name"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_at_its_field(town, register, given, field):
    answer = at_desk("duty").post(
        f"/bulletins/registers/{register}/", {"on": "2026-09-01", **given}
    )
    assert answer.status_code == 422
    assert field in answer.context["form"].errors


def test_the_ranking_and_the_desk_stand_without_data(town):
    duty = at_desk("duty")
    assert "区县空气质量排名" in duty.get("/bulletins/ranking/").content.decode()
    desk = duty.get(reverse("bulletins"))
    assert "到期未编" in desk.content.decode()
    assert duty.get("/bulletins/?kind=weekly&state=running").status_code == 200
    day = city_date(town.at)
    assert "没有需要提醒的告警" in duty.get(f"/bulletins/slips/?day={day}").content.decode()
    assert duty.get("/bulletins/slips/?day=nonsense").status_code == 404


def test_unknown_kinds_are_refused_in_words(town, raises_problem):
    with raises_problem("bulletins.unknown_kind"):
        services.compose(kind="hourly", day=city_date(town.at), at=town.at)
    refused = at_desk("duty").post("/bulletins/compose/", {"kind": "hourly", "day": "2026-09-01"})
    assert refused.status_code == 422
