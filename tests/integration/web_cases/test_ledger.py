"""The ledger screen: filters, views, columns, batch and export agree with one another."""

from __future__ import annotations

import io
from datetime import timedelta

import pytest
from django.http import QueryDict
from django.urls import reverse
from python_calamine import CalamineWorkbook

from qingyuan.core.periods import city_date
from qingyuan.host.citytime import CityClock
from qingyuan.web.accounts.scope import scope_of
from qingyuan.web.audit.models import Entry
from qingyuan.web.cases import selectors
from qingyuan.web.cases.models import Case, CasePart, CaseType
from qingyuan.web.cases.models.views import LedgerLayout, LedgerView
from qingyuan.web.cases.selectors.columns import COLUMNS, offered, shown
from qingyuan.web.cases.selectors.screen import screen
from qingyuan.web.notices.models import Notice

pytestmark = pytest.mark.django_db


@pytest.fixture
def three(town, monkeypatch):
    """Three cases: one fresh, one in hand and late, one concluded."""
    monkeypatch.setattr(CityClock, "now", lambda self: town.at + timedelta(minutes=30))
    late = town.signed(town.open(title="逾期的一件"))
    town.at += timedelta(days=25)
    return {
        "late": late,
        "fresh": town.open(),
        "closed": town.closed(town.open(title="已办结的一件")),
    }


@pytest.fixture
def ask(client, town):
    def send(who, route, data=None, **query):
        client.force_login(town.who(who))
        if data is not None:
            return client.post(reverse(route), data)
        return client.get(reverse(route), query)

    return send


def seen(town, who, query):
    user = town.who(who)
    at = town.at + timedelta(minutes=30)
    return screen(QueryDict(query), user=user, scope=scope_of(user, on=city_date(at)), at=at)


def numbers(answer):
    return [case.number for case in answer.context["page"].object_list]


def test_every_filter_can_be_asked_and_says_its_name(town, three):
    scope = scope_of(town.who("duty"), on=city_date(town.at))
    for name, one in selectors.FILTERS.items():
        choices = (
            one.choices(scope, {}) if one.choices else [("1", ""), ("2026-09-22", ""), ("甲", "")]
        )
        for value, _ in choices:
            found = seen(town, "duty", f"ledger=all&{name}={value}")
            assert found.found.count() <= 3
            said = selectors.spoken({name: value}, scope)
            assert list(said) == [str(one.label)]


@pytest.mark.parametrize(
    ("query", "want"),
    [
        ("due=late", {"late"}),
        ("due=none", {"fresh"}),
        ("progress=open", set()),
        ("type=noise", {"fresh"}),
        ("truth=partly", {"closed"}),
        ("immediate=1", {"late"}),
        ("procedure=exceedance&state=closed", {"closed"}),
        ("state=exceedance.registered", {"fresh"}),
        ("state=other.registered", set()),
        ("unit=east", {"late", "closed"}),
        ("person=east1", {"late", "closed"}),
        ("person=不存在", set()),
        ("family=nothing", set()),
        ("level=9", set()),
        ("level=²", set()),
        ("rounds=again", set()),
        ("rounds=1", {"late", "fresh", "closed"}),
        ("rounds=x", set()),
        ("due=x", set()),
        ("text=dongshan", {"late", "closed"}),
        ("text=dsfj", {"late", "closed"}),
        ("text=%00", {"late", "fresh", "closed"}),
        ("opened_from=2026-10-01", {"fresh", "closed"}),
        ("opened_to=2026-10-01", {"late"}),
        ("opened_from=昨天", {"late", "fresh", "closed"}),
    ],
)
def test_filters_find_what_they_say(town, three, query, want):
    Case.objects.filter(pk=three["closed"].pk).update(truth="partly")
    Case.objects.filter(pk=three["late"].pk).update(immediate=True)
    CaseType.objects.create(case=three["fresh"], type="noise")
    found = set(seen(town, "duty", f"ledger=all&{query}").found.values_list("pk", flat=True))
    assert found == {three[name].pk for name in want}


