"""Take a report in, register it, merge it, refuse it (来件登记)."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping, Sequence
from datetime import date, datetime

from django.db import transaction

from qingyuan.casework import clocks
from qingyuan.core.periods import city_date, last_day
from qingyuan.core.problems import Problem
from qingyuan.web.accounts.models import User
from qingyuan.web.audit import services as audit
from qingyuan.web.audit.services import SYSTEM, Actor
from qingyuan.web.cases import services as cases
from qingyuan.web.cases.selectors.ledger import calendar
from qingyuan.web.files.pictures import read_picture
from qingyuan.web.petitions.models import Complainant, Petition, Report, ReportPhoto
from qingyuan.web.petitions.models.report import CONTACT
from qingyuan.web.petitions.selectors.settings import channels
from qingyuan.web.petitions.services.audits import repeated
from qingyuan.web.petitions.services.look import check_may_look
from qingyuan.web.petitions.services.words import check_no_contact
from qingyuan.web.petitions.tables import categories
from qingyuan.web.registry.models import District
from qingyuan.web.registry.selectors import district_of

__all__ = ["MOST_PHOTOS", "merge_into", "new_number", "receive", "refuse", "register"]

MOST_PHOTOS = 5
_LETTERS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"  # none that is read as another
# 污染类型 → 责任矩阵事项
_MATTERS = {
    "water": "water", "air": "air", "noise": "noise", "soil": "soil", "ecology": "ecology",
    "waste": "solid_waste",
}  # fmt: skip
_CLAUSE = "信访工作条例（2022）第二十二条：登记"


def new_number() -> str:
    """Return a number that tells nothing: not when, not how many, not where."""
    drawn = "".join(secrets.choice(_LETTERS) for _ in range(10))
    return f"{drawn[:5]}-{drawn[5:]}"


@transaction.atomic
def receive(
    *,
    channel: str,
    received_at: datetime,
    category: str,
    text: str,
    at: datetime,
    by: User | None = None,
    place: str = "",
    lon: float | None = None,
    lat: float | None = None,
    district_code: str = "",
    contact: Mapping[str, str] | None = None,
    answers: Mapping[str, str] | None = None,
    photos: Sequence[tuple[str, bytes]] = (),
    source: tuple[str, str] | None = None,
    source_url: str = "",
    heat: int | None = None,
    draft: bool = False,
) -> Report:
    """Take one report in (收件); *by* is the first contact (首问), answerable until handed over.

    Words, place and person are sealed here; pictures are re-encoded and lose what the camera wrote.
    A report whose source number is known already is returned as it stands.

    Raises
    ------
    Problem
        ``petitions.unknown_channel``, ``petitions.unknown_category``, ``petitions.text_missing``,
        ``petitions.too_many_photos``, ``petitions.place_half``, and what a picture lacks.
    """
    held = channels(on=city_date(received_at))
    if channel not in held:
        raise Problem(
            "petitions.unknown_channel", given=channel, known="、".join(c.zh for c in held.values())
        )
    if category not in categories():
        raise Problem("petitions.unknown_category", given=category, known=", ".join(categories()))
    if not text.strip():
        raise Problem("petitions.text_missing")
    if (lon is None) != (lat is None):
        raise Problem("petitions.place_half")
    if len(photos) > MOST_PHOTOS:
        raise Problem("petitions.too_many_photos", given=len(photos), most=MOST_PHOTOS)
    system, number = source or ("", "")
    if number and (known := Report.objects.filter(source_system=system, source_no=number).first()):
        return known
    if not district_code and lon is not None and lat is not None:
        district_code = district_of(lon, lat)
    if district_code and not District.objects.filter(code=district_code).exists():
        raise Problem("petitions.unknown_district", given=district_code)
    given = {k: v for k, v in (contact or {}).items() if k in CONTACT and v.strip()}
    report = Report(
        number=new_number(),
        state=Report.State.DRAFT if draft else Report.State.RECEIVED,
        channel=channel, source_system=system, source_no=number, received_at=received_at,
        category=category, answers=dict(answers or {}), district_id=district_code or None,
        lon=lon, lat=lat, anonymous=not given, source_url=source_url, heat=heat, first_contact=by,
    )  # fmt: skip
    report.put(place=place.strip(), text=text.strip())
    report.save(force_insert=True)
    if given:
        who = Complainant(report=report)
        who.put(**given)
        who.save(force_insert=True)
    for n, (name, content) in enumerate(photos, 1):
        _keep(report, n, name, content)
    if not draft:
        note_received(report, by=by, at=at)
    return report


def _keep(report: Report, position: int, name: str, content: bytes) -> None:
    seen = read_picture(content, name=name)
    ReportPhoto.objects.create(
        report=report, position=position, image=seen.display, width=seen.width, height=seen.height,
        sm3=hashlib.new("sm3", content).hexdigest(),
    )  # fmt: skip


def note_received(report: Report, *, by: User | None, at: datetime) -> None:
    """Write the receipt down; nothing of the person, and no address of a citizen's machine."""
    kept = audit.source_address.set(audit.source_address.get() if by else "")
    try:
        audit.record(
            actor=Actor.of(by) if by else SYSTEM, deed="petitions.receive",
            target=f"report:{report.number}", at=at, clause=_CLAUSE,
            detail={"channel": report.channel, "category": report.category, "photos": report.photos.count()},
        )  # fmt: skip
    finally:
        audit.source_address.reset(kept)


