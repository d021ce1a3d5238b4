"""What a citizen does without an account: report, come back with number and code (公众举报与查询)."""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection, transaction

from qingyuan.core.problems import Problem
from qingyuan.web.petitions.models import Knock, Report
from qingyuan.web.petitions.seal import mark_of
from qingyuan.web.petitions.services.intake import note_received, receive

__all__ = ["RATES", "Progress", "draft", "knock", "progress_of", "purge", "send"]

# 每个地址：举报每小时 5 次，查询每分钟 10 次（product.md §7.5）；预填的草稿每小时 20 次
RATES: Mapping[str, tuple[int, timedelta]] = {
    "report": (5, timedelta(hours=1)),
    "draft": (20, timedelta(hours=1)),
    "query": (10, timedelta(minutes=1)),
    "conduct": (5, timedelta(hours=1)),
}
_DRAFT_LIVES = timedelta(hours=24)
_CODE_DIGITS = 8


def knock(what: str, *, address: str, wall: datetime) -> None:
    """Count one request of an address in the database, so that all processes agree (限流).

    The address is kept as a keyed mark only. *wall* is the wall clock: throttles do not follow the
    city's.

    Raises
    ------
    Problem
        ``petitions.too_often`` with the seconds to wait.
    """
    most, span = RATES[what]
    begun = wall.timestamp() // span.total_seconds() * span.total_seconds()
    period = datetime.fromtimestamp(begun, tz=wall.tzinfo)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO petitions_knock (mark, what, period, count) VALUES (%s, %s, %s, 1) "
            "ON CONFLICT (mark, what, period) DO UPDATE SET count = petitions_knock.count + 1 "
            "RETURNING count",
            [mark_of(address, about=f"knock:{what}"), what, period],
        )
        (count,) = cursor.fetchone()
    if count > most:
        left = int(begun + span.total_seconds() - wall.timestamp()) + 1
        raise Problem("petitions.too_often", seconds=left, most=most)


@transaction.atomic
def draft(
    *,
    category: str,
    text: str,
    place: str,
    lon: float | None,
    lat: float | None,
    answers: Mapping[str, str],
    contact: Mapping[str, str],
    photos: Sequence[tuple[str, bytes]],
    at: datetime,
) -> tuple[Report, str]:
    """Keep what a citizen filled in, sealed, until it is sent or a day has passed; and its token."""
    report = receive(
        channel="web", received_at=at, category=category, text=text, place=place, lon=lon, lat=lat,
        answers=answers, contact=contact, photos=photos, at=at, draft=True,
    )  # fmt: skip
    token = secrets.token_urlsafe(24)
    report.code_mark = mark_of(token, about=f"draft:{report.pk}")
    report.save(update_fields=["code_mark"])
    return report, token


def found_draft(key: str, token: str) -> Report:
    """Return the draft a citizen is filling in; its token proves it is theirs."""
    try:
        wanted = UUID(key)
    except ValueError:
        raise Problem("petitions.draft_gone") from None
    report = Report.objects.filter(pk=wanted, state=Report.State.DRAFT).first()
    if report is None or not hmac.compare_digest(
        report.code_mark, mark_of(token, about=f"draft:{report.pk}")
    ):
        raise Problem("petitions.draft_gone")
    return report


@transaction.atomic
def send(key: str, token: str, *, at: datetime) -> tuple[Report, str]:
    """Send a draft in (提交); return the report and the query code, which is shown once.

    Sending twice is refused: the draft is gone once it was sent.
    """
    report = Report.objects.select_for_update(of=("self",)).get(pk=found_draft(key, token).pk)
    if report.state != Report.State.DRAFT:
        raise Problem("petitions.draft_gone")
    code = "".join(secrets.choice("0123456789") for _ in range(_CODE_DIGITS))
    report.state, report.received_at = Report.State.RECEIVED, at
    report.code_mark = mark_of(code, about=f"code:{report.number}")
    report.save(update_fields=["state", "received_at", "code_mark"])
    note_received(report, by=None, at=at)
    return report, code


@dataclass(frozen=True, slots=True)
class Progress:
    """What a citizen may know of a report: its phase and when it last moved; no words, no names."""

    number: str
    phase: str
    category: str
    received_at: datetime
    changed_at: datetime
    closed: bool
    truth: str


def progress_of(number: str, code: str) -> Progress:
    """Return how far a report is (进度查询); a wrong code and a wrong number are refused alike.

    Raises
    ------
    Problem
        ``petitions.unknown_number``.
    """
    wanted = number.strip().upper()
    report = (
        Report.objects.filter(number=wanted)
        .exclude(state=Report.State.DRAFT)
        .select_related("petition__case")
        .first()
    )
    mark = mark_of(code.strip(), about=f"code:{wanted}")
    held = report.code_mark if report and report.code_mark else "0" * 64
    if not hmac.compare_digest(held, mark) or report is None:
        raise Problem("petitions.unknown_number")
    case = report.petition.case if report.petition else None
    refused = report.state == Report.State.REFUSED
    return Progress(
        number=report.number,
        phase=case.phase if case else "feedback" if refused else "discover",
        category=report.category,
        received_at=report.received_at,
        changed_at=case.changed_at if case else report.settled_at or report.received_at,
        closed=bool(case and case.closed_at) or refused,
        truth=case.truth if case and case.closed_at else "",
    )


@transaction.atomic
def purge(*, at: datetime, wall: datetime) -> int:
    """Remove drafts nobody sent within a day, and old counts of knocks; say how many drafts."""
    old = Report.objects.filter(state=Report.State.DRAFT, received_at__lt=at - _DRAFT_LIVES)
    gone = old.count()
    old.delete()
    Knock.objects.filter(period__lt=wall - timedelta(days=2)).delete()
    return gone
