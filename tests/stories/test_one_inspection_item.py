"""督察交办件一件到底：清单导入、当日交办、退回改派、分别办理、审核、公开、验收销号、回头看反弹。"""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from inspected_town import CANARY, InspectedTown, build_inspected_town
from qingyuan.core.problems import Problem
from qingyuan.web.cases.models import Case, ResultReturn
from qingyuan.web.exchange import Row
from qingyuan.web.inspections import selectors, services
from qingyuan.web.inspections.models import Item, ItemRound
from qingyuan.web.inspections.services.listing import ITEM_IMPORT

BULLETIN = (
    "9月22日，省第三生态环境保护督察组向清河市交办第7批群众信访举报件3件（重点关注件1件），其中来电2件、来信1件，"
    "累计3件（重点关注件1件）。东山区2件，1件由市公安局、市住房城乡建设局、东山区分别办理。"
    "大气1个、水1个、噪声1个，共涉及3个问题。三日内反馈。"
)
FULL = {
    "public_problem": "某印染企业夜间排放异味。",
    "public_finding": "经查，企业夜间生产，集气罩破损。",
    "public_measures": "责令立即整改，更换集气罩。",
}


@pytest.fixture
def place(db: None) -> InspectedTown:
    return build_inspected_town()


def _rows(*numbers: str, **more: Any) -> list[Row]:
    row = {"round": "S3-2026", "batch": 7, "day": date(2026, 9, 22), "row": None, "channel": "", "focus": False, "problem": f"印染厂夜间冒黑烟。{CANARY}", "district": "379901", "units": "", "types": ("water",), "watcher": "", "note": ""}  # fmt: skip
    return [Row(n, {**row, **more, "number": number}) for n, number in enumerate(numbers, 2)]


def _report(**more: Any) -> dict[str, Any]:
    said = {"truth": "mostly", "progress": "staged", "finding": "集气罩破损，异味外逸。", "measures": "责令整改，更换集气罩，另建治理设施。", "ordered": 1, "fined": 1, "fines_10k": Decimal("8.6"), "talked": 2}  # fmt: skip
    return {**said, **more}


def _running(case: Case) -> set[str]:
    """Name the clocks that run on a case."""
    return set(case.clocks.filter(stopped_at=None).values_list("name", flat=True))


