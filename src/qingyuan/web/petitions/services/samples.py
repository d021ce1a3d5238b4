"""Draw closed items and check them (办结件抽查), and look back over ill-answered tickets (回头看)."""

from __future__ import annotations

import secrets
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.db import transaction

from qingyuan.core.periods import CITY_TZ, city_date
from qingyuan.core.problems import Problem
from qingyuan.web.accounts.models import User
from qingyuan.web.accounts.scope import scope_of
from qingyuan.web.audit import services as audit
from qingyuan.web.audit.services import Actor
from qingyuan.web.cases import services as cases
from qingyuan.web.petitions.models import (
    AuditTrigger,
    LookBack,
    LookBackItem,
    NothingFound,
    Petition,
    SampleCheck,
    SampleDraw,
)
from qingyuan.web.petitions.sampling import ALGORITHM, draw, pool_digest, size_of
from qingyuan.web.petitions.selectors.settings import parameter
from qingyuan.web.petitions.services.audits import send_to_audit

__all__ = ["begin_look_back", "check_drawn", "draw_sample", "ill_answered", "reproduces"]


def _instant(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=CITY_TZ)


def _pool(
    purpose: str, *, since: date, until: date, channel: str, by: User, at: datetime
) -> list[str]:
    scope = scope_of(by, on=city_date(at))
    found = Petition.objects.filter(scope.by_district("case__district_id"))
    span = (_instant(since), _instant(until + timedelta(days=1)))
    if purpose == SampleDraw.Purpose.NOTHING:
        rows = NothingFound.objects.filter(found_at__gte=span[0], found_at__lt=span[1])
        found = found.filter(nothing_found__in=rows)
    else:
        found = found.filter(case__closed_at__gte=span[0], case__closed_at__lt=span[1])
    if channel:
        found = found.filter(channel=channel)
    return sorted(set(found.values_list("case__number", flat=True)))


@transaction.atomic
def draw_sample(
    *,
    purpose: str,
    since: date,
    until: date,
    by: User,
    at: datetime,
    channel: str = "",
    rate: Decimal | None = None,
    seed: str | None = None,
    reason: str = "",
) -> SampleDraw:
    """Draw from the items closed (or found nothing) in a period (抽取); all that a stranger needs to repeat it is kept.

    A second draw from the same pool needs a reason. Of nothing-found items each one drawn goes to
    audit (R055 c).
    """
    pool = _pool(purpose, since=since, until=until, channel=channel, by=by, at=at)
    if not pool:
        raise Problem("petitions.pool_empty", since=since.isoformat(), until=until.isoformat())
    digest = pool_digest(pool)
    nothing = purpose == SampleDraw.Purpose.NOTHING
    before = SampleDraw.objects.filter(purpose=purpose, pool_digest=digest).exists()
    if before and not reason.strip():
        raise Problem("petitions.redraw_needs_reason")
    share = rate or parameter("audit_rate" if nothing else "check_rate", on=city_date(at))
    if not 0 < share <= 100:
        raise Problem("petitions.bad_rate", given=share)
    chosen_seed = seed or secrets.token_hex(16)
    result = draw(pool, seed=chosen_seed, size=size_of(pool, rate=share))
    made = SampleDraw.objects.create(
        purpose=purpose, since=since, until=until, channel=channel, pool=pool, pool_digest=digest,
        algorithm=ALGORITHM, seed=chosen_seed, rate=share, result=result,
        reason=reason.strip()[:200], drawn_by=str(by), drawn_at=at,
    )  # fmt: skip
    audit.record(
        actor=Actor.of(by), deed="petitions.draw_sample", target=f"draw:{made.pk}", at=at,
        clause="青岛市巡察整改通报（2024）十（一）办理情况抽查检查",
        detail={"pool": digest, "n": len(pool), "algorithm": ALGORITHM, "seed": chosen_seed, "result": result},
    )  # fmt: skip
    if nothing:
        _audit_drawn(made, by=by, at=at)
    return made


