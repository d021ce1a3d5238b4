"""List problems, push them, settle them, open them again (问题清单)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from django.db.models import Max, QuerySet

from qingyuan.web.cases.effects.context import Doing
from qingyuan.web.cases.models import ProblemItem

__all__ = ["list_problems", "push_problems", "reopen_problems", "settle_problems"]


def _of_round(doing: Doing) -> QuerySet[ProblemItem]:
    return ProblemItem.objects.filter(case=doing.case, round=doing.case.round)


def list_problems(doing: Doing, params: Mapping[str, str]) -> None:
    """Write one row per problem, numbered on through the rounds."""
    given, due = doing.data["problems"], doing.data["due_on"]
    texts = (
        [given] if isinstance(given, str) else list(given) if isinstance(given, Sequence) else []
    )
    last = doing.case.problems.aggregate(n=Max("number"))["n"] or 0
    if not isinstance(due, date):
        raise TypeError("a problem list needs its date")
    ProblemItem.objects.bulk_create(
        ProblemItem(
            case=doing.case,
            round=doing.case.round,
            number=last + n,
            text=str(text).strip()[:400],
            due_on=due,
        )
        for n, text in enumerate(texts, 1)
    )


def push_problems(doing: Doing, params: Mapping[str, str]) -> None:
    """Let the enterprise see the problems (线上推送)."""
    _of_round(doing).filter(pushed_at=None).update(pushed_at=doing.at)
    doing.case.pushed_at = doing.case.pushed_at or doing.at


def settle_problems(doing: Doing, params: Mapping[str, str]) -> None:
    """Note that every problem of the round is put right."""
    _of_round(doing).filter(settled_at=None).update(settled_at=doing.at)


def reopen_problems(doing: Doing, params: Mapping[str, str]) -> None:
    """Open the round's problems again with the new date (复核退回)."""
    due = doing.data.get("due_on")
    _of_round(doing).update(settled_at=None, **({"due_on": due} if due else {}))