def test_tabs_and_totals_are_counted_from_the_rows(town, three):
    found = seen(town, "duty", "ledger=all")
    at = town.at + timedelta(minutes=30)
    counted = selectors.sums(found.found, at=at)
    assert counted.tabs == selectors.counts_by_ledger(found.found)
    assert counted.tabs["assign"] + counted.tabs["handle"] + counted.tabs["conclude"] == 3
    for tab in counted.feet:
        rows = selectors.rows(selectors.in_tab(found.found, tab), at=at)
        foot = counted.feet[tab]
        assert foot["n"] == len(rows)
        assert foot["late"] == sum(row.late for row in rows)
        assert foot["soon"] == sum(row.soon for row in rows)


@pytest.mark.parametrize("days", range(0, 12))
def test_nearly_due_on_the_row_is_nearly_due_in_the_total(town, three, days):
    """Weekends and the October holiday lie inside the twelve days."""
    at = three["late"].opened_at + timedelta(days=days)
    Case.objects.filter(pk=three["late"].pk).update(
        due_at=at.replace(hour=16, minute=0) + timedelta(days=days)
    )
    found = Case.objects.filter(pk=three["late"].pk)
    (row,) = selectors.rows(found, at=at)
    assert selectors.totals(found, at=at)["soon"] == row.soon
    assert selectors.totals(found, at=at)["late"] == row.late


def test_a_co_handling_unit_sees_the_case(town, three):
    west = town.who("west1")
    assert not seen(town, "west1", "ledger=all").found.exists()
    CasePart.objects.create(
        case=three["late"], round=1, role="co", unit=west.unit, person=west, given_by="值班", given_at=town.at
    )  # fmt: skip
    assert [c.pk for c in seen(town, "west1", "ledger=all").found] == [three["late"].pk]
    assert seen(town, "duty", "ledger=all&part_unit=west").found.count() == 1


def test_columns_are_chosen_ordered_and_reset(ask, town, three):
    data = {
        "query": "ledger=all&procedure=exceedance",
        "column": ["truth", "district"],
        "at-truth": "9",
        "at-district": "2",
        "dense": "1",
        "size": "20",
    }
    assert ask("duty", "ledger-columns", data).status_code == 302
    answer = ask("duty", "ledger", ledger="all", procedure="exceedance")
    assert [c.name for c, *_ in answer.context["heads"]] == [
        "number", "title", "district", "truth", "left", "elapsed",
    ]  # fmt: skip
    assert "is-dense" in answer.content.decode()
    assert answer.context["page"].paginator.per_page == 20
    other = ask("head", "ledger", ledger="all", procedure="exceedance")
    assert "truth" not in [c.name for c, *_ in other.context["heads"]]
    ask("duty", "ledger-columns", {"query": "procedure=exceedance", "reset": "1"})
    assert not LedgerLayout.objects.exists()


def test_a_view_keeps_filter_order_and_columns(ask, town, three):
    data = {
        "query": "ledger=all&due=late&sort=-due&page=3",
        "name": " 我的  逾期 ",
        "standard": "1",
    }
    assert ask("duty", "ledger-views", data).status_code == 302
    kept = LedgerView.objects.get()
    assert (kept.name, kept.query) == ("我的 逾期", "ledger=all&due=late&sort=-due")
    opening = ask("duty", "ledger")
    assert opening.url.endswith(f"?{kept.query}&view={kept.pk}")
    assert ask("head", "ledger").status_code == 200
    assert str(kept.pk) not in [str(v.pk) for v, *_ in ask("head", "ledger").context["views"]]
    ask("duty", "ledger-views", {**data, "name": "第二个", "shared": "1"})
    assert LedgerView.objects.filter(owner=town.who("duty"), standard=True).count() == 1
    mates = [v.name for v, *_ in ask("head", "ledger").context["views"]]
    assert mates == (["第二个"] if town.who("head").unit_id == town.who("duty").unit_id else [])
    ask("head", "ledger-views", {"drop": str(kept.pk)})
    assert LedgerView.objects.count() == 2, "only the owner drops a view"
    ask("duty", "ledger-views", {"drop": str(kept.pk)})
    assert LedgerView.objects.count() == 1


