"""The ledgers (台账): three views of the same cases, and everything ever handed over."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.conf import settings
from django.db.models import Count, F, Q, QuerySet

from qingyuan.core.calendar import WorkCalendar
from qingyuan.core.periods import city_date, day_of
from qingyuan.host.citytime import CityClock
from qingyuan.web.accounts.models import User
from qingyuan.web.accounts.scope import Scope, scope_of
from qingyuan.web.cases.models import Case
from qingyuan.web.cases.selectors.turn import my_turn

__all__ = [
    "SORTS",
    "TABS",
    "LedgerRow",
    "calendar",
    "cases",
    "counts_by_ledger",
    "in_tab",
    "narrowed",
    "rows",
    "sorted_by",
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
    "due": ("due_at",),
    "district": ("district__sort_key", "district_id"),
    "unit": ("unit__sort_key", "unit_id"),
    "state": ("phase", "state"),
    "round": ("round",),
}


def calendar() -> WorkCalendar:
    """Return the working-day calendar in force."""
    return WorkCalendar.official()


def cases(scope: Scope) -> QuerySet[Case]:
    """Return the cases a person of the bureau may see; enterprises have their own list.

    The subtree of the organisation, what the own unit or the person answers for, what one
    sponsors, and what one follows.
    """
    found = (
        Case.objects.select_related("district", "unit", "person__unit", "sponsor", "enterprise")
        .prefetch_related("procedure")  # its text once a page, not once a row
        .defer("district__wkb")
    )
    if not scope.staff:
        return found.none()
    if scope.city:
        return found
    seen = Q(district_id__in=sorted(scope.districts)) | Q(number__in=scope.watched_refs("case"))
    seen |= Q(person_id=scope.user_id) | Q(sponsor_id=scope.user_id)
    if scope.unit_path:
        seen |= Q(unit__path__startswith=scope.unit_path)
    return found.filter(seen)


def in_tab(found: QuerySet[Case], tab: str) -> QuerySet[Case]:
    """Narrow to one ledger; an unknown name is the ledger of work in hand."""
    return found.filter(TABS.get(tab, TABS["handle"]))


def _day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if 1991 < day.year < 2200 else None


def narrowed(
    found: QuerySet[Case],
    *,
    at: datetime,
    text: str = "",
    district: str = "",
    matter: str = "",
    state: str = "",
    person: str = "",
    enterprise: str = "",
    section: str = "",
    overdue: str = "",
    opened: str = "",
    concluded: str = "",
) -> QuerySet[Case]:
    """Narrow by the filter bar; an empty filter does not narrow, an unreadable day neither."""
    plain = {
        "district_id": district,
        "matter": matter,
        "state": state,
        "person__username": person,
        "enterprise_id": enterprise,
        "section_code": section,
    }
    found = found.filter(**{name: value for name, value in plain.items() if value})
    if overdue == "1":
        found = found.filter(closed_at=None, paused=False, due_at__lte=at)
    for name, day in (("opened_at", _day(opened)), ("closed_at", _day(concluded))):
        if day:
            span = day_of(day)
            found = found.filter(**{f"{name}__gte": span.start, f"{name}__lt": span.end})
    text = text.strip()
    if text:
        found = found.filter(
            Q(number__icontains=text)
            | Q(title__icontains=text)
            | Q(person__name__icontains=text)
            | Q(unit__name_zh__icontains=text)
            | Q(unit__sort_key__icontains=text.lower())
            | Q(enterprise__name_zh__icontains=text)
            | Q(enterprise__sort_key__icontains=text.lower())
        )
    return found


def sorted_by(found: QuerySet[Case], key: str) -> QuerySet[Case]:
    """Sort by a column (``-`` for descending), newest first by default; the id breaks ties."""
    name = key.removeprefix("-")
    if name not in SORTS:
        return found.order_by("-opened_at", "-pk")
    down = key.startswith("-")
    order = [
        F(column).desc(nulls_last=True) if down else F(column).asc(nulls_last=True)
        for column in SORTS[name]
    ]
    return found.order_by(*order, "-pk" if down else "pk")


def counts_by_ledger(found: QuerySet[Case]) -> dict[str, int]:
    """Return how many cases each tab holds; the three ledgers add up to all of them."""
    return found.order_by().aggregate(
        **{name: Count("pk", filter=q) for name, q in TABS.items() if name != "all"},
        all=Count("pk"),
    )


def totals(found: QuerySet[Case], *, at: datetime) -> dict[str, int]:
    """Return the totals row: how many, late, due within a working day, paused, of later rounds."""
    soon = day_of(calendar().add_working_days(city_date(at), 1)).end
    running = Q(closed_at=None, paused=False)
    return found.order_by().aggregate(
        n=Count("pk"),
        late=Count("pk", filter=running & Q(due_at__lte=at)),
        soon=Count("pk", filter=running & Q(due_at__gt=at, due_at__lte=soon)),
        paused=Count("pk", filter=Q(paused=True)),
        again=Count("pk", filter=Q(round__gt=1)),
    )


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
    days, today = calendar(), city_date(at)
    answer = []
    for case in found:
        end = city_date(case.closed_at) if case.closed_at else today
        last = city_date(case.due_at - timedelta(microseconds=1)) if case.due_at else None
        running = last is not None and case.closed_at is None and not case.paused
        left = days.working_days_between(today, last) if running and last else None
        late = bool(running and case.due_at and at >= case.due_at)
        if late and left is not None:
            left = min(left, -1)
        answer.append(
            LedgerRow(
                case=case,
                elapsed=days.working_days_between(city_date(case.opened_at), end),
                left=left,
                late=late,
                soon=left is not None and not late and left <= 1,
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
    return my_turn(cases(scope), user=user, at=at).order_by().count()
