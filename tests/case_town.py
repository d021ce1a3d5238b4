"""A small town with its people and a case on its desk, for tests that go through the services."""

from __future__ import annotations

import io
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from PIL import Image

from qingyuan.core.periods import city_date
from qingyuan.web.accounts.models import Unit, User
from qingyuan.web.accounts.services import put_person
from qingyuan.web.audit.services import SYSTEM
from qingyuan.web.cases.models import Case
from qingyuan.web.cases.services import Origin, Upload, open_case, perform
from qingyuan.web.registry.services import load_city
from small_city import AT, small_city

__all__ = ["Town", "build_town", "photo", "uploads"]

PEOPLE = [  # who, name, unit, role
    ("second", "东山复核", "east", "district_officer"),
    ("head", "综合组长", "bureau", "department_head"),
    ("vice", "分管局长", "bureau", "vice_leader"),
    ("boss", "主要领导", "bureau", "leader"),
    ("audit1", "审计员", "bureau", "audit_admin"),
    ("secure1", "安全员", "bureau", "security_admin"),
]


@dataclass
class Town:
    """The people by username, and a clock that moves an hour with every deed."""

    at: datetime

    def who(self, name: str) -> User:
        return User.objects.get(username=name)

    def open(self, **more: Any) -> Case:
        self.at += timedelta(minutes=1)
        given: dict[str, Any] = {
            "procedure": "exceedance",
            "title": "望澜桥断面氨氮超标",
            "matter": "water",
            "district_code": "379901",
            "origin": Origin("signal", "signal:1", "望澜桥断面 氨氮超标 0.3 倍"),
            "enterprise_id": "E1",
            "by": self.who("duty"),
            "at": self.at,
            "section_code": "S1",
        }
        return open_case(**{**given, **more})

    def do(self, case: Case, who: str, deed: str, *kinds: str, **data: Any) -> Case:
        self.at += timedelta(hours=1)
        return perform(
            case=case,
            deed=deed,
            by=self.who(who),
            at=self.at,
            data=data,
            evidence=uploads(*kinds),
        )

    def signed(self, case: Case) -> Case:
        self.do(case, "duty", "assign", unit="east", person="east1")
        return self.do(case, "east1", "sign")

    def pushed(self, case: Case) -> Case:
        self.signed(case)
        self.do(
            case,
            "east1",
            "check_onsite",
            "check_record",
            officers="内部甲、内部乙",
            finding="内部核查情况",
        )
        self.do(
            case,
            "east1",
            "list_problems",
            problems=["私设排水管", "台账缺失"],
            due_on=city_date(self.at) + timedelta(days=6),
        )
        return self.do(case, "east1", "push", note="请按期整改")

    def submitted(self, case: Case) -> Case:
        self.pushed(case)
        self.do(case, "ent1", "acknowledge")
        return self.do(
            case, "ent1", "submit", "before_photo", "after_photo", measures="已拆除排水管"
        )

    def to_close(self, case: Case) -> Case:
        self.submitted(case)
        self.do(case, "second", "recheck_pass", "recheck_record", opinion="内部复核意见")
        for who in ("head", "vice", "boss"):
            self.do(case, who, "sign_pass", opinion="内部审签意见")
        return Case.objects.get(pk=case.pk)

    def closed(self, case: Case) -> Case:
        self.to_close(case)
        return self.do(case, "duty", "close_out", "measurement_back")


def photo(colour: str = "green") -> bytes:
    """Return the bytes of a small picture."""
    kept = io.BytesIO()
    Image.new("RGB", (64, 48), colour).save(kept, "JPEG")
    return kept.getvalue()


def uploads(*kinds: str) -> list[Upload]:
    return [Upload(kind, f"{kind}.jpg", photo()) for kind in kinds]


def build_town() -> Town:
    """Load the small city and its people; the clock stands at 09:00 on 2026-09-22."""
    load_city(small_city(), by=SYSTEM, at=AT)
    for username, name, unit, role in PEOPLE:
        put_person(
            username=username,
            name=name,
            unit=Unit.objects.get(code=unit),
            role_names=[role],
            at=AT,
            by=SYSTEM,
        )
    put_person(
        username="rival",
        name="西河食品环保",
        unit=Unit.objects.get(code="enterprises"),
        role_names=["enterprise"],
        at=AT,
        by=SYSTEM,
        enterprise_code="E2",
    )
    return Town(at=datetime(2026, 9, 22, 1, 0, tzinfo=UTC))