def test_an_item_from_the_batch_to_the_rebound(place: InspectedTown):
    town = place.town
    head, duty = town.who("head"), town.who("duty")

    # 批次到：通报登记，清单导入，重复的一行不再登记
    batch = services.state_batch(round_=place.round, text=BULLETIN, by=duty, at=town.at)
    listed = [
        *_rows("D3SD202609220001", focus=True),
        *_rows("D3SD202609220002", units="市公安局、市住房城乡建设局、东山区", types=("noise",)),
        *_rows("X3SD202609220003", types=("air",), units="市公安局"),
    ]
    plan = ITEM_IMPORT.check(listed, by=duty, at=town.at)
    assert (len(plan.new), plan.wrong) == (3, ())
    address = ITEM_IMPORT.write(plan, by=duty, at=town.at)
    assert address is not None
    assert address.endswith(f"/batches/{batch.pk}/")
    again = ITEM_IMPORT.check(listed, by=duty, at=town.at)
    assert (len(again.new), len(again.same)) == (0, 3)

    # 当日交办，一次办完，逐件有结果
    items = list(Item.objects.order_by("number"))
    outcomes = services.assign_items(items, by=duty, at=town.at)
    assert [o.problem for o in outcomes] == [None, None, None]
    plain, shared, returned = Item.objects.select_related("case__unit").order_by("number")
    assert (plain.case.unit.code, shared.case.unit.code) == ("east", "police")
    assert (plain.focus, plain.channel, returned.channel) == (True, "call", "letter")
    assert [c.name for c in selectors.compared(batch) if c.differs] == ["东山区", "市公安局"]

    # 责任单位不得拒收，只可附理由退回；改派给东山
    with pytest.raises(Problem, match="退回理由"):
        town.do(returned.case, "police1", "send_back")
    back = town.do(returned.case, "police1", "send_back", reason="不属本局职责，应由属地办理")
    assert (back.state_label, back.unit) == ("退回", None)
    moved = town.do(back, "duty", "assign", unit="east", person="east1")
    assert moved.unit is not None
    assert moved.unit.code == "east"
    assert selectors.totals(selectors.items(_city(head))).returned == 0
    assert [c.name for c in selectors.compared(batch) if c.differs] == []

    # 一件由三个单位分别办理：缺一个的反馈，主办报不上去
    town.do(shared.case, "police1", "sign")
    town.do(
        shared.case, "police1", "check_onsite", "check_record", officers="甲、乙", found="夜间施工"
    )
    town.do(shared.case, "housing1", "sign_share")
    town.do(shared.case, "housing1", "report_share", report="已责令夜间停工")
    with pytest.raises(Problem) as refused:
        town.do(
            shared.case,
            "police1",
            "report_done",
            "report_paper",
            **_report(progress="done", no_photo_reason="已停工"),
        )
    assert refused.value.code == "casework.guard_parts_reported"
    town.do(shared.case, "east1", "report_share", report="已现场核实")
    done = town.do(
        shared.case,
        "police1",
        "report_done",
        "report_paper",
        **_report(progress="done", no_photo_reason="已停工"),
    )
    assert done.state_label == "待审核"

    # 本件：签收、现场核查、阶段性办结、三级审核
    case = plain.case
    town.do(case, "east1", "sign")
    town.do(
        case,
        "east1",
        "check_onsite",
        "check_record",
        "before_photo",
        officers="甲、乙",
        found="集气罩破损",
    )
    due = date(2026, 10, 15)
    town.do(case, "east1", "report_staged", "report_paper", "plan_paper", **_report(due_on=due))
    with pytest.raises(Problem) as refused:
        town.do(case, "head", "sign_pass", opinion="同意")
    assert refused.value.code == "casework.mark_stands"
    assert _running(case) == {"rectify", "sign_off", "team"}, "报上去以后，审核也有时限"
    for who in ("head", "vice", "boss"):
        now = town.do(case, who, "sign_pass_staged", opinion="同意")
    assert now.state_label == "整改中（阶段性办结）"
    assert _running(case) == {"rectify", "month", "team"}, "末级通过，改计整改与月调度"
    assert (now.truth, now.progress) == ("mostly", "staged")
    town.do(case, "duty", "feed_back", note="正式函第 9 号")
    assert ResultReturn.objects.filter(case=case).exists()

    # 公开表：确认过的文本才出现，举报人信息一处也没有
    plain.refresh_from_db()
    with pytest.raises(Problem) as refused:
        services.confirm(plain, {**FULL, "public_problem": CANARY}, by=head, at=town.at)
    assert refused.value.code == "inspections.public_betrays"
    services.confirm(plain, FULL, by=head, at=town.at)
    rows, waiting = selectors.public_rows(Item.objects.filter(batch=batch))
    assert ([r.number for r in rows], waiting) == (["D3SD202609220001"], 2)
    assert all(
        piece not in " ".join(rows[0].cells) for piece in ("苗翠兰", "13912345678", "海风里")
    )

    # 整改完成，另一单位验收，公示期满销号
    town.at += timedelta(days=10)
    town.do(case, "east1", "finish", "after_photo", progress="done", measures="集气罩已更换")
    assert _running(case) == {"close"}, "待销号有验收公示销号的时限"
    with pytest.raises(Problem) as refused:
        town.do(case, "second", "accept", "acceptance_form", opinion="同意")
    assert refused.value.code == "inspections.own_acceptance"
    town.do(case, "head", "accept", "acceptance_form", opinion="现场核实，同意")
    with pytest.raises(Problem) as refused:  # 整改完成后又报送，公开文本须重新确认
        town.do(case, "duty", "publish_notice", **_notice(town.at))
    assert refused.value.code == "casework.mark_lacking"
    plain.refresh_from_db()
    services.confirm(plain, FULL, by=head, at=town.at)
    town.do(case, "duty", "publish_notice", "notice_record", **_notice(town.at))
    with pytest.raises(Problem) as refused:
        town.do(case, "duty", "close_out")
    assert refused.value.code == "inspections.notice_running"
    town.at += timedelta(days=6)
    closed = town.do(case, "duty", "close_out")
    assert (closed.state_label, closed.ledger) == ("已销号", "conclude")
    counted = selectors.totals(Item.objects.filter(batch__round=place.round))
    assert (counted.items, counted.struck_off, counted.open) == (3, 1, 2)

    # 回头看：抽到，反弹，同号另起一轮，结果分轮保存
    town.at += timedelta(days=60)
    look = services.draw_look_back(
        place.round, size=1, seed="2026-12-01-7", reason="季度回头看", by=head, at=town.at
    )
    check = look.checks.get()
    services.record_check(check, result="rebound", finding="夜间又有异味", by=head, at=town.at)
    again_open = Case.objects.get(pk=case.pk)
    assert (again_open.number, again_open.round, again_open.state_label) == (
        case.number,
        2,
        "待交办",
    )
    assert again_open.source_no == "D3SD202609220001"
    town.do(again_open, "duty", "assign", unit="east", person="east1")
    first = ItemRound.objects.get(item=plain, round=1)
    assert (first.fines_10k, first.talked, first.accepted_at is not None) == (
        Decimal("8.6"),
        2,
        True,
    )
    assert selectors.totals(Item.objects.filter(batch__round=place.round)).rebounds == 1


def _city(user: Any) -> Any:
    from qingyuan.web.accounts.scope import scope_of

    return scope_of(user, on=date(2026, 9, 22))


def _notice(at: Any) -> dict[str, Any]:
    day = at.date()
    return {
        "notice_from": day,
        "notice_to": day + timedelta(days=5),
        "notice_where": "https://example.invalid/gs/7",
    }
