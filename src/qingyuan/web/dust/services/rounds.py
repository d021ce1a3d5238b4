"""Rounds of an inspection team: the list, the visits, what is handed to a district (集中督导)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction

from qingyuan.core.periods import city_date, in_city
from qingyuan.core.problems import Problem
from qingyuan.web.accounts.models import User
from qingyuan.web.audit import services as audit
from qingyuan.web.audit.services import Actor
from qingyuan.web.cases.models import Case
from qingyuan.web.cases.services import Origin
from qingyuan.web.dust.models import Check, Round, SiteRecord, Visit
from qingyuan.web.dust.selectors.rounds import goes_on
from qingyuan.web.dust.services.tasks import site_case
from qingyuan.web.dust.tables import measures
from qingyuan.web.files import services as files

__all__ = ["Said", "hand_over", "plan_round", "record_visit"]

_CLAUSE = "集中督导工作队伍，问题交办区市政府"


@dataclass(frozen=True, slots=True)
class Said:
    """What a visitor says of one measure: verdict, words, perhaps a photo."""

    verdict: str
    note: str = ""
    picture: tuple[str, bytes] | None = None


@transaction.atomic
def plan_round(
    *,
    title: str,
    team: str,
    leader: User,
    members: Sequence[User],
    records: Sequence[SiteRecord],
    from_on: date,
    to_on: date,
    by: User,
    at: datetime,
) -> Round:
    """Plan a round: who goes, which sites, from when to when (安排督导).

    Raises
    ------
    Problem
        ``dust.round_empty``, ``dust.round_period``.
    """
    if not records:
        raise Problem("dust.round_empty")
    if to_on < from_on:
        raise Problem("dust.round_period", begin=from_on, end=to_on)
    audit.hold_chain()
    year = in_city(at).year
    number = Round.objects.filter(code__startswith=f"DD{year}-").count() + 1
    made = Round.objects.create(
        code=f"DD{year}-{number:02d}",
        title=title,
        team=team,
        leader=leader,
        from_on=from_on,
        to_on=to_on,
        made_by=by,
        made_at=at,
    )
    made.members.set(members)
    Visit.objects.bulk_create(
        Visit(round=made, site_id=record.site_id, district_id=record.district_id)
        for record in {record.site_id: record for record in records}.values()
    )
    _note(
        made,
        "dust.round",
        by=by,
        at=at,
        detail={"title": title, "team": team, "sites": [record.site_id for record in records]},
    )
    return made


@transaction.atomic
def record_visit(
    visit: Visit, said: Mapping[str, Said], *, note: str = "", by: User, at: datetime
) -> Visit:
    """Write what was seen on a site, measure by measure (到场检查, 六个百分之百).

    Raises
    ------
    Problem
        ``dust.visit_done``, ``dust.not_of_team``, ``dust.visit_early``, ``dust.measure_missing``,
        ``dust.photo_missing``: what is not kept is shown.
    """
    row = Visit.objects.select_for_update(of=("self",)).select_related("round").get(pk=visit.pk)
    if row.visited_at is not None:
        raise Problem("dust.visit_done", site=row.site_id, who=row.visited_by or "—")
    if not goes_on(row.round, by):
        raise Problem("dust.not_of_team", person=by.name, round=row.round.code)
    today = city_date(at)
    if today < row.round.from_on:
        raise Problem("dust.visit_early", since=row.round.from_on)
    wanted = measures(on=today)
    if missing := [m.zh for m in wanted if m.code not in said]:
        raise Problem("dust.measure_missing", measures="、".join(missing))
    bare = [
        m.zh
        for m in wanted
        if said[m.code].verdict == Check.Verdict.BAD and said[m.code].picture is None
    ]
    if bare:
        raise Problem("dust.photo_missing", measures="、".join(bare))
    row.visited_at, row.visited_by, row.note = at, by, note.strip()[:400]
    row.save()
    for measure in wanted:
        one = said[measure.code]
        kept = None
        if one.picture is not None:
            name, content = one.picture
            kept = files.keep(content=content, name=name, by=by, at=at, kind="check_photo")
        Check.objects.create(
            visit=row,
            measure=measure.code,
            verdict=one.verdict,
            note=one.note.strip()[:200],
            picture=kept,
        )
    _note(
        row.round,
        "dust.visit",
        by=by,
        at=at,
        detail={"site": row.site_id, **{code: one.verdict for code, one in said.items()}},
    )
    return row


@transaction.atomic
def hand_over(
    round_: Round, *, district_code: str, to: str, document_no: str, by: User, at: datetime
) -> list[Case]:
    """Hand a district's problems of a round to its government: a case for each site (交办).

    Raises
    ------
    Problem
        ``dust.nothing_to_hand_over``.
    """
    bad_ones = Check.objects.filter(verdict=Check.Verdict.BAD).values("visit_id")
    waiting = (
        Visit.objects.select_for_update(of=("self",))
        .filter(round=round_, district_id=district_code, case=None, pk__in=bad_ones)
        .order_by("pk")
    )
    opened = []
    for visit in waiting:
        record = SiteRecord.objects.get(site=visit.site_id, valid_to=None)
        names = {m.code: m.zh for m in measures(on=city_date(visit.visited_at or at))}
        bad = list(visit.checks.filter(verdict=Check.Verdict.BAD).order_by("pk"))
        told = "；".join(
            f"{names.get(c.measure, c.measure)}未落实{'：' + c.note if c.note else ''}" for c in bad
        )
        visit.case = site_case(
            record,
            problem=told,
            origin=Origin(
                "dust_visit",
                f"dust_visit:{visit.pk}",
                f"{round_.title}（{round_.code}）督导发现，交办{to}",
            ),
            measures=[names.get(c.measure, c.measure) for c in bad],
            by=by,
            at=at,
        )
        visit.transfer_no, visit.transferred_to, visit.transferred_at = document_no, to, at
        visit.save()
        opened.append(visit.case)
    if not opened:
        raise Problem("dust.nothing_to_hand_over")
    _note(
        round_,
        "dust.hand_over",
        by=by,
        at=at,
        detail={
            "district": district_code,
            "to": to,
            "document": document_no,
            "cases": [case.number for case in opened],
        },
    )
    return opened


def _note(round_: Round, deed: str, *, by: User, at: datetime, detail: dict[str, object]) -> None:
    audit.record(
        actor=Actor.of(by),
        deed=deed,
        target=f"dust_round:{round_.code}",
        at=at,
        clause=_CLAUSE,
        detail=detail,
    )
