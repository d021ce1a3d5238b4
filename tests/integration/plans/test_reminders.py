"""On the last day of a period, once, those whose report is missing are reminded."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from plan_office import Office
from qingyuan.web.notices.models import Notice
from qingyuan.web.plans import selectors, services


@pytest.fixture
def office(db: None, tmp_path, settings, monkeypatch) -> Office:
    return Office.build(tmp_path / "data", settings=settings, monkeypatch=monkeypatch)


def test_the_missing_are_reminded_on_the_last_day_and_once(office: Office) -> None:
    plan = office.plan()
    told, silent = (
        office.task(plan, "1"),
        office.task(
            plan, "2", units=["东山分局"], person=office.who("east1"), person_name="东山经办"
        ),
    )
    by, at = office.who("head"), office.at
    for node, who in ((told, "p_brigade"), (silent, "east1")):
        office.do(services.launch(node, by=by, at=office.at), who, "sign")
        node.refresh_from_db()
    services.report(told, percent=10, text="进展", by=office.who("p_brigade"), at=office.at)
    Notice.objects.all().delete()
    span = selectors.current_span(plan, at=at)
    last = span.last + timedelta(days=plan.grace_days)
    early = datetime(last.year, last.month, last.day, 0, 30, tzinfo=UTC)  # 08:30 in the city
    assert services.remind_due(at=early) == 0
    assert services.remind_due(at=early - timedelta(days=1)) == 0
    office.at = early + timedelta(hours=1)
    assert services.remind_due(at=office.at) == 1
    assert services.remind_due(at=office.at + timedelta(hours=1)) == 0
    (notice,) = Notice.objects.all()
    assert notice.user == office.who("east1")
    assert span.key in notice.title_zh
