"""The ledgers (台账): three views of the same cases, and everything ever handed over."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.conf import settings
from django.db.models import Count, F, Prefetch, Q, QuerySet
from django.db.models.expressions import OrderBy

from qingyuan.core.periods import city_date, last_day
from qingyuan.host.citytime import CityClock
from qingyuan.web.accounts.models import Unit, User
from qingyuan.web.accounts.scope import Scope, scope_of
from qingyuan.web.cases.models import Case, CasePart, ProcedureVersion
from qingyuan.web.cases.selectors.filters import SOON_DAYS, days_left_span
from qingyuan.web.cases.selectors.memory import remembered
from qingyuan.web.cases.selectors.turn import my_turn
from qingyuan.web.cases.selectors.workdays import calendar, work_time

__all__ = [
    "SORTS",
    "TABS",
    "LedgerRow",
    "Sums",
    "calendar",
    "cases",
    "cases_of",
    "counts_by_ledger",
    "in_tab",
    "keys_of",
    "rows",
    "sorted_by",
    "sums",
    "totals",
    "waiting_for",
]

TABS: Mapping[str, Q] = {
    "assign": Q(ledger="assign"),
    "handle": Q(ledger="handle"),
    "conclude": Q(ledger="conclude"),
    "assigned": Q(assigned_at__isnull=False),  # 累计交办：凡交办过的，不论现在何处
    "all": Q(),
}
SORTS: Mapping[str, tuple[str, ...]] = {
    "number": ("number",),
    "opened": ("opened_at",),
    "assigned": ("assigned_at",),
    "closed": ("closed_at",),
    "changed": ("changed_at",),
    "due": ("due_at",),
    "district": ("district__sort_key", "district_id"),
    "unit": ("unit__sort_key", "unit_id"),
    "state": ("phase", "state"),
    "level": ("level",),
    "round": ("round",),
}
_BLANKS = {"assigned_at", "closed_at", "due_at", "unit__sort_key", "unit_id"}


def cases(scope: Scope) -> QuerySet[Case]:
    """Return the cases a person of the bureau may see; enterprises have their own list.

    The subtree of the organisation, what the own unit leads or shares in, what the person answers
    for, what one sponsors, and what one follows.
    """
    found = (
        Case.objects.select_related("district", "unit", "person__unit", "sponsor", "enterprise")
        .prefetch_related(Prefetch("procedure", ProcedureVersion.objects.defer("text")))
        .defer("district__wkb", "form")
    )
    if not scope.staff:
        return found.none()
    if scope.city:
        return found
    seen = Q(district_id__in=sorted(scope.districts)) | Q(number__in=scope.watched_refs("case"))
    seen |= Q(person_id=scope.user_id) | Q(sponsor_id=scope.user_id)
    shared = Q(person_id=scope.user_id)
    if scope.unit_path:
        own = Unit.objects.filter(path__startswith=scope.unit_path)
        units = list(own.values_list("pk", flat=True))
        seen |= Q(unit_id__in=units)
        shared |= Q(unit_id__in=units)
    parts = CasePart.objects.filter(shared).exclude(role="lead")
    return found.filter(seen | Q(pk__in=parts.values("case_id")))


def in_tab(found: QuerySet[Case], tab: str) -> QuerySet[Case]:
    """Narrow to one ledger; an unknown name is the ledger of work in hand."""
    return found.filter(TABS.get(tab, TABS["handle"]))


def sorted_by(found: QuerySet[Case], key: str) -> QuerySet[Case]:
    """Sort by a column (``-`` for descending), newest first by default; the id breaks ties."""
    name = key.removeprefix("-")
    if name not in SORTS:
        return found.order_by("-opened_at", "-pk")
    down = key.startswith("-")
    order = [_ordered(column, down=down) for column in SORTS[name]]
    return found.order_by(*order, "-pk" if down else "pk")


def _ordered(column: str, *, down: bool) -> OrderBy:
    """Return the order of a column, blanks last; said only where it has blanks, or no index serves."""
    if not down:
        return F(column).asc()  # the database puts blanks last by itself
    return F(column).desc(nulls_last=True) if column in _BLANKS else F(column).desc()


def keys_of(listed: QuerySet[Case], start: int, stop: int) -> list[int]:
    """Return the keys of some of the rows, in order: the rest of a row comes after."""
    return list(listed.values_list("pk", flat=True)[start:stop])


def cases_of(keys: Sequence[int], scope: Scope) -> list[Case]:
    """Return the cases of *keys* that a person may see, in that order."""
    held = {case.pk: case for case in cases(scope).filter(pk__in=keys)}
    return [held[key] for key in keys if key in held]


@dataclass(frozen=True, slots=True)
class Sums:
    """What the head and the foot of a ledger say, counted in one reading of the rows."""

    tabs: Mapping[str, int]
    feet: Mapping[str, Mapping[str, int]]


def sums(found: QuerySet[Case], *, at: datetime) -> Sums:
    """Count each tab, and in each the late, nearly due, paused and later rounds."""
    soon = days_left_span(at)
    running = Q(closed_at=None, paused=False)
    counted = (
        found.order_by()
        .values("ledger", given=Q(assigned_at__isnull=False))
        .annotate(
            n=Count("pk"),
            late=Count("pk", filter=running & Q(due_at__lte=at)),
            soon=Count("pk", filter=running & Q(due_at__gt=at, due_at__lte=soon)),
            paused=Count("pk", filter=Q(paused=True)),
            again=Count("pk", filter=Q(round__gt=1)),
        )
    )
    names = ("n", "late", "soon", "paused", "again")
    feet = {tab: dict.fromkeys(names, 0) for tab in TABS}
    for row in counted:
        here = [row["ledger"], "all", *(["assigned"] if row["given"] else [])]
        for tab in here:
            for name in names:
                feet[tab][name] += row[name]
    return Sums({tab: foot["n"] for tab, foot in feet.items()}, feet)


def counts_by_ledger(found: QuerySet[Case]) -> dict[str, int]:
    """Return how many cases each tab holds; the three ledgers add up to all of them."""
    return found.order_by().aggregate(
        **{name: Count("pk", filter=q) for name, q in TABS.items() if name != "all"},
        all=Count("pk"),
    )


def totals(found: QuerySet[Case], *, at: datetime) -> Mapping[str, int]:
    """Return the totals row: how many, late, nearly due, paused, of later rounds."""
    return sums(found, at=at).feet["all"]


@dataclass(frozen=True, slots=True)
class LedgerRow:
    """One line of a ledger: the case, working time spent and left."""

    case: Case
    elapsed: int
    left: int | None
    late: bool
    soon: bool
    last_day: date | None


def rows(found: Iterable[Case], *, at: datetime) -> list[LedgerRow]:
    """Return lines with elapsed and remaining working days (R007)."""
    between, today = work_time().between, city_date(at)
    answer = []
    for case in found:
        end = city_date(case.closed_at) if case.closed_at else today
        last = last_day(case.due_at) if case.due_at else None
        running = last is not None and case.closed_at is None and not case.paused
        left = between(today, last) if running and last else None
        late = bool(running and case.due_at and at >= case.due_at)
        if late and left is not None:
            left = min(left, -1)
        answer.append(
            LedgerRow(
                case=case,
                elapsed=between(city_date(case.opened_at), end),
                left=left,
                late=late,
                soon=left is not None and not late and left <= SOON_DAYS,
                last_day=last,
            )
        )
    return answer


def _now() -> datetime:
    return CityClock(settings.FOLDER).now()


def waiting_for(user: User) -> int:
    """Return how many cases wait for this very person; ``?mine=1`` lists them."""
    at = _now()
    scope = scope_of(user, on=city_date(at))
    return remembered(
        ("turn", user.pk),
        lambda: my_turn(cases(scope), user=user, at=at).order_by().count(),
        scope=scope,
        at=at,
    )