def test_a_view_without_a_name_is_refused(ask, town, three):
    assert ask("duty", "ledger-views", {"query": "", "name": "  "}).status_code >= 400
    assert not LedgerView.objects.exists()


def test_the_export_has_the_columns_on_screen(ask, town, three):
    ask("duty", "ledger-columns", {"query": "", "column": ["truth", "left", "round"], "size": "50"})
    answer = ask("duty", "ledger-export", ledger="all", due="late")
    book = CalamineWorkbook.from_filelike(io.BytesIO(answer.content))
    cover, rows = (book.get_sheet_by_index(n).to_python() for n in (0, 1))
    heads = ["编号", "标题", "属实情况", "到期日", "剩余（工作日）", "轮次", "已用（工作日）"]
    assert rows[0] == heads
    assert [r[0] for r in rows[1:]] == [three["late"].number]
    assert "期限：已逾期" in dict(cover)["筛选"]
    assert Entry.objects.filter(deed="exchange.export").count() == 1


def test_urging_tells_the_responsible_once_a_day(ask, town, three):
    data = {
        "what": "urge",
        "query": "ledger=all",
        "case": [c.number for c in three.values()],
        "confirmed": "1",
        "note": "请今日办结",
    }
    answer = ask("duty", "ledger-batch", data)
    assert answer.context["counts"] == {"done": 1, "skipped": 2, "failed": 0}
    assert Notice.objects.filter(user=town.who("east1"), title_zh__startswith="催办").count() == 1
    again = ask("duty", "ledger-batch", data)
    assert again.context["counts"]["done"] == 0
    assert "今天已经催办过" in again.content.decode()
    assert ask("second", "ledger-batch", data).status_code == 404


def test_all_that_match_means_all_pages(ask, town, three):
    for n in range(21):
        town.open(title=f"第 {n} 件")
    data = {"what": "urge", "query": "ledger=all&size=20", "all": "1"}
    answer = ask("duty", "ledger-batch", data)
    assert answer.context["n"] == 24
    assert answer.context["numbers"] == ()


def test_nothing_chosen_does_nothing(ask, town, three):
    answer = ask("duty", "ledger-batch", {"what": "urge", "case": ["JD0"]})
    assert answer.status_code == 422
    assert "没有选中案件" in answer.content.decode()


def test_a_deed_not_marked_for_many_is_not_offered(ask, town, three):
    data = {"what": "exceedance.close_out", "case": [three["late"].number]}
    assert ask("duty", "ledger-batch", data).status_code == 404
    assert ask("duty", "ledger-batch", {**data, "what": "nothing.at_all"}).status_code == 404


def test_what_was_ticked_can_be_taken_or_printed(ask, town, three):
    ticked = [three["late"].number, three["closed"].number]
    for what, route in (("export", "ledger-export"), ("print", "ledger")):
        answer = ask("duty", "ledger-batch", {"what": what, "case": ticked, "query": "due=late"})
        assert answer.url.startswith(reverse(route))
        found = seen(town, "duty", answer.url.partition("?")[2])
        assert set(found.listed.values_list("number", flat=True)) == set(ticked)


def test_every_column_can_be_shown(ask, town, three):
    layout = {"query": "", "column": [*COLUMNS], "size": "50"}
    ask("duty", "ledger-columns", layout)
    answer = ask("duty", "ledger", ledger="all")
    assert [c.name for c, *_ in answer.context["heads"]] == [
        c.name for c in shown("", list(COLUMNS))
    ]
    assert set(offered()) == set(COLUMNS)
