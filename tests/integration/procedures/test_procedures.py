"""A procedure from draft to publication: checked, tried on closed cases, by two people."""

from __future__ import annotations

import re
from datetime import timedelta
from importlib.resources import files

import pytest
from django.test import Client
from django.urls import reverse

from case_town import Town, build_town
from qingyuan.casework.versions import Migration
from qingyuan.core.periods import city_date
from qingyuan.web.accounts.models import Unit
from qingyuan.web.accounts.services import put_person
from qingyuan.web.audit.models import Entry
from qingyuan.web.audit.services import SYSTEM
from qingyuan.web.cases.models import Case
from qingyuan.web.cases.selectors import rules
from qingyuan.web.procedures import selectors, services
from qingyuan.web.procedures.models import Draft, Publication

pytestmark = pytest.mark.django_db
SHIPPED = (files("qingyuan.casework") / "procedures" / "exceedance.toml").read_text("utf-8")
NEXT = SHIPPED.replace('version = "2026.1"', 'version = "2026.9"')
STRICTER = re.sub(r'(name = "sign"\nzh = "签收"\nen = "Sign for it"\n)', r"\1", NEXT).replace(
    'roles = ["district_officer"]\nties = ["responsible_unit"]\nclocks = { stop = ["sign"] }',
    'roles = ["district_officer"]\nties = ["responsible_unit"]\n'
    'fields = [{ name = "word", kind = "text", zh = "签收意见", en = "Word" }]\n'
    'clocks = { stop = ["sign"] }',
)


@pytest.fixture
def town() -> Town:
    made = build_town()
    put_person(
        username="admin1", name="系统员", unit=Unit.objects.get(code="bureau"),
        role_names=["system_admin"], at=made.at, by=SYSTEM,
    )  # fmt: skip
    return made


@pytest.fixture
def page(client: Client, town: Town):
    def do(who: str, route: str, *args: object, **given: object):
        client.force_login(town.who(who))
        address = reverse(route, args=args)
        return client.post(address, given) if given else client.get(address)

    return do


def _draft(town: Town, text: str = NEXT) -> Draft:
    draft = services.begin_draft(name="exceedance", by=town.who("head"), at=town.at)
    return services.save_draft(
        draft=draft, text=text, seen=draft.edition, by=town.who("head"), at=town.at
    )


def _publish(town: Town, draft: Draft, **more: object) -> Publication:
    given = {
        "order_title": "关于规范断面超标处置的通知", "order_number": "青环发〔2026〕12号",
        "order_date": city_date(town.at), "refused_reason": "", "by": town.who("admin1"),
        "at": town.at,
    }  # fmt: skip
    return services.publish(draft=draft, **{**given, **more})


def _closed(town: Town) -> Case:
    case = town.open()
    return town.do(case, "duty", "dismiss", reason="校准时的尖峰")


def test_new_cases_begin_on_what_is_published_and_running_ones_keep_theirs(town):
    running = town.open()
    made = _publish(town, _draft(town))
    assert rules.current()["exceedance"].version == "2026.9"
    assert town.open().procedure == made.version
    running.refresh_from_db()
    assert running.procedure.version == "2026.1"
    assert town.do(running, "duty", "dismiss", reason="误报").closed_at is not None
    assert Entry.objects.filter(deed="procedures.publish").count() == 1
    assert not Draft.objects.exists()


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (SHIPPED, "procedures.same_version"),
        (NEXT.replace('name = "exceedance"', 'name = "another"', 1), "procedures.other_name"),
        (NEXT.replace('to = "assigned"', 'to = "nowhere"'), "procedures.not_sound"),
        ("这不是 TOML", "procedures.not_sound"),
        (NEXT.replace('roles = ["duty_officer", "department_head"]', "roles = []", 1), "procedures.not_sound"),
    ],
    ids=["same version", "other name", "leads nowhere", "no toml", "no roles"],
)  # fmt: skip
def test_what_is_not_sound_is_not_published(town, raises_problem, text, code):
    town.open()
    draft = _draft(town, text)
    with raises_problem(code):
        _publish(town, draft)
    assert rules.current()["exceedance"].version == "2026.1"
    assert Draft.objects.exists()


def test_who_drafted_it_does_not_publish_it(town, raises_problem):
    draft = _draft(town)
    with raises_problem("procedures.own_draft"):
        _publish(town, draft, by=town.who("head"))


def test_a_document_of_tomorrow_orders_nothing_today(town, raises_problem):
    with raises_problem("procedures.order_later"):
        _publish(town, _draft(town), order_date=city_date(town.at) + timedelta(days=2))


