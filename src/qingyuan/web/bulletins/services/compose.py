"""Compose a bulletin (拟稿): facts, words in both languages, frozen with the data version."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime

from django.conf import settings
from django.db import transaction
from django.db.models import Max

from qingyuan.core.problems import Problem
from qingyuan.reporting import (
    LANGUAGES,
    BulletinLine,
    Document,
    daily_reminder,
    meeting_pack,
    period_bulletin,
    ranking_bulletin,
    supervision_bulletin,
    survey_report,
    water_weekly,
    waterworks_bulletin,
    with_known,
)
from qingyuan.web.accounts.models import User
from qingyuan.web.audit import services as audit
from qingyuan.web.audit.services import SYSTEM, Actor
from qingyuan.web.bulletins import facts as gather
from qingyuan.web.bulletins.facts.daily import Seen, head
from qingyuan.web.bulletins.kinds import Kind, kind_named, kinds
from qingyuan.web.bulletins.models import Bulletin, Step
from qingyuan.web.bulletins.selectors import bulletins_due, current

__all__ = ["CLAUSE", "compose", "compose_daily"]

CLAUSE = "日提醒、周通报、月总结工作机制"
_PACKED = ("monthly", "ranking", "supervision", "waterworks")
Written = tuple[dict[str, Document], datetime, Seen]


def compose_daily(*, day: date, at: datetime, by: Actor = SYSTEM) -> Bulletin:
    """Compose the daily reminder of a day and freeze it as a draft with its data version."""
    return compose(kind="daily", day=day, at=at, by=by)


@transaction.atomic
def compose(
    *,
    kind: str,
    day: date,
    at: datetime,
    by: Actor = SYSTEM,
    user: User | None = None,
    corrects: Bulletin | None = None,
    notice: str = "",
) -> Bulletin:
    """Compose the bulletin of the period that holds *day* and freeze it as a draft.

    An earlier draft of the same period is replaced; one that was signed or published stays, and the
    new one is its next issue.

    Raises
    ------
    Problem
        ``bulletins.unknown_kind``; ``bulletins.period_ahead`` when the period has not begun.
    """
    if kind not in kinds():
        raise Problem("bulletins.unknown_kind", given=kind, known="、".join(kinds()))
    rules = kind_named(kind)
    first, last = rules.span(day)
    same = Bulletin.objects.filter(kind=kind, day=last)
    same.filter(state=Bulletin.State.DRAFT).delete()
    issue = (same.aggregate(n=Max("issue"))["n"] or 0) + 1
    number = rules.number(last) + (f"（更正{issue - 1}）" if issue > 1 else "")
    documents, until, seen = _write(rules, first, last, at, number)
    documents = {
        code: with_known(document, known_at=seen.known_at, language=code)
        for code, document in documents.items()
    }
    bulletin = Bulletin.objects.create(
        kind=kind,
        first=first,
        day=last,
        issue=issue,
        number=number,
        content=documents["zh"].as_dict(),
        content_en=documents["en"].as_dict(),
        data_until=until,
        data_version=seen.version,
        known_at=seen.known_at,
        composed_by=by.label,
        composed_at=at,
        corrects=corrects,
        correction_notice=notice,
    )
    Step.objects.create(
        bulletin=bulletin, name=Step.Name.DRAFT, by=user, by_label=by.label, at=at, note=notice
    )
    audit.record(
        actor=by,
        deed="bulletins.compose",
        target=f"bulletin:{bulletin.pk}",
        at=at,
        clause=CLAUSE,
        detail={"kind": kind, "number": number, "data_version": seen.version},
    )
    return bulletin


def _write(rules: Kind, first: date, last: date, at: datetime, number: str) -> Written:
    writer = _WRITERS.get(rules.name, _period)
    return writer(rules, first, last, at, number)


def _both(write: Callable[..., Document], facts: object, number: str) -> dict[str, Document]:
    return {code: write(facts, number=number, language=code) for code in LANGUAGES}


def _daily(rules: Kind, first: date, last: date, at: datetime, number: str) -> Written:
    facts, seen = gather.daily_facts(day=last, at=at, folder=settings.FOLDER)
    return _both(daily_reminder, facts, number), facts.data_until, seen


def _period(rules: Kind, first: date, last: date, at: datetime, number: str) -> Written:
    facts, seen = gather.period_facts(
        kind=rules.name, first=first, last=last, at=at, folder=settings.FOLDER,
        bulletins=_lines(rules.name, first, last, at),
    )  # fmt: skip
    return _both(period_bulletin, facts, number), facts.data_until, seen


def _lines(kind: str, first: date, last: date, at: datetime) -> list[BulletinLine]:
    return [
        BulletinLine(
            kind=kind_named(due.kind).zh,
            kind_en=kind_named(due.kind).en,
            day=due.day,
            state=due.state_zh,
            state_en=due.state_en,
            published=due.published,
        )
        for due in bulletins_due(first, last, at=at)
        if due.kind != kind
    ]


def _ranking(rules: Kind, first: date, last: date, at: datetime, number: str) -> Written:
    facts, seen = gather.ranking_facts(first=first, last=last, at=at, folder=settings.FOLDER)
    return _both(ranking_bulletin, facts, number), facts.data_until, seen


def _supervision(rules: Kind, first: date, last: date, at: datetime, number: str) -> Written:
    facts, seen = gather.supervision_facts(first=first, last=last, at=at, folder=settings.FOLDER)
    return _both(supervision_bulletin, facts, number), facts.data_until, seen


def _water(rules: Kind, first: date, last: date, at: datetime, number: str) -> Written:
    facts, seen = gather.water_week_facts(first=first, last=last, at=at, folder=settings.FOLDER)
    return _both(water_weekly, facts, number), facts.data_until, seen


def _waterworks(rules: Kind, first: date, last: date, at: datetime, number: str) -> Written:
    facts, seen = gather.waterworks_facts(first=first, last=last, at=at, folder=settings.FOLDER)
    return _both(waterworks_bulletin, facts, number), facts.data_until, seen


def _survey(rules: Kind, first: date, last: date, at: datetime, number: str) -> Written:
    facts, seen = gather.survey_facts(
        period=rules.period, first=first, last=last, at=at, folder=settings.FOLDER
    )
    return _both(survey_report, facts, number), facts.data_until, seen


def _pack(rules: Kind, first: date, last: date, at: datetime, number: str) -> Written:
    """Bind the month's bulletins: what stands is taken as it stands, the rest is written now."""
    parts: dict[str, list[Document]] = {code: [] for code in LANGUAGES}
    until, seen = at, Seen(0, at)
    for name in _PACKED:
        kind = kind_named(name)
        held = current(name, last)
        if held is not None:
            documents = {
                "zh": Document.from_dict(held.content),
                "en": Document.from_dict(held.content_en or held.content),
            }
            part_until, part = held.data_until, Seen(held.data_version, held.known_at)
        else:
            documents, part_until, part = _write(kind, *kind.span(last), at, kind.number(last))
        until = min(until, part_until)
        seen = Seen(max(seen.version, part.version), min(seen.known_at, part.known_at))
        for code in LANGUAGES:
            parts[code].append(documents[code])
    whose, agenda = head(), gather.agenda_of(last=last)
    names = {"zh": (whose.city, whose.issuer), "en": (whose.city_en, whose.issuer_en)}
    packs = {
        code: meeting_pack(
            parts[code], city=names[code][0], issuer=names[code][1], number=number, day=last,
            agenda=agenda, language=code,
        )
        for code in LANGUAGES
    }  # fmt: skip
    return packs, until, seen


_WRITERS: dict[str, Callable[[Kind, date, date, datetime, str], Written]] = {
    "daily": _daily,
    "ranking": _ranking,
    "supervision": _supervision,
    "water_weekly": _water,
    "waterworks": _waterworks,
    "survey_daily": _survey,
    "survey_weekly": _survey,
    "survey_monthly": _survey,
    "survey_annual": _survey,
    "pack": _pack,
}
