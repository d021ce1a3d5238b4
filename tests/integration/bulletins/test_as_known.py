"""A bulletin says which state of the data it saw, and can be computed again as it was known then."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.conf import settings as django_settings
from django.test import Client
from django.urls import reverse

from case_town import Town, build_town
from qingyuan.core.periods import city_date, day_of
from qingyuan.host.folder import DataFolder
from qingyuan.reporting import Document, daily_reminder
from qingyuan.store.observations import Observations
from qingyuan.web.bulletins import facts, services
from qingyuan.web.bulletins.models import Bulletin
from qingyuan.web.registry.models import Section

pytestmark = pytest.mark.django_db
CLEAN = {
    "w01001": "7.50", "w01009": "8.20", "w01019": "2.10", "w21003": "0.30", "w21011": "0.05"
}  # fmt: skip


@pytest.fixture
def town(settings, tmp_path) -> Town:
    settings.FOLDER = DataFolder(tmp_path / "city").create("city")
    return build_town()


def readings(day, received_at, **values):
    section = Section.objects.order_by("code").first()
    return [
        {
            "station": f"section:{section.code}", "factor": factor, "cn": "2011", "suffix": "Rtd",
            "time": day_of(day).start + timedelta(hours=hour), "text": text, "mn": "A1",
            "received_at": received_at or day_of(day).start + timedelta(hours=hour, seconds=9),
            "offset": hour,
        }
        for factor, text in values.items()
        for hour in range(24)
    ]  # fmt: skip


def written_again(bulletin, at):
    """Compose the words of a daily reminder from the facts as they were known at an instant."""
    found, state = facts.daily_facts(day=bulletin.day, at=at, folder=django_settings.FOLDER)
    return daily_reminder(found, number=bulletin.number, language="zh"), state


def test_a_correction_after_the_issue_changes_the_figures_but_not_the_bulletin(town):
    day = city_date(town.at) - timedelta(days=1)
    store = Observations(django_settings.FOLDER.store)
    store.append(readings(day, None, **CLEAN))
    town.at = day_of(day).end + timedelta(hours=8)
    issued = services.compose_daily(day=day, at=town.at)
    services.publish(bulletin=issued, by=town.who("vice"), at=town.at)
    issued.refresh_from_db()
    frozen = Document.from_dict(issued.content)
    assert day_of(day).end - timedelta(hours=1) < issued.known_at <= town.at
    assert "前收到的数据" in frozen.footnotes[-1]
    page = Client()
    page.force_login(town.who("head"))
    before = page.get(reverse("bulletin", args=[issued.pk])).content.decode()
    assert "前收到的数据 · 数据版本" in before
    assert "之后又收到本期监测数据" not in before

    late = town.at + timedelta(hours=3)
    store.append(readings(day, late, w21003="4.80"))
    store.append(readings(day + timedelta(days=1), late, w21003="0.30"))  # of another day
    after = page.get(reverse("bulletin", args=[issued.pk])).content.decode()
    assert "之后又收到本期监测数据 24 条，其中更正 24 条" in after
    kept = Bulletin.objects.get(pk=issued.pk)
    assert (kept.content, kept.known_at) == (issued.content, issued.known_at)

    then, state = written_again(kept, kept.known_at)
    assert state.known_at == kept.known_at
    assert then.sections == frozen.sections
    now, _ = written_again(kept, late)
    assert now.sections != frozen.sections
    means = [
        store.as_known(at).means(None, ["w21003"], day_of(day), step="day")[0].value
        for at in (kept.known_at, late)
    ]
    assert means == [Decimal("0.3"), Decimal("4.8")]


def test_a_pack_knows_no_more_than_the_part_that_knew_least(town):
    day = city_date(town.at)
    early = services.compose(kind="ranking", day=day, at=town.at)
    town.at += timedelta(days=40)
    pack = services.compose(kind="pack", day=day, at=town.at)
    assert early.known_at <= pack.known_at <= town.at
    assert pack.data_version >= early.data_version