def _waiting(report: Report, *, by: User, at: datetime) -> Report:
    """Return the report locked, still to be registered, and *by* one who may."""
    found = Report.objects.select_for_update(of=("self",)).get(pk=report.pk)
    if found.state != Report.State.RECEIVED:
        raise Problem("petitions.settled_already", number=found.number)
    if found.district_id:
        check_may_look(found, by=by, at=at)
    return found


@transaction.atomic
def register(
    report: Report,
    *,
    title: str,
    district_code: str,
    text_inspector: str,
    by: User,
    at: datetime,
    types: Sequence[str] = (),
    kind: str = Petition.Kind.CLAIM,
    enterprise_id: str | None = None,
    lon: float | None = None,
    lat: float | None = None,
    provenance: str = "",
    batch: str = "",
    level: int = 4,
) -> Petition:
    """Make a petition and its case of a report (登记); the words an inspector may read are confirmed.

    Which procedure it follows is said by the channel. A petition at a place where nothing was
    found lately sends that finding to audit (R055 a).

    Raises
    ------
    Problem
        ``petitions.settled_already``, ``petitions.words_missing``, and what opening a case asks.
    """
    report = _waiting(report, by=by, at=at)
    words = text_inspector.strip()
    if not words:
        raise Problem("petitions.words_missing")
    check_no_contact(f"{title} {words}", [report])
    day = city_date(report.received_at)
    channel = channels(on=day).get(report.channel)
    if channel is None:
        raise Problem("petitions.unknown_channel", given=report.channel, known="")
    kinds = tuple(dict.fromkeys(types)) or (report.category,)
    source = (report.source_system, report.source_no) if report.source_no else None
    case = cases.open_case(
        procedure=channel.procedure, title=title, matter=_MATTERS.get(kinds[0], "petition"),
        district_code=district_code, enterprise_id=enterprise_id, by=by, at=at, summary=words,
        origin=cases.Origin("petition", f"report:{report.number}", channel.zh), level=level,
        types=kinds, source=source,
        form={
            "channel": channel.zh, "source_system_name": report.source_system,
            "provenance": provenance, "batch": batch, "received_on": day,
        },
    )  # fmt: skip
    place = (lon, lat) if lon is not None and lat is not None else (report.lon, report.lat)
    petition = Petition.objects.create(
        case=case, kind=kind, channel=report.channel, category=kinds[0],
        received_at=report.received_at, lon=place[0], lat=place[1],
        provenance=provenance.strip(), batch=batch.strip(), text_inspector=words[:1000],
        text_inspector_by=str(by), text_inspector_at=at,
    )  # fmt: skip
    _settle(report, petition, Report.State.REGISTERED, by=by, at=at)
    if channel.procedure == "petition":
        record = clocks.Clock(start=report.received_at, unit="day", length=15)
        due = clocks.due(record, calendar=calendar())
        last = last_day(due) if due else day
        cases.perform(
            case=case, deed="register", by=by, at=at, data=_term(day, last, on=city_date(at))
        )
    repeated(petition, report=report, by=by, at=at)
    return petition


def _term(received: date, last: date, *, on: date) -> dict[str, object]:
    """Return the last day to forward and tell; registered past it, the clock ends today and it is said."""
    if last >= on:
        return {"forward_by": last}
    said = f"{received.isoformat()} 收到，应于 {last.isoformat()} 前转办告知；登记时已过期限，时限按登记当日届满计。"
    return {"forward_by": on, "late": said}


@transaction.atomic
def merge_into(report: Report, petition: Petition, *, by: User, at: datetime) -> Petition:
    """Let a report be a second one of a petition that is open (并入已有件)."""
    report = _waiting(report, by=by, at=at)
    petition = Petition.objects.select_for_update(of=("self",)).get(pk=petition.pk)
    if petition.case.closed_at is not None:
        raise Problem("petitions.merge_into_closed", number=petition.case.number)
    _settle(report, petition, Report.State.MERGED, by=by, at=at)
    petition.reports_count = petition.reports.count()
    petition.received_at = min(petition.received_at, report.received_at)
    petition.save(update_fields=["reports_count", "received_at"])
    repeated(petition, report=report, by=by, at=at)
    return petition


@transaction.atomic
def refuse(report: Report, *, reason: str, by: User, at: datetime) -> Report:
    """Do not register a report (不予登记): advertising, nothing said, not ours; with a reason."""
    report = _waiting(report, by=by, at=at)
    if not reason.strip():
        raise Problem("petitions.reason_missing")
    report.refusal = reason.strip()[:200]
    _settle(report, None, Report.State.REFUSED, by=by, at=at)
    return report


def _settle(
    report: Report, petition: Petition | None, state: str, *, by: User, at: datetime
) -> None:
    report.petition, report.state = petition, state
    report.settled_by, report.settled_at = str(by), at
    report.save(update_fields=["petition", "state", "settled_by", "settled_at", "refusal"])
    audit.record(
        actor=Actor.of(by), deed=f"petitions.{'refuse' if petition is None else state}",
        target=petition.case.ref if petition else f"report:{report.number}", at=at, clause=_CLAUSE,
        detail={"report": report.number},
    )  # fmt: skip
