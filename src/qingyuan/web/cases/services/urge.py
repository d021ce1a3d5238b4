"""Urge (催办): a line on the timeline and a word to those responsible, once a day per case."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from qingyuan.core.periods import city_date, day_of
from qingyuan.core.problems import Problem
from qingyuan.web.accounts.models import User
from qingyuan.web.cases.effects.lines import add_line
from qingyuan.web.cases.effects.notify import audience, tell
from qingyuan.web.cases.models import Case
from qingyuan.web.cases.services.locks import locked_all
from qingyuan.web.cases.services.many import Outcome

__all__ = ["URGERS", "urge_many"]

URGERS = frozenset({"duty_officer", "department_head", "vice_leader", "leader"})


@transaction.atomic
def urge_many(*, cases: Sequence[Case], by: User, at: datetime, note: str = "") -> list[Outcome]:
    """Urge the responsible person and the co-handlers of each case; those refused stand untouched."""
    held = locked_all(case.pk for case in cases)
    answer = []
    for pk in dict.fromkeys(case.pk for case in cases):
        case = held[pk]
        try:
            with transaction.atomic():
                _urge(case, by=by, at=at, note=note)
        except Problem as problem:
            answer.append(Outcome(case, ok=False, problem=problem))
        else:
            answer.append(Outcome(case, ok=True))
    return answer


def _urge(case: Case, *, by: User, at: datetime, note: str) -> None:
    if case.closed_at is not None:
        raise Problem("cases.urge_closed", number=case.number)
    people = [*audience(case, "responsible", at=at), *audience(case, "co", at=at)]
    if not people:
        raise Problem("cases.urge_nobody", number=case.number)
    today = day_of(city_date(at))
    if case.deeds.filter(name="urge", at__gte=today.start, at__lt=today.end).exists():
        raise Problem("cases.urged_today", number=case.number)
    add_line(case, "urge", by=by, at=at, given={"note": note.strip()[:400]})
    tell(case, [p for p in people if p.pk != by.pk], kind="case", deed=("催办", "Urged"), at=at)
