"""Look back at closed items (回头看): draw a sample anyone can repeat, record, re-open on rebound."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from qingyuan.core.periods import city_date
from qingyuan.core.problems import Problem
from qingyuan.web.accounts.models import User
from qingyuan.web.audit import services as audit
from qingyuan.web.audit.services import Actor
from qingyuan.web.cases.services import perform
from qingyuan.web.inspections.models import Item, LookBack, LookBackCheck, Round
from qingyuan.web.inspections.sampling import ALGORITHM, draw, pool_hash

__all__ = ["draw_look_back", "record_check"]


@transaction.atomic
def draw_look_back(
    round_: Round, *, size: int, seed: str, reason: str, by: User, at: datetime
) -> LookBack:
    """Draw *size* of the round's items that are struck off; pool, hash and seed are kept.

    Raises
    ------
    Problem
        ``inspections.pool_small``.
    """
    Round.objects.select_for_update().get(pk=round_.pk)
    closed = Item.objects.filter(batch__round=round_, case__ledger="conclude")
    pool = {item.number: item for item in closed.select_related("case")}
    if not 1 <= size <= len(pool):
        raise Problem("inspections.pool_small", pool=len(pool), size=size)
    made = LookBack.objects.create(
        round=round_,
        ordinal=round_.look_backs.count() + 1,
        size=size,
        seed=seed,
        algorithm=ALGORITHM,
        pool=sorted(pool),
        pool_sha256=pool_hash(pool),
        reason=reason,
        drawn_by=str(by),
        drawn_at=at,
    )
    drawn = draw(pool, size=size, seed=seed)
    LookBackCheck.objects.bulk_create(
        LookBackCheck(look_back=made, item=pool[n], position=place, case_round=pool[n].case.round)
        for place, n in enumerate(drawn, 1)
    )
    audit.record(
        actor=Actor.of(by),
        deed="inspections.look_back",
        target=f"inspection_round:{round_.code}",
        at=at,
        detail={"seed": seed, "pool": made.pool_sha256, "size": size, "drawn": list(drawn)},
    )
    return made


@transaction.atomic
def record_check(
    check: LookBackCheck, *, result: str, finding: str, by: User, at: datetime
) -> LookBackCheck:
    """Record what was found; a rebound re-opens the item under its number, in a new round.

    Raises
    ------
    Problem
        ``inspections.checked_already``, ``inspections.not_closed_now``, and what `perform` raises.
    """
    held = LookBackCheck.objects.select_for_update(of=("self",)).get(pk=check.pk)
    item = held.item
    if held.checked_at:
        raise Problem("inspections.checked_already", number=item.number, by=held.checked_by)
    if item.case.ledger != "conclude" or item.case.round != held.case_round:
        raise Problem("inspections.not_closed_now", number=item.number)
    held.result = LookBackCheck.Result(result)
    held.finding, held.checked_by, held.checked_at = finding.strip(), str(by), at
    held.save()
    audit.record(
        actor=Actor.of(by),
        deed="inspections.look_back_check",
        target=item.case.ref,
        at=at,
        detail={"result": result, "finding": held.finding},
    )
    if held.result == LookBackCheck.Result.REBOUND:
        data = {"reason": held.finding, "assign_on": city_date(at)}
        perform(case=item.case, deed="rebound", by=by, at=at, data=data)
    return held
