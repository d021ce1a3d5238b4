from __future__ import annotations

import io
from datetime import date, timedelta
from decimal import Decimal
from urllib.parse import urlsplit

import pytest
import xlsxwriter
from django.http import QueryDict
from django.utils import timezone

from inspected_town import InspectedTown, report_on, strike_off
from qingyuan.core.problems import Problem
from qingyuan.web import exchange
from qingyuan.web.accounts.scope import scope_of
from qingyuan.web.cases import selectors as cases
from qingyuan.web.cases.models import Case
from qingyuan.web.cases.selectors.screen import screen as ledger_screen
from qingyuan.web.exchange import Row
from qingyuan.web.inspections import selectors, services
from qingyuan.web.inspections.models import Batch, FindingMonth, Item
from qingyuan.web.inspections.services.listing import ITEM_IMPORT
from qingyuan.web.notices.models import Notice


def _many(place: InspectedTown, batch: Batch, *, items: int, closed: int) -> None:
    """Copy one case as often as a published round counts; only counting is tried here."""
    first = place.item(batch, "D3SD202609220001").case
    for n in range(2, items + 1):
        case = Case.objects.get(pk=first.pk)
        case.pk, case.number, case.source_no = None, f"{first.number}-{n}", f"D{n}"
        if n <= closed + 1:
            case.ledger, case.state, case.progress = "conclude", "closed", "done"
            case.closed_by, case.closed_at = "测试", timezone.now()
        case.save(force_insert=True)
        Item.objects.create(case=case, batch=batch, number=f"D{n}", row=n, channel="call")


@pytest.mark.parametrize(
    ("items", "done"),
    [
        pytest.param(101, 100, id="中央交办101件完成100件（R021）"),
        pytest.param(202, 201, id="省交办202件完成201件（R022）"),
    ],
)
def test_a_round_counts_its_items_and_prints_both_parts_of_a_rate(
    place: InspectedTown, batch: Batch, items: int, done: int
):
    _many(place, batch, items=items, closed=done)
    counted = selectors.totals(Item.objects.filter(batch__round=place.round))
    assert (counted.items, counted.struck_off, counted.open) == (items, done, 1)
    assert counted.to_assign + counted.in_hand + counted.struck_off == counted.items
    struck = counted.rates[0]
    assert (struck.part, struck.whole) == (done, items)


def test_nothing_to_divide_by_is_no_rate(place: InspectedTown):
    counted = selectors.totals(Item.objects.none())
    assert [rate.value for rate in counted.rates] == [None, None, None]


def test_counters_sum_over_rounds_of_handling(place: InspectedTown, batch: Batch):
    for n in (1, 2):
        report_on(place, place.item(batch, f"D3SD20260922000{n}"))
    sums = {label: n for label, _, n in selectors.counters(Item.objects.filter(batch=batch))}
    assert (sums["责令整改"], sums["罚款金额"], sums["问责"]) == (2, Decimal("6.5"), 0)


def test_half_a_penalised_firm_is_refused(place: InspectedTown, batch: Batch):
    item = place.item(batch, "D3SD202609220001")
    town = place.town
    services.assign_items([item], by=town.who("duty"), at=town.at)
    with pytest.raises(Problem) as refused:
        town.do(
            item.case, "east1", "report_done", "check_record", "report_paper", "after_photo", truth="proven",
            progress="done", finding="属实", measures="已改", fined=Decimal("0.5"),
        )  # fmt: skip
    assert refused.value.code == "inspections.counter"
    assert Case.objects.get(pk=item.case_id).state == "in_hand"


def _row(number: str, line: int, **more: object) -> Row:
    row = {"round": "S3-2026", "batch": 7, "day": date(2026, 9, 22), "number": number, "problem": "冒烟", "district": "379901", "types": ("air",), "units": ""}  # fmt: skip
    return Row(line, {**row, **more})


