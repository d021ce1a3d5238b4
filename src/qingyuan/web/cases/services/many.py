"""Do one deed on many cases (批量办理): each whole or not at all, with a word for each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from qingyuan.core.problems import Problem
from qingyuan.web.accounts.models import User
from qingyuan.web.cases.models import Case
from qingyuan.web.cases.services.locks import locked_all
from qingyuan.web.cases.services.perform import perform

__all__ = ["Outcome", "perform_many"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one case of many (逐件结果)."""

    case: Case
    ok: bool
    problem: Problem | None = None


@transaction.atomic
def perform_many(
    *,
    cases: Sequence[Case],
    deed: str,
    by: User,
    at: datetime,
    data: Mapping[str, object] | None = None,
) -> list[Outcome]:
    """Do *deed* on each of *cases* in a savepoint of its own; those refused stand as they stood.

    All are locked first, in the order of their rows; the outcomes come in the order given. A case
    given twice is done once.
    """
    locked_all(case.pk for case in cases)
    outcomes: dict[int, Outcome] = {}
    for case in cases:
        if case.pk in outcomes:
            continue
        try:
            with transaction.atomic():
                done = perform(case=case, deed=deed, by=by, at=at, data=data)
        except Problem as problem:
            outcomes[case.pk] = Outcome(case, ok=False, problem=problem)
        else:
            outcomes[case.pk] = Outcome(done, ok=True)
    return list(outcomes.values())
