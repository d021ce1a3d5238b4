"""What lies on a person's desk (案头): the cases that wait for them, the late ones, the newest."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from qingyuan.web.accounts.models import User
from qingyuan.web.accounts.scope import Scope
from qingyuan.web.cases.models import Case
from qingyuan.web.cases.selectors.filters import narrowed
from qingyuan.web.cases.selectors.ledger import LedgerRow, cases, rows, sorted_by
from qingyuan.web.cases.selectors.memory import remembered
from qingyuan.web.cases.selectors.turn import my_turn

__all__ = ["Desk", "desk"]

_MINE, _EACH = 12, 8


@dataclass(frozen=True, slots=True)
class Desk:
    """The cases whose next step is mine, by deadline; the late ones; the newest in hand."""

    mine: list[LedgerRow]
    late: list[LedgerRow]
    recent: list[LedgerRow]


def desk(user: User, scope: Scope, *, at: datetime) -> Desk:
    """Return the three lists; which cases stand in them is asked anew once something was done."""
    seen = cases(scope)

    def keys(found: QuerySet[Case], most: int) -> list[int]:
        return list(found.values_list("pk", flat=True)[:most])

    mine = remembered(
        ("desk", "mine", user.pk),
        lambda: keys(sorted_by(my_turn(seen, user=user, at=at), "due"), _MINE),
        scope=scope, at=at,
    )  # fmt: skip
    late = remembered(
        ("desk", "late"),
        lambda: keys(sorted_by(narrowed(seen, at=at, overdue="1"), "due"), _EACH),
        scope=scope, at=at,
    )  # fmt: skip
    recent = remembered(
        ("desk", "recent"),
        lambda: keys(sorted_by(seen.filter(closed_at=None), "-opened"), _EACH),
        scope=scope, at=at,
    )  # fmt: skip
    found = seen.select_related(None).filter(pk__in={*mine, *late, *recent})
    held = {row.case.pk: row for row in rows(found, at=at)}
    return Desk(*([held[key] for key in part if key in held] for part in (mine, late, recent)))