def test_closed_cases_are_played_over_it_and_a_refusal_needs_a_reason(town, raises_problem):
    _closed(town)
    assert selectors.try_out(selectors.verdict_on(NEXT, name="x").procedure).passed == 1
    case = town.open()
    case = town.do(case, "duty", "assign", unit="east", person="second", note="")
    case = town.do(case, "second", "sign")
    case = town.do(case, "second", "send_back", reason="不属本辖区")
    town.do(case, "duty", "dismiss", reason="误报")
    tried = selectors.try_out(selectors.verdict_on(STRICTER, name="x").procedure)
    assert (len(tried.replays), tried.passed) == (2, 1)
    assert list(tried.refused) == [("sign", "casework.missing_field")]
    draft = _draft(town, STRICTER)
    with raises_problem("procedures.refused_without_reason"):
        _publish(town, draft)
    made = _publish(town, draft, refused_reason="自发布之日起执行")
    assert (made.tried, made.refused) == (2, 1)


def test_the_second_of_two_drafters_is_told_and_loses_nothing(town, page):
    draft = _draft(town)
    seen = draft.edition
    services.save_draft(
        draft=draft, text=NEXT + "\n# 改\n", seen=seen, by=town.who("head"), at=town.at
    )
    put_person(
        username="head2", name="副组长", unit=Unit.objects.get(code="bureau"),
        role_names=["department_head"], at=town.at, by=SYSTEM,
    )  # fmt: skip
    answer = page("head2", "procedure-draft", "exceedance", text=NEXT + "\n# 我的\n", seen=seen)
    assert answer.status_code == 422
    said = answer.content.decode()
    assert "刚改过这份草案" in said
    assert "# 我的" in said
    assert Draft.objects.get().text.endswith("# 改\n")


def test_open_cases_move_by_an_explicit_map_and_each_is_logged(town, raises_problem):
    renamed = NEXT.replace('"registered"', '"intake"')
    case = town.open()
    made = _publish(town, _draft(town, renamed))
    given = {
        "version": made.version,
        "cases": [case],
        "reason": "统一环节名",
        "by": town.who("admin1"),
        "at": town.at,
    }
    (row,) = services.move_open_cases(**given, migration=Migration())
    assert row.problem.code == "casework.map_missing"
    case.refresh_from_db()
    assert (case.state, case.procedure.version) == ("registered", "2026.1")
    (row,) = services.move_open_cases(**given, migration=Migration({"registered": "intake"}))
    assert row.problem is None
    case.refresh_from_db()
    assert (case.state, case.procedure) == ("intake", made.version)
    assert case.deeds.order_by("-seq").first().name == "change_version"
    assert Entry.objects.filter(deed="cases.change_version").count() == 1
    made.refresh_from_db()
    assert made.moved == 1
    assert town.do(case, "duty", "dismiss", reason="误报").closed_at is not None
    (row,) = services.move_open_cases(**{**given, "cases": [_closed(town)]}, migration=Migration())
    assert row.problem.code == "cases.version_closed"


def test_a_new_procedure_is_drafted_published_and_used_without_a_release(town):
    text = NEXT.replace('name = "exceedance"', 'name = "dust_alarm"', 1).replace(
        'zh = "断面超标处置"', 'zh = "扬尘超标处置"'
    )
    draft = services.begin_draft(name="dust_alarm", text=text, by=town.who("head"), at=town.at)
    made = _publish(town, draft)
    case = town.open(procedure="dust_alarm", title="工地扬尘")
    assert case.procedure == made.version
    assert "dust_alarm" in {row.rules.name for row in selectors.listed()}


def test_the_pages(town, page):
    town.open()
    assert "断面超标处置" in page("boss", "procedures").content.decode()
    said = page("duty", "procedure", "exceedance").content.decode()
    assert "<svg" in said
    assert "另一人复核" in said
    assert page("duty", "procedure-new").status_code == 404
    assert page("head", "procedure-begin", "exceedance", x=1).status_code == 302
    draft = Draft.objects.get()
    bad = NEXT.replace('to = "assigned"', 'to = "nowhere"')
    assert (
        page("head", "procedure-draft", "exceedance", text=bad, seen=draft.edition).status_code
        == 302
    )
    assert "nowhere" in page("head", "procedure-draft", "exceedance").content.decode()
    draft.refresh_from_db()
    assert (
        page("head", "procedure-draft", "exceedance", text=NEXT, seen=draft.edition).status_code
        == 302
    )
    said = page("admin1", "procedure-draft", "exceedance").content.decode()
    assert "版本号" in said
    order = {"order_title": "通知", "order_number": "1号", "order_date": "2026-01-05"}
    assert page("head", "procedure-publish", "exceedance", **order).status_code == 404
    assert page("admin1", "procedure-publish", "exceedance", order_title="通知").status_code == 422
    assert page("admin1", "procedure-publish", "exceedance", **order).status_code == 302
    version = Publication.objects.get().version
    said = page("boss", "procedure-version", "exceedance", version.pk).content.decode()
    assert "2026.1 → 2026.9" in said
    moving = page("admin1", "procedure-move", "exceedance", version.pk)
    assert Case.objects.get().number in moving.content.decode()
    bad = page("admin1", "procedure-move", "exceedance", version.pk, table="registered", reason="x")
    assert bad.status_code == 422
    done = page("admin1", "procedure-move", "exceedance", version.pk, table="", reason="统一")
    assert done.status_code == 200
    assert "已换版" in done.content.decode()
