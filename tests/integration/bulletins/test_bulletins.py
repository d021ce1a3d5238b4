"""The daily reminder: composed from the ledgers, frozen, published, withdrawn; every figure opens."""

from __future__ import annotations

import io
from datetime import timedelta
from itertools import takewhile

import pytest
from django.urls import reverse
from pypdf import PdfReader

from bureau import Bureau
from qingyuan.core.periods import city_date, day_of
from qingyuan.reporting import Document
from qingyuan.web.accounts.models import User
from qingyuan.web.bulletins import services
from qingyuan.web.bulletins.links import address_of
from qingyuan.web.bulletins.models import Bulletin
from qingyuan.web.cases.models import Case
from qingyuan.web.signals.models import Signal


@pytest.fixture
def bureau(tmp_path, settings, monkeypatch, db) -> Bureau:
    town = Bureau(tmp_path / "city", settings=settings, monkeypatch=monkeypatch)
    town.passes(minutes=6)
    return town


@pytest.fixture
def bulletin(bureau) -> Bulletin:
    bureau.day = city_date(bureau.at)
    bureau.at = day_of(bureau.day).end + timedelta(hours=8)
    return services.compose_daily(day=bureau.day, at=bureau.at)


def leader() -> User:
    return User.objects.get(username="leader")


def test_totals_agree_with_map_ledger_and_alarms(bureau, bulletin):
    totals = Document.from_dict(bulletin.content).totals
    span = day_of(bulletin.day)
    assert (
        totals["alarms"]
        == Signal.objects.filter(
            first_at__gte=span.start, first_at__lt=span.end, false_at=None
        ).count()
        >= 1
    )
    assert totals["cases_in_hand"] == Case.objects.filter(closed_at=None).count()
    on_map = bureau.leader.gets("/atlas/layers/sections.geojson").json()["features"]
    assert totals["sections"] == len(on_map) == 2


def test_every_figure_opens_a_page_that_holds_as_many_rows(bureau, bulletin):
    document = Document.from_dict(bulletin.content)
    for link in document.links():
        address = address_of(link, bulletin)
        assert bureau.leader.gets(address).status_code == 200, address
    counted = 0
    for run in document.figures():
        head = "".join(takewhile(str.isdigit, run.text))
        if run.strong and head and run.link.kind == "rows":
            page = bureau.leader.gets(address_of(run.link, bulletin)).context["table"]
            if run.link.params[0][1] != "air":
                assert len(page.rows) == int(head), run.text
                counted += 1
    assert counted > 8


def test_the_day_must_be_over_before_it_is_published(bureau, raises_problem):
    today = city_date(bureau.at)
    draft = services.compose_daily(day=today, at=bureau.at)
    with raises_problem("bulletins.day_not_over"):
        services.publish(bulletin=draft, by=leader(), at=bureau.at)
    assert Bulletin.objects.get().state == Bulletin.State.DRAFT


def test_a_published_bulletin_is_kept_as_it_was_and_a_correction_is_a_new_issue(
    bureau, bulletin, raises_problem
):
    done = services.publish(bulletin=bulletin, by=leader(), at=bureau.at)
    text = "".join(
        page.extract_text() for page in PdfReader(io.BytesIO(services.pdf_bytes(done))).pages
    )
    assert "生态环境日提醒" in text
    with raises_problem("bulletins.not_a_draft"):
        services.publish(bulletin=done, by=leader(), at=bureau.at)
    made = services.correct(bulletin=done, notice="断面名称有误", by=leader(), at=bureau.at)
    assert (made.issue, "更正1" in made.number, made.corrects_id) == (2, True, done.pk)
    done.refresh_from_db()
    assert done.state == Bulletin.State.PUBLISHED  # the original stands until the other is out
    services.publish(bulletin=made, by=leader(), at=bureau.at)
    done.refresh_from_db()
    assert done.state == Bulletin.State.CORRECTED
    bureau.duty.sees(reverse("bulletin", args=[done.pk]), "更正稿", "断面名称有误")
    services.withdraw(bulletin=made, reason="重复", by=leader(), at=bureau.at)
    bureau.duty.sees(reverse("bulletin", args=[made.pk]), "已撤回", "重复")


def test_composing_twice_keeps_one_draft(bureau, bulletin):
    services.compose_daily(day=bulletin.day, at=bureau.at)
    assert Bulletin.objects.count() == 1


def test_a_disk_that_refuses_the_pdf_leaves_a_draft(bureau, bulletin, monkeypatch, raises_problem):
    from pathlib import Path

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    with raises_problem("bulletins.not_kept"):
        services.publish(bulletin=bulletin, by=leader(), at=bureau.at)
    assert Bulletin.objects.get().state == Bulletin.State.DRAFT
    assert not list(bureau.folder.bulletins.iterdir())


def test_who_may_compose_sign_and_read(bureau, bulletin):
    bureau.duty.sends(reverse("bulletin-compose"), day=bulletin.day.isoformat())
    draft = Bulletin.objects.get()
    assert bureau.duty.gets(reverse("bulletin-publish", args=[draft.pk])).status_code == 404
    bureau.leader.sends(reverse("bulletin-publish", args=[draft.pk]))
    bureau.chemicals.may_not_see(reverse("bulletin", args=[draft.pk]))
    assert bureau.duty.gets(reverse("bulletin-pdf", args=[draft.pk])).content.startswith(b"%PDF")
