"""A citizen smells something at night, and hears how it ended; the factory never learns who spoke."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from bureau import Person
from case_town import photo
from petition_desk import Desk, build_desk, picture_with_secrets
from qingyuan.host.citytime import CityClock
from qingyuan.host.folder import DataFolder
from qingyuan.web.cases.models import Case
from qingyuan.web.petitions.models import Petition, Report

title = "一件举报：公众反映 → 登记 → 转办 → 核查 → 答复 → 回访不满意 → 重办 → 满意 → 销号"


class PetitionTown(Desk):
    """The desk's town, with people who act on pages."""

    def person(self, name: str) -> Person:
        return Person(name, self)  # type: ignore[arg-type]  # it has the clock and the pictures

    def photo(self, kind: str, case: Case) -> SimpleUploadedFile:
        return SimpleUploadedFile(f"{kind}.jpg", photo(), "image/jpeg")


@pytest.fixture
def town(
    db: None, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> PetitionTown:
    settings.FOLDER = DataFolder(tmp_path / "data").create("city")
    made = PetitionTown(at=build_desk().at)
    monkeypatch.setattr(CityClock, "now", lambda _: made.at)
    return made


def _reports(phone: Client) -> tuple[str, str]:
    """Fill in the phone page, check the answers, send; return number and code."""
    given = {
        "category": "air", "place": "望海路北侧", "text": "半夜刺鼻，我叫郑乐山，住在望海小区", "q_what": "smell",
        "q_when": "night", "lon": "120.4", "lat": "36.6", "name": "郑乐山", "phone": "13712345678",
        "photos": SimpleUploadedFile("阳台.jpg", picture_with_secrets("阳台机位"), "image/jpeg"),
    }  # fmt: skip
    check = phone.post(reverse("public-report"), given).content.decode()
    hidden = dict(re.findall(r'name="(key|token)" value="([^"]+)"', check))
    sent = phone.post(reverse("public-report-send"), hidden).content.decode()
    number, code = re.findall(r"<strong>([A-Z0-9]{5}-[A-Z0-9]{5}|\d{8})</strong>", sent)
    return number, code


def _handles(town: PetitionTown, case: Case) -> Case:
    """Dispatch, check, sign off, reply and serve, each by its own person."""
    duty, officer = town.person("duty"), town.person("east1")
    duty.does("dispatch", case, unit="east", person="east1")
    officer.does("sign", case)
    officer.does(
        "investigate",
        case,
        "check_record",
        officers="甲、乙",
        finding="排气筒夜间排放",
        truth="proven",
    )
    officer.does(
        "submit", case, "after_photo", progress="done", measures="责令停排", draft="已责令停排"
    )
    for who in ("head", "vice"):
        town.person(who).does("sign_pass", case, opinion="同意")
    duty.does("reply", case, verdict="support", reply="已责令停排", oral_reason="电话答复")
    day = town.at.astimezone().date().isoformat()
    return duty.does("serve", case, served_on=day, way="phone", no_proof_reason="电话")


def test_a_citizen_hears_how_it_ended_and_the_factory_hears_nothing(town: PetitionTown) -> None:
    phone = Client()
    number, code = _reports(phone)
    duty, factory = town.person("duty"), town.person("ent1")

    report = Report.objects.get(number=number)
    duty.sees(reverse("petition-intake"), number, absent=("郑乐山", "13712345678"))
    place = reverse("petition-report", args=[report.pk])
    duty.sees(place, "可能是同一件")
    given = {
        "title": "东山区望海路大气异味问题", "text_inspector": "望海路北侧夜间异味", "types": ["air"],
        "kind": "claim", "district": "379901", "lon": "120.4", "lat": "36.6", "enterprise": "E1",
    }  # fmt: skip
    duty.is_refused(place, "来件人", **{**given, "text_inspector": "郑乐山反映夜间异味"})
    duty.sends(place, **given)
    petition = Petition.objects.get()
    case = duty.does("accept", petition.case, exit="duty", no_notice_reason="电话告知")
    page = reverse("petition", args=[case.number])

    _handles(town, case)
    town.person("east1").sees(page, "望海路北侧夜间异味", absent=("郑乐山", "13712345678"))
    told = town.person("duty")
    told.sees(reverse("petition-look", args=[report.pk]), absent=("13712345678",))
    shown = told.gets(reverse("petition-look", args=[report.pk]))
    assert shown["Cache-Control"] == "no-store"

    duty.does("call_back", case, reached="yes", satisfaction="unsatisfied", resolution="unsolved")
    duty.sees(f"{reverse('petitions')}?tab=ill", case.number)
    case = duty.does("redo", case, reason="来件人称昨夜仍有气味")
    assert (case.number, case.round) == (petition.case.number, 2)
    _handles(town, case)
    duty.does("call_back", case, reached="yes", satisfaction="satisfied", resolution="solved")
    case = town.person("head").does("strike_off", case, no_record_reason="已记入系统")
    assert (case.state, case.ledger) == ("closed", "conclude")

    asked = phone.post(reverse("public-progress"), {"number": number, "code": code})
    said = asked.content.decode()
    assert "已办结" in said
    assert case.number not in said
    factory.may_not_see(page)
    factory.may_not_see(reverse("my-case", args=[case.number]))
    factory.sees(reverse("my-cases"), absent=(case.number, "望海路", "异味"))
    town.at += timedelta(hours=1)
    town.person("boss").sees(page, "第 2 轮", "不满意", "满意")