def test_a_list_with_faults_names_each_and_a_correction_is_no_import(
    place: InspectedTown, batch: Batch
):
    place.item(batch, "D3SD202609220001", problem="冒烟")
    duty, at = place.town.who("duty"), place.town.at
    plan = ITEM_IMPORT.check(
        [
            _row("D3SD202609220001", 2),
            _row("D3SD202609220001", 3),
            _row("D3SD202609220002", 4, units="市无此局"),
            _row("Ｘ3SD202609220003", 5),
        ],
        by=duty,
        at=at,
    )
    assert [r.number for r in plan.same] == [2]
    assert [r.number for r in plan.new] == [5]
    assert [(f.row, f.column, f.problem.code) for f in plan.wrong] == [
        (3, "number", "inspections.row_twice"),
        (4, "units", "inspections.unknown_unit"),
    ]
    changed = ITEM_IMPORT.check([_row("D3SD202609220001", 2, problem="别的事")], by=duty, at=at)
    assert [f.problem.code for f in changed.wrong] == ["inspections.registered_otherwise"]
    west = ITEM_IMPORT.check([_row("D3SD202609220009", 2)], by=place.town.who("west1"), at=at)
    assert [f.problem.code for f in west.wrong] == ["inspections.outside_district"]


def test_a_batch_keeps_its_day(place: InspectedTown, batch: Batch):
    with pytest.raises(Problem) as refused:
        place.batch(7, day=date(2026, 9, 23))
    assert refused.value.code == "inspections.batch_day"


def test_an_item_is_struck_off_only_after_notice_and_may_be_called_back(
    place: InspectedTown, batch: Batch
):
    item = place.item(batch, "D3SD202609220001")
    report_on(place, item)
    strike_off(place, item)
    done = place.town.do(item.case, "duty", "call_back", solved="solved", note="已解决")
    assert done.state == "closed"


def waiting_for_me(place: InspectedTown, who: str) -> list[str]:
    """Return the cases the workbench counts for a person."""
    user, at = place.town.who(who), place.town.at
    seen = cases.cases(scope_of(user, on=at.date()))
    return [c.number for c in cases.my_turn(seen, user=user, at=at)]


def test_a_batch_tells_each_coordinator_once(place: InspectedTown):
    batch = place.batch()
    for n in range(1, 6):
        place.item(batch, f"D3SD20260922000{n}")
    (told,) = Notice.objects.filter(
        user=place.town.who("head"), title_zh__startswith="新案件待交办"
    )
    assert told.title_zh == "新案件待交办：5 件督察交办件"
    assert told.title_en == "New case to assign: 5 × Inspection item"
    asked = QueryDict(urlsplit(told.url).query)
    screen = ledger_screen(
        asked, user=told.user, scope=scope_of(told.user, on=place.town.at.date()), at=place.town.at
    )
    assert screen.listed.count() == 5, "the link opens the very rows"
    place.town.at += timedelta(minutes=1)
    place.item(batch, "D3SD202609220009")
    assert Notice.objects.filter(user=told.user, title_zh__startswith="新案件待交办").count() == 2