def _audit_drawn(made: SampleDraw, *, by: User, at: datetime) -> None:
    for petition in Petition.objects.filter(case__number__in=made.result).order_by("pk"):
        found = petition.nothing_found.order_by("-found_at").first()
        if found is None:
            continue
        evidence = [{"kind": "draw", "ref": f"draw:{made.pk}", "label": f"抽查 {made.pk}"}]
        send_to_audit(
            found, rule=AuditTrigger.Rule.DRAWN, evidence=evidence, at=at, by=by,
            parameters={"audit_rate": str(made.rate)},
        )  # fmt: skip


def reproduces(made: SampleDraw) -> bool:
    """Whether pool, algorithm and seed give the result that was kept."""
    size = size_of(made.pool, rate=Decimal(made.rate))
    again = draw(made.pool, seed=made.seed, size=size)
    return (
        made.algorithm == ALGORITHM
        and pool_digest(made.pool) == made.pool_digest
        and again == made.result
    )


@transaction.atomic
def check_drawn(
    made: SampleDraw,
    petition: Petition,
    *,
    in_time: bool,
    replied: bool,
    evidence: bool,
    finding: str,
    note: str,
    by: User,
    at: datetime,
) -> SampleCheck:
    """Fill in the form of one drawn item (抽查表)."""
    if petition.case.number not in made.result:
        raise Problem("petitions.not_drawn", number=petition.case.number)
    if finding not in SampleCheck.Finding.values or (finding != "sound" and not note.strip()):
        raise Problem("petitions.check_needs_note")
    row, _ = SampleCheck.objects.update_or_create(
        draw=made, petition=petition,
        defaults={
            "in_time": in_time, "replied": replied, "evidence": evidence, "finding": finding,
            "note": note.strip()[:400], "by": str(by), "at": at,
        },
    )  # fmt: skip
    audit.record(
        actor=Actor.of(by), deed="petitions.check_drawn", target=petition.case.ref, at=at,
        detail={"draw": made.pk, "finding": finding},
    )  # fmt: skip
    return row


def ill_answered(
    *, since: date, until: date, channel: str, by: User, at: datetime
) -> list[Petition]:
    """Return closed petitions of a period whose last answer was unsatisfied or unsolved."""
    scope = scope_of(by, on=city_date(at))
    found = Petition.objects.filter(
        scope.by_district("case__district_id"),
        case__closed_at__gte=_instant(since),
        case__closed_at__lt=_instant(until + timedelta(days=1)),
    ).select_related("case__procedure")
    if channel:
        found = found.filter(channel=channel)
    rows = []
    for petition in found.prefetch_related("callbacks").order_by("pk"):
        answered = sorted((c for c in petition.callbacks.all() if c.reached), key=lambda c: c.at)
        if answered and answered[-1].ill:
            rows.append(petition)
    return rows


@transaction.atomic
def begin_look_back(
    *,
    name: str,
    since: date,
    until: date,
    by: User,
    at: datetime,
    channel: str = "",
    basis: str = "",
) -> LookBack:
    """Open every ill-answered ticket of a period again as a new round (“回头看”攻坚, R053)."""
    chosen = ill_answered(since=since, until=until, channel=channel, by=by, at=at)
    if not name.strip() or not chosen:
        raise Problem("petitions.nothing_to_look_back")
    made = LookBack.objects.create(
        name=name.strip()[:80], basis=basis.strip()[:120], channel=channel, since=since,
        until=until, begun_by=str(by), begun_at=at,
    )  # fmt: skip
    outcomes = cases.perform_many(
        cases=[p.case for p in chosen], deed="reopen", by=by, at=at,
        data={"reason": f"回头看：{made.name}"},
    )  # fmt: skip
    for petition, outcome in zip(chosen, outcomes, strict=True):
        last = max((c for c in petition.callbacks.all() if c.reached), key=lambda c: c.at)
        LookBackItem.objects.create(
            lookback=made, petition=petition, satisfaction=last.satisfaction,
            resolution=last.resolution, round=outcome.case.round if outcome.ok else None,
            refusal=outcome.problem.zh[:240] if outcome.problem else "",
        )  # fmt: skip
    audit.record(
        actor=Actor.of(by), deed="petitions.begin_look_back", target=f"lookback:{made.pk}", at=at,
        clause=made.basis, detail={"cases": [p.case.number for p in chosen]},
    )  # fmt: skip
    return made
