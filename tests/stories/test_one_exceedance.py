"""From a packet to a closed case (一次超标的始末): told once, as it happens in the four-node town."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest
from django.urls import reverse

from bureau import Bureau
from qingyuan.core.periods import city_date, day_of
from qingyuan.host.folder import DataFolder
from qingyuan.reporting import Document
from qingyuan.store.observations import Observations
from qingyuan.web.audit import services as audit
from qingyuan.web.audit.models import Entry
from qingyuan.web.bulletins.models import Bulletin
from qingyuan.web.bulletins.services import compose_daily
from qingyuan.web.cases.models import Case
from qingyuan.web.signals.models import Signal

CONSOLE, LEDGER, INBOX, MAP = "/signals/", "/cases/", "/notices/", "/map/"


def alarm_of(bureau: Bureau) -> Signal:
    """Wait until ammonia at the lower bridge has been over its limit for a while."""
    bureau.passes(minutes=12)
    return Signal.objects.get(kind="exceedance", object_code="S2", factor="w21003")


def packets_in(folder: DataFolder) -> int:
    rows = Observations(folder.store).table.read(columns=("mn", "qn", "cn"))
    return len({(r["mn"], r["qn"]) for r in rows.to_pylist() if r["cn"] != "hist"})


def rows_of(text: str) -> int:
    """Return the count a ledger says it holds."""
    found = re.search(r"(\d+)\s*件，其中逾期", text)
    return int(found.group(1)) if found else 0  # an empty ledger says what will come instead


def due(bureau: Bureau, *, days: int) -> date:
    return city_date(bureau.at) + timedelta(days=days)


def problem_list(bureau: Bureau) -> dict[str, object]:
    return {"problems": "应急池阀门关闭不严\n采样管未固定", "due_on": due(bureau, days=10)}


def checked_and_pushed(bureau: Bureau, case: Case) -> Case:
    bureau.officer.does(
        "check_onsite", case, "check_record", officers="沈若溪、陆文澜", finding="应急池阀门未关严"
    )
    bureau.officer.does("list_problems", case, **problem_list(bureau))
    return bureau.officer.does("push", case, note="请按期整改")


def rectified(bureau: Bureau, case: Case, measures: str) -> Case:
    return bureau.chemicals.does("submit", case, "before_photo", "after_photo", measures=measures)


def signed_off(bureau: Bureau, case: Case) -> Case:
    for signer in (bureau.coordinator, bureau.vice, bureau.leader):
        case = signer.does("sign_pass", case, opinion="同意")
    return case


def test_from_a_packet_to_a_closed_case(bureau: Bureau) -> None:
    duty = bureau.duty

    # 08:30. The river is within its class; nothing is on the console.
    duty.sees(CONSOLE, absent=("下桥",))

    # The chemical works lets go; minutes later the lower bridge is over the limit of its class.
    alarm = alarm_of(bureau)
    assert packets_in(bureau.folder) == bureau.acknowledged > 0
    duty.sees(CONSOLE, "下桥", "氨氮", "mg/L", "未确认")
    duty.sees(f"/signals/{alarm.pk}/", "GB 3838-2002", "Ⅲ类")
    assert duty.gets("/signals/live/?since=0").status_code == 200

    # The platform has looked upstream by itself: only what lies upstream is a suspect.
    answer = alarm.traces.get().answer
    named = [c["outfall_id"] for c in answer["candidates"]]
    assert bureau.incident.release.outfall_id in named[:3]
    sure = answer["none"] + answer["several"] + answer["rest"]
    assert sum(c["probability"] for c in answer["candidates"]) + sure == pytest.approx(1, abs=1e-3)
    duty.sees(f"/trace/{alarm.pk}/", "望澜精细化工有限公司", "就此建案")

    # The duty officer confirms, opens a case on the first suspect and assigns it by the matrix.
    duty.sends(f"/signals/{alarm.pk}/acknowledge/")
    address = duty.sends(f"/trace/{alarm.pk}/case/", outfall="O2")
    case = Case.objects.get()
    assert address == reverse("case", args=[case.number])
    bureau.officer.may_not_see(reverse("case-deed", args=[case.number, "sign"]))
    duty.sees("/", case.number, absent=("没有轮到你的案件",))
    case = duty.does("assign", case, unit="980201", person="officer", note="请今日到场")
    duty.sees("/", "没有轮到你的案件")
    assert rows_of(duty.sees(f"{LEDGER}?ledger=assign", case.number)) == 1

    # It is on the officer's desk, with a deadline; she signs for it and goes there with a colleague.
    bureau.officer.sees(INBOX, case.number)
    bureau.officer.sees("/", "下桥")
    case = bureau.officer.does("sign", case)
    duty.sees(f"{LEDGER}?ledger=handle", case.number)
    case = checked_and_pushed(bureau, case)

    # The enterprise sees its own task and no other page of the case; it answers from a phone.
    bureau.chemicals.sees("/my/cases/", "下桥")
    bureau.foods.may_not_see(reverse("my-case", args=[case.number]))
    bureau.chemicals.may_not_see(reverse("case", args=[case.number]))
    page = reverse("my-case-deed", args=[case.number, "submit"])
    bureau.chemicals.is_refused(page, "整改前照片", "整改后照片", measures="已换阀门")
    assert Case.objects.get().state == "pushed"
    bureau.chemicals.does("acknowledge", case)
    case = rectified(bureau, case, "已更换应急池阀门，采样管已固定")

    # Who checked may not re-check: another person does.
    bureau.officer.may_not_see(reverse("case-deed", args=[case.number, "recheck_pass"]))
    case = bureau.checker.does("recheck_pass", case, "recheck_record", opinion="阀门已更换")

    # Three sign off in their order; nobody out of turn.
    bureau.leader.may_not_see(reverse("case-deed", args=[case.number, "sign_pass"]))
    case = signed_off(bureau, case)

    # Struck off only with the measurement, or a reason why there is none.
    strike = reverse("case-deed", args=[case.number, "close_out"])
    duty.is_refused(strike, "监测恢复达标记录")
    case = duty.does("close_out", case, "measurement_back")
    assert (case.state, case.ledger) == ("closed", "conclude")
    counts = [rows_of(duty.sees(f"{LEDGER}?ledger={n}")) for n in ("assign", "handle", "conclude")]
    assert counts == [0, 0, 1]
    duty.sees(f"{LEDGER}?ledger=assigned", case.number)  # the cumulative view of what was assigned
    bureau.chemicals.sees(reverse("my-case", args=[case.number]), "已办结")

    # Tomorrow's reminder has it, every number leads to its rows, and the totals agree.
    closed_on = city_date(case.closed_at)
    bureau.at = day_of(closed_on).end + timedelta(hours=8, minutes=5)
    bulletin = compose_daily(day=closed_on, at=bureau.at)
    totals = Document.from_dict(bulletin.content).totals
    assert (totals["cases_concluded"], totals["cases_in_hand"]) == (1, 0)
    bureau.leader.sends(f"/bulletins/{bulletin.pk}/publish/")
    shown = duty.gets(f"/bulletins/{bulletin.pk}/").content.decode()
    links = set(re.findall(rf'href="(/bulletins/{bulletin.pk}/rows/[^"]+)"', shown))
    assert links
    for link in links:
        duty.sees(link.replace("&amp;", "&"))
    pdf = duty.gets(f"/bulletins/{bulletin.pk}/pdf/")
    assert pdf.content.startswith(b"%PDF")
    assert Bulletin.objects.get().state == "published"

    # Every deed is in the log, in order, and the chain is whole.
    deeds = list(case.deeds.order_by("seq").values_list("name", flat=True))
    logged = Entry.objects.filter(target=case.ref).order_by("pk").values_list("deed", flat=True)
    assert [d.removeprefix("cases.") for d in logged if d.removeprefix("cases.") in deeds] == deeds
    assert audit.verify() is None


def test_an_enterprise_that_fails_the_recheck_rectifies_again(bureau: Bureau) -> None:
    duty, officer, checker = bureau.duty, bureau.officer, bureau.checker
    alarm = alarm_of(bureau)
    duty.sends(f"/signals/{alarm.pk}/acknowledge/")
    duty.sends(f"/trace/{alarm.pk}/case/", outfall="O2")
    case = duty.does("assign", Case.objects.get(), unit="980201", person="officer")

    # The district returns it with a reason, and nobody is responsible until it is assigned anew.
    officer.is_refused(reverse("case-deed", args=[case.number, "send_back"]), "退回理由")
    case = officer.does("send_back", case, reason="本周在外培训")
    assert (case.state, case.person) == ("returned", None)
    duty.sees(INBOX, case.number)
    case = duty.does("assign", case, unit="980201", person="checker")

    # The duty officer moves it to another person after all, and says why.
    case = duty.does(
        "reassign", case, unit="980201", person="officer", reason="经办已返岗，熟悉该企业"
    )
    assert case.person.username == "officer"
    checker.sees(reverse("case", args=[case.number]), "改派")
    case = officer.does("sign", case)
    case = checked_and_pushed(bureau, case)

    # First round: the photographs do not convince; the enterprise reads why and by when.
    case = rectified(bureau, case, "阀门已检修")
    case = checker.does(
        "recheck_return", case, reason="旁通口仍有渗漏，请封堵", due_on=due(bureau, days=5)
    )
    assert case.state == "rectifying"
    bureau.chemicals.sees(reverse("my-case", args=[case.number]), "旁通口仍有渗漏")
    officer.may_not_see(reverse("case-deed", args=[case.number, "close_out"]))

    # Second round: it passes, and both rounds stay in the timeline.
    case = rectified(bureau, case, "旁通口已封堵并复测")
    case = checker.does("recheck_pass", case, "recheck_record", opinion="已封堵，无渗漏")
    case = signed_off(bureau, case)
    case = duty.does("close_out", case, no_measurement_reason="断面自动站校准中，次日补录")
    assert case.state == "closed"
    done = list(case.deeds.order_by("seq").values_list("name", flat=True))
    assert done.count("submit") == 2
    assert done.index("recheck_return") < done.index("recheck_pass")
    duty.sees(reverse("case", args=[case.number]), "阀门已检修", "旁通口已封堵并复测")
    assert audit.verify() is None


def test_a_false_alarm_is_closed_with_its_reason_and_nobody_is_troubled(bureau: Bureau) -> None:
    duty = bureau.duty
    alarm = alarm_of(bureau)
    duty.is_refused(f"/signals/{alarm.pk}/false/", **{"false-reason": ""})
    duty.sends(f"/signals/{alarm.pk}/false/", **{"false-reason": "站房断电后首组数据，已电话核实"})
    alarm.refresh_from_db()
    assert (alarm.is_false, alarm.case_ref) == (True, "")
    duty.sees(f"/signals/{alarm.pk}/", "认定误报", "站房断电后首组数据")
    assert f'/signals/{alarm.pk}/"' not in duty.gets(CONSOLE).content.decode()
    assert not Case.objects.exists()

    # A case opened by hand can end the same way, before anybody was sent out.
    address = duty.sends(
        "/cases/open/", title="上桥疑似超标", district="980201", matter="water", level="4",
        source="现场巡查",
    )  # fmt: skip
    case = Case.objects.get()
    assert address == reverse("case", args=[case.number])
    case = duty.does("dismiss", case, reason="复测两次均达标")
    assert (case.state, case.ledger) == ("dismissed", "conclude")
    assert Entry.objects.filter(target=case.ref).exists()
    assert audit.verify() is None
