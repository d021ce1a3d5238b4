"""Indicators of a plan: brought as a table, shown with their gap, taken away and brought back."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from django.urls import reverse

from plan_office import Office
from qingyuan.core.problems import Problem
from qingyuan.web import exchange
from qingyuan.web.audit.models import Entry
from qingyuan.web.exchange import Row
from qingyuan.web.plans import selectors, services
from qingyuan.web.plans.models import Indicator
from qingyuan.web.plans.services.indicators import INDICATORS, check, make, write


@pytest.fixture
def office(db: None, tmp_path, settings, monkeypatch) -> Office:
    return Office.build(tmp_path / "data", settings=settings, monkeypatch=monkeypatch)


def _row(line: int, plan: str, number: str, **more: object) -> Row:
    usual = {
        "name": "优良水体比例", "unit": "%", "better": "more", "target": Decimal(80), "department": "水科",
    }  # fmt: skip
    return Row(line, {"plan": plan, "number": number, **usual, **more})


def test_a_table_shows_the_gap_and_comes_back_unchanged(office: Office) -> None:
    plan, by, at = office.plan(kind="targets"), office.who("head"), office.at
    day = date(2026, 8, 31)
    rows = [
        _row(2, plan.code, "1", current=Decimal("72.5"), as_of=day),
        _row(3, plan.code, "2", name="PM2.5", unit="μg/m³", better="less", target=Decimal(35), current=Decimal(33), as_of=day),
        _row(4, plan.code, "3", name="森林覆盖率"),
        _row(5, plan.code, "4", current=Decimal(70)),
        _row(6, "GH1999-1", "1"),
    ]  # fmt: skip
    found = check(rows, by=by, at=at)
    codes = [(f.row, f.problem.code) for f in found.wrong]
    assert codes == [(5, "plans.indicator_day"), (6, "plans.which_plan")]
    address = write(found, by=by, at=at)
    assert address == reverse("plan-indicators", args=[plan.code])
    assert {i.number: i.gap for i in Indicator.objects.all()} == {
        "1": Decimal("7.5"),
        "2": 0,
        "3": None,
    }
    assert [i.number for i in selectors.indicators(plan)] == ["1", "3", "2"]  # the farthest first
    assert Entry.objects.get(deed="plans.import_indicators").target == plan.ref
    office.sees(
        "head", address, "优良水体比例", "7.5", "≤ 35", "已达目标", "缺现状值", "2026", "水科"
    )
    taken = make(f"plan={plan.code}", by=by, at=at)
    again = [Row(n, dict(row)) for n, row in enumerate(taken.rows, 2)]
    same = check(again, by=by, at=at)
    assert (len(same.same), same.new, same.changed, same.wrong) == (3, (), (), ())
    book = exchange.workbook(
        INDICATORS, [row.values for row in again], exchange.Cover(by="", at=at)
    )
    shown = office.upload("plans.indicators", "指标.xlsx", book)
    office.sees("head", shown, "3")


def test_a_branch_brings_none_into_the_city_s_plan(office: Office) -> None:
    plan = office.plan(kind="targets")
    found = check([_row(2, plan.code, "1")], by=office.who("east1"), at=office.at)
    assert [f.problem.code for f in found.wrong] == ["plans.which_plan"]


def test_each_committee_has_its_tasks_dispatched_every_quarter(office: Office) -> None:
    """R088: a list per committee, a task per duty, told every quarter; the missing are named."""
    plan = office.plan(title="环委会专业委员会履职重点工作清单", rhythm="quarterly")
    by, at = office.who("head"), office.at
    for number, name in (("一", "水生态环境专业委员会"), ("二", "大气专业委员会")):
        committee = services.add_node(plan, parent=None, kind="theme", number=number, title=name, by=by, at=at)  # fmt: skip
        node = office.task(plan, number, parent=committee)
        office.do(services.launch(node, by=by, at=office.at), "p_brigade", "sign")
        node.refresh_from_db()
    services.report(node, percent=40, text="三季度进展", by=office.who("p_brigade"), at=office.at)
    span = selectors.current_span(plan, at=office.at)
    assert span.key == "2026-Q3"
    rows = selectors.dispatch_rows(plan, span, at=office.at)
    assert [(row.number, row.reported) for row in rows] == [("一", False), ("二", True)]
    assert [n.number for n in selectors.missing(plan, span, at=office.at)] == ["一"]
    with pytest.raises(Problem):
        services.write_paper(plan, "supervision", span=span, by=by, at=office.at)
    services.freeze(plan, span, by=by, at=office.at)
    assert services.write_paper(plan, "supervision", span=span, by=by, at=office.at).number