def test_a_finding_from_the_plan_to_the_rebound(place: InspectedTown):
    town = place.town
    finding = services.add_finding(
        place.round, problem="入河排污口整治滞后", goal="完成整治", watcher="市督导组", district_code="379901",
        matter="inspection", by=town.who("duty"), at=town.at,
    )  # fmt: skip
    case = finding.case
    town.do(case, "duty", "assign", unit="east", person="east1", co_units=["housing"])
    due = (town.at + timedelta(days=300)).date()
    plan = {"goal": "完成整治", "measures": "一口一策", "due_on": due}
    with pytest.raises(Problem) as refused:
        town.do(case, "vice", "approve_plan", "plan_paper", **plan, acceptor="east")
    assert refused.value.code == "inspections.own_acceptance"
    town.do(case, "vice", "approve_plan", "plan_paper", **plan, acceptor="bureau")
    month = {"month": town.at.date(), "on_line": "behind", "note": "征地未完"}
    town.do(case, "east1", "report_month", **month)
    with pytest.raises(Problem) as refused:
        town.do(case, "east1", "report_month", **month)
    assert refused.value.code == "inspections.month_twice"
    with pytest.raises(Problem) as refused:
        town.do(case, "east1", "report_month", **{**month, "month": due})
    assert refused.value.code == "inspections.month_ahead"
    assert FindingMonth.objects.get().month.day == 1
    finished = {"progress": "done", "note": "完成"}
    assert waiting_for_me(place, "housing1") == [case.number], "the joint unit has not reported"
    with pytest.raises(Problem) as refused:
        town.do(case, "east1", "complete", "finish_paper", "after_photo", **finished)
    assert refused.value.code == "casework.guard_parts_reported"
    town.do(case, "housing1", "sign_part")
    assert waiting_for_me(place, "housing1") == [case.number]
    town.do(case, "housing1", "report_part", report="管网已并网")
    assert waiting_for_me(place, "housing1") == []
    town.do(case, "east1", "complete", "finish_paper", "after_photo", **finished)
    day = town.at.date()
    notice = {
        "opinion": "同意",
        "notice_from": day,
        "notice_to": day + timedelta(days=5),
        "notice_where": "网站",
    }
    with pytest.raises(Problem) as refused:
        town.do(case, "west1", "accept", "acceptance_paper", **notice)
    assert refused.value.code == "inspections.other_acceptor"
    accepted = town.do(case, "head", "accept", "acceptance_paper", **notice)
    assert accepted.state_label == "公示"
    with pytest.raises(Problem) as refused:
        town.do(case, "duty", "close_out", "notice_record", "close_form")
    assert refused.value.code == "inspections.notice_running"
    town.at += timedelta(days=7)
    assert town.do(case, "duty", "close_out", "notice_record", "close_form").ledger == "conclude"
    again = town.do(case, "head", "rebound", reason="又有新增")
    finding.refresh_from_db()
    assert (again.state_label, again.round, finding.accepted_at) == ("反弹重开", 2, None)


def test_a_workbook_of_the_day_goes_through_exchange_with_finer_types_and_full_width(
    place: InspectedTown,
):
    kept = io.BytesIO()
    book = xlsxwriter.Workbook(kept, {"in_memory": True})
    sheet = book.add_worksheet()
    head = ("督察轮次", "批次", "交办日期", "受理编号", "来源（来电/来信）", "是否重点关注", "交办问题基本情况", "行政区域", "责任单位", "污染类型（多选）")  # fmt: skip
    sheet.write_row(0, 0, head)
    sheet.write_row(1, 0, ("S3-2026", 7, "2026年9月22日", "Ｘ3SD202609220009", "", "是", "油烟扰民", "东山区", "市公安局、东山区", "油烟、噪声"))  # fmt: skip
    sheet.write_row(2, 0, ("S3-2026", 7, "2026年9月22日", "D3SD202609220010", "来电", "", "垃圾", "东山区", "", "垃圾、天气"))  # fmt: skip
    book.close()
    read = exchange.read.rows(kept.getvalue(), "清单.xlsx", ITEM_IMPORT.sheet)
    assert [(f.row, f.column) for f in read.faults] == [(3, "types")]
    duty, at = place.town.who("duty"), place.town.at
    plan = ITEM_IMPORT.check(read.rows, by=duty, at=at)
    assert (len(plan.new), plan.wrong) == (1, ())
    ITEM_IMPORT.write(plan, by=duty, at=at)
    item = Item.objects.get()
    assert (item.number, item.channel, item.focus) == ("X3SD202609220009", "letter", True)
    assert item.units == ["police", "east"]
    assert sorted(t.type for t in item.case.types.all()) == ["air", "noise"]
    assert item.case.level == 3
    assert (item.received_on, item.serial) == (date(2026, 9, 22), 9)
