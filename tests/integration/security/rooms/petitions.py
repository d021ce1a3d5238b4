"""Petitions of both sides: every field of who reported is marked, and every picture's own data."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from petition_desk import Desk, picture_with_secrets
from qingyuan.core.periods import city_date
from qingyuan.web.accounts.models import User
from qingyuan.web.petitions import services
from qingyuan.web.petitions.models import (
    ConductReport,
    Escalation,
    Petition,
    Report,
    ReportPhoto,
    SampleDraw,
)
from qingyuan.web.petitions.models.report import CONTACT
from qingyuan.web.registry.models import District

ROUTES_WITHOUT_OBJECTS = {
    "petitions", "petition-intake", "petition-packages", "petition-backlog", "petition-target",
    "petition-escalations", "petition-escalation", "petition-samples", "petition-look-backs",
    "petition-figures", "petition-settings", "conduct-reports", "public-report",
    "public-report-send", "public-progress", "public-conduct",
}  # fmt: skip
# who reported is shown to who has the duty; a picture once it was cleared; a setting by its name
ALSO = {
    "petition-look": {404}, "petition-photo": {404}, "petition-words": {404},
    "petition-settings": {404}, "public-report": {429}, "public-report-send": {422, 429},
    "public-progress": {429}, "public-conduct": {429}, "petition-sample": {404},
}  # fmt: skip
_PLACES = {"east": ("379901", 120.6, 36.7), "west": ("379902", 121.6, 36.7)}


def secret(side: str, what: str) -> str:
    """Return the mark planted in one field."""
    return f"探针·{side}·petition.{what}·"


def build(world: Any) -> None:
    """Take two reports in on each side, register one, draw it, own it; and one about staff."""
    desk = Desk(at=world.town.at)
    for side, (district, lon, lat) in _PLACES.items():
        made = [
            desk.receive(
                text=f"原文 {secret(side, 'text')}", place=secret(side, "place"), lon=lon, lat=lat,
                contact={name: secret(side, name) for name in CONTACT}, district_code=district,
                photos=[(f"{secret(side, 'filename')}.jpg", picture_with_secrets(secret(side, "exif")))],
                source=("12345", f"{secret(side, 'ticket')}{n}"), source_url=secret(side, "url"),
            )
            for n in range(2)
        ]  # fmt: skip
        petition = desk.register(
            made[0], title=f"{side} 大气异味问题", district_code=district, lon=lon, lat=lat,
            text_inspector=f"厂区北侧异味 {secret(side, 'inspector')}",
        )  # fmt: skip
        services.confirm_words(
            petition, reader="enterprise", words=secret(side, "enterprise_words"),
            by=world.user("head"), at=desk.at,
        )  # fmt: skip
        services.open_package(
            petition, leader=world.user("vice"), team=secret(side, "team"), plan=secret(side, "plan"),
            pursuit="年底前", period="2026下半年", by=world.user("head"), at=desk.at,
        )  # fmt: skip
        services.put_escalation(
            number=f"YJ{side}", district=District.objects.get(code=district), level="province",
            on=city_date(desk.at), people=1, matter=secret(side, "escalation"), stability="stable",
            by=world.user("head"), at=desk.at, petition=petition,
        )  # fmt: skip
        services.look(made[0], by=world.user("duty"), reason=secret(side, "reason"), at=desk.at)
    closed = desk.register(
        desk.receive(lon=120.1, lat=36.1, contact={}, category="noise", text="夜间噪声"),
        title="east 噪声问题", text_inspector="夜间噪声", lon=120.1, lat=36.1,
    )  # fmt: skip
    desk.do(
        closed.case, "duty", "refuse", ground="outside", where_to="住建局", no_notice_reason="匿名"
    )
    services.draw_sample(
        purpose="closed", since=city_date(desk.at), until=city_date(desk.at), by=world.user("head"),
        at=desk.at, seed="1",
    )  # fmt: skip
    services.receive_conduct(
        kind="officer", subject="密件conduct.subject", text="密件conduct.text",
        contact="密件conduct.contact", at=desk.at,
    )  # fmt: skip
    world.town.at = desk.at + timedelta(minutes=1)


def examples(world: Any, side: Any, user: User) -> dict[str, list[tuple[object, ...]]]:
    """Name them."""
    district = _PLACES[side.name][0]
    petition = Petition.objects.filter(
        case__district_id=district, text_enterprise_at__isnull=False
    ).get()
    reports = Report.objects.filter(district_id=district, source_system="12345")
    waiting = reports.get(state=Report.State.RECEIVED)
    number: list[tuple[object, ...]] = [(petition.case.number,)]
    return {
        "petition": number,
        "petition-words": number,
        "petition-package": number,
        "petition-key": number,
        "petition-report": [(waiting.pk,)],
        "petition-look": [(r.pk,) for r in reports.order_by("state")],
        "petition-photo": [
            (p.pk,) for p in ReportPhoto.objects.filter(report__in=reports).order_by("pk")
        ],
        "petition-stability": [(Escalation.objects.get(number=f"YJ{side.name}").pk,)],
        "petition-sample": [(SampleDraw.objects.get().pk,)],
        "conduct-report": [(ConductReport.objects.get().pk,)],
    }
