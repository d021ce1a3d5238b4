"""The four-node town after a busy morning: an alarm, its trace, cases in several states, a bulletin."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse

from bureau import Bureau
from odd_data import doubt_at
from qingyuan.core.periods import city_date
from qingyuan.readings.integrity import rules_at
from qingyuan.web.audit.services import SYSTEM
from qingyuan.web.bulletins.services import compose, compose_daily
from qingyuan.web.cases.models import Case
from qingyuan.web.signals.models import Signal
from qingyuan.web.signals.services import record_doubt


def _case(bureau: Bureau, alarm: Signal, title: str) -> Case:
    bureau.at += timedelta(minutes=1)
    given = {
        "title": title, "matter": "water", "level": "4", "district": alarm.district_code,
        "section": "S2", "enterprise": "E2", "summary": "", "source": "现场巡查",
    }  # fmt: skip
    bureau.duty.sends(reverse("case-open"), **given)
    return Case.objects.order_by("-pk")[0]


def _assigned(bureau: Bureau, case: Case) -> Case:
    return bureau.duty.does("assign", case, unit="980201", person="officer", note="请尽快核查")


def _pushed(bureau: Bureau, case: Case) -> Case:
    bureau.officer.does("sign", case)
    bureau.officer.does(
        "check_onsite", case, "check_record", officers="沈若溪", finding="阀门未关严"
    )
    day = city_date(bureau.at) + timedelta(days=10)
    bureau.officer.does("list_problems", case, problems="阀门关闭不严\n采样管未固定", due_on=day)
    return bureau.officer.does("push", case, note="请按期整改")


@pytest.fixture
def town(db: None, tmp_path, settings, monkeypatch: pytest.MonkeyPatch) -> Bureau:
    bureau = Bureau(tmp_path / "data", settings=settings, monkeypatch=monkeypatch)
    bureau.passes(minutes=12)
    alarm = Signal.objects.get(kind="exceedance", object_code="S2", factor="w21003")
    bureau.duty.sends(reverse("signal-acknowledge", args=[alarm.pk]))
    _case(bureau, alarm, "待交办一件")
    _assigned(bureau, _case(bureau, alarm, "待签收一件"))
    _pushed(bureau, _assigned(bureau, _case(bureau, alarm, "已推送一件")))
    done = _pushed(bureau, _assigned(bureau, _case(bureau, alarm, "已提交一件")))
    bureau.chemicals.does("acknowledge", done)
    bureau.chemicals.does("submit", done, "before_photo", "after_photo", measures="已更换阀门")
    doubt = doubt_at("outfall:O2", at=bureau.at)
    record_doubt(doubt, rules=rules_at(city_date(bureau.at)), at=bureau.at)
    bureau.duty.sends(
        reverse("bulletin-register", args=["statement"]),
        on=city_date(bureau.at), c_speaker="望澜区政府", c_cause="排名末位",
    )  # fmt: skip
    yesterday = city_date(bureau.at) - timedelta(days=1)
    compose_daily(day=yesterday, at=bureau.at, by=SYSTEM)
    compose(kind="weekly", day=yesterday, at=bureau.at)
    return bureau
