"""The petition desk of the small town: its people, what comes in, and how a petition is handled."""

from __future__ import annotations

import io
from datetime import timedelta
from typing import Any

from PIL import Image

from case_town import Town, build_town
from qingyuan.core.periods import city_date
from qingyuan.web.cases.models import Case
from qingyuan.web.petitions import services
from qingyuan.web.petitions.models import Petition, Report

__all__ = ["CONTACT", "Desk", "build_desk", "picture_with_secrets"]

CONTACT = {
    "name": "郑乐山",
    "phone": "13712345678",
    "id_number": "370283199001011234",
    "address": "东山区望海路九十九号",
    "email": "zhengleshan@example.org",
    "note": "晚上八点后可联系",
}
PLACE = (120.4, 36.6)


class Desk(Town):
    """What the desk does in one line each; an hour passes with every deed."""

    def receive(self, **more: Any) -> Report:
        self.at += timedelta(minutes=1)
        given: dict[str, Any] = {
            "channel": "call", "received_at": self.at, "category": "air",
            "text": "夜间有刺鼻气味，我家住望海路九十九号", "place": "望海路北侧厂区", "lon": PLACE[0], "lat": PLACE[1],
            "contact": CONTACT, "by": self.who("duty"), "at": self.at,
        }  # fmt: skip
        return services.receive(**{**given, **more})

    def register(self, report: Report | None = None, **more: Any) -> Petition:
        report = report or self.receive()
        self.at += timedelta(minutes=10)
        given: dict[str, Any] = {
            "title": "东山区大气异味问题", "district_code": "379901",
            "text_inspector": "夜间有刺鼻气味，厂区北侧", "by": self.who("duty"), "at": self.at,
        }  # fmt: skip
        return services.register(report, **{**given, **more})

    def checked(self, petition: Petition, *, truth: str = "proven") -> Case:
        """Bring a petition as far as sign-off, with this finding."""
        case = self.fresh(petition)
        if case.state == "registered":
            self.do(case, "duty", "accept", exit="duty", no_notice_reason="电话已告知")
        dispatch = {"unit": "east", "person": "east1"}
        self.do(case, "duty", "dispatch", **dispatch)
        self.do(case, "east1", "sign")
        self.do(
            case, "east1", "investigate", "check_record", officers="甲、乙",
            finding="核查了厂区", truth=truth,
        )  # fmt: skip
        more = {} if self.is_hotline(case) else {"no_photo_reason": "无须整改"}
        return self.do(
            case, "east1", "submit", progress="done", measures="已处理", draft="已核查", **more
        )

    def answered(self, petition: Petition, *, truth: str = "proven") -> Case:
        """Bring a petition to the call-back."""
        case = self.checked(petition, truth=truth)
        if self.is_hotline(case):
            self.do(case, "head", "sign_pass", opinion="同意")
            return self.do(case, "duty", "reply", reply="已处理", no_contact_reason="已电话答复")
        for who in ("head", "vice"):
            self.do(case, who, "sign_pass", opinion="同意")
        self.do(case, "duty", "reply", verdict="support", reply="已处理", oral_reason="电话答复")
        return self.do(
            case, "duty", "serve", served_on=city_date(self.at), way="phone", no_proof_reason="电话"
        )

    def called(self, petition: Petition, satisfaction: str, resolution: str) -> Case:
        return self.do(
            self.fresh(petition), "duty", "call_back", reached="yes", satisfaction=satisfaction,
            resolution=resolution,
        )  # fmt: skip

    def closed(self, petition: Petition, *, truth: str = "proven") -> Case:
        self.answered(petition, truth=truth)
        self.called(petition, "satisfied", "solved")
        return self.strike_off(petition)

    def strike_off(self, petition: Petition) -> Case:
        return self.do(self.fresh(petition), "head", "strike_off", no_record_reason="已记入系统")

    def fresh(self, petition: Petition) -> Case:
        return Case.objects.get(petition__pk=petition.pk)

    def is_hotline(self, case: Case) -> bool:
        return case.procedure.name == "hotline"


def build_desk() -> Desk:
    """Build the town and sit down at its desk."""
    return Desk(at=build_town().at)


def picture_with_secrets(secret: str) -> bytes:
    """Return a JPEG whose EXIF holds *secret* in five fields, and a place."""
    image = Image.new("RGB", (64, 48), "green")
    exif = Image.Exif()
    for tag in (0x010E, 0x010F, 0x0110, 0x013B, 0x8298):  # description, make, model, artist, rights
        exif[tag] = secret
    gps = exif.get_ifd(0x8825)
    gps.update({1: "N", 2: (36.0, 36.0, 36.0), 3: "E", 4: (120.0, 24.0, 24.0)})
    held = io.BytesIO()
    image.save(held, "JPEG", exif=exif, comment=secret.encode())
    return held.getvalue()
