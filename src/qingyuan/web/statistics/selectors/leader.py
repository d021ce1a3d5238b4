"""领导总览: how many, where, whose, how late, on one page; and each vice-leader's own items."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Count, F, Min, Q, QuerySet, Value
from django.db.models.functions import Coalesce, NullIf
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from qingyuan.core.periods import city_date, day_of, last_day
from qingyuan.web.accounts import selectors as accounts
from qingyuan.web.accounts.models import User
from qingyuan.web.accounts.scope import Scope
from qingyuan.web.cases import selectors as cases
from qingyuan.web.cases.models import Case
from qingyuan.web.cases.models.case import MATTERS
from qingyuan.web.cases.selectors.filters import days_left_span
from qingyuan.web.cases.selectors.workdays import calendar
from qingyuan.web.registry.models import Responsibility
from qingyuan.web.statistics.selectors.links import LATENESS, late_by, link

__all__ = ["Overview", "Place", "Sponsored", "overview", "sponsored", "vice_leaders"]

_OPEN = Q(closed_at=None)


@dataclass(frozen=True, slots=True)
class Place:
    """One row of 在哪里 or 谁的: open, nearly due, late, and by how much the latest is late."""

    label: str
    open: int
    soon: int
    late: int
    worst: int
    open_href: str
    soon_href: str
    late_href: str


@dataclass(frozen=True, slots=True)
class Overview:
    """The leader's page: figures with their rows, places, units, lateness, people."""

    figures: list[tuple[str, int, str, str]]
    districts: list[Place]
    units: list[Place]
    lateness: list[tuple[str, int, str]]
    worst: list[cases.LedgerRow]


def _counts(at: datetime) -> dict[str, Count | Min]:
    late = Q(paused=False, due_at__lte=at)
    soon = Q(paused=False, due_at__gt=at, due_at__lte=days_left_span(at))
    return {
        "n": Count("pk"),
        "late": Count("pk", filter=late),
        "soon": Count("pk", filter=soon),
        "oldest": Min("due_at", filter=late),
    }


def _places(found: QuerySet[Case], by: str, name: str, code: str, filter_: str, *, at: datetime) -> list[Place]:  # fmt: skip
    today = city_date(at)
    called = F(f"{name}__name_zh")
    if (get_language() or "").startswith("en"):
        called = Coalesce(NullIf(F(f"{name}__name_en"), Value("")), called)
    named = found.filter(_OPEN).order_by().annotate(called=called)
    rows = named.values(by, "called", code).annotate(**_counts(at))
    made = []
    for row in rows:
        key = {filter_: row[code] or "-", "open": "1"}
        made.append(
            Place(
                label=row["called"] or _("尚无责任单位"),
                open=row["n"],
                soon=row["soon"],
                late=row["late"],
                worst=_worst(row["oldest"], today),
                open_href=link(key),
                soon_href=link(key, open="", due="soon"),
                late_href=link(key, open="", due="late"),
            )
        )
    return sorted(made, key=lambda p: (-p.late, -p.open, p.label))


def _worst(oldest: datetime | None, today: date) -> int:
    """Return the working days since the last day of the earliest deadline; at least one."""
    if oldest is None:
        return 0
    last = last_day(oldest)
    return max(1, calendar().working_days_between(last, today))


def overview(scope: Scope, *, at: datetime) -> Overview:
    """Return how many, where, whose and how late, of what a person may see."""
    found = cases.cases(scope)
    year = date(city_date(at).year, 1, 1).isoformat()
    today = day_of(city_date(at))
    counted = found.order_by().aggregate(
        open=Count("pk", filter=_OPEN),
        late=Count("pk", filter=_OPEN & Q(paused=False, due_at__lte=at)),
        soon=Count("pk", filter=_OPEN & Q(paused=False, due_at__gt=at, due_at__lte=days_left_span(at))),
        waiting=Count("pk", filter=Q(ledger="assign")),
        opened=Count("pk", filter=Q(opened_at__gte=day_of(date.fromisoformat(year)).start)),
        closed=Count("pk", filter=Q(closed_at__gte=day_of(date.fromisoformat(year)).start)),
        today=Count("pk", filter=Q(opened_at__gte=today.start, opened_at__lt=today.end)),
        **{f"late_{key}": Count("pk", filter=late_by(key, at)) for key in LATENESS},
    )  # fmt: skip
    figures = [
        (_("在办"), counted["open"], link({"open": "1"}), ""),
        (_("逾期"), counted["late"], link({"due": "late"}), "late"),
        (_("三个工作日内到期"), counted["soon"], link({"due": "soon"}), "warn"),
        (_("待交办签收"), counted["waiting"], link({}, ledger="assign"), ""),
        (_("今日新立"), counted["today"], link({"opened": city_date(at).isoformat()}), ""),
        (_("本年立案"), counted["opened"], link({"opened_from": year}), ""),
        (_("本年办结"), counted["closed"], link({"closed_from": year}), ""),
    ]
    words = {
        "1": _("1—3 个工作日"), "4": _("4—10 个工作日"), "11": _("11—30 个工作日"), "31": _("30 个工作日以上"),
    }  # fmt: skip
    late = cases.sorted_by(cases.narrowed(found, at=at, due="late"), "due")[:10]
    return Overview(
        figures=figures,
        districts=_places(found, "district_id", "district", "district_id", "district", at=at),
        units=_places(found, "unit_id", "unit", "unit__code", "unit", at=at),
        lateness=[(words[key], counted[f"late_{key}"], link({"late": key})) for key in LATENESS],
        worst=cases.rows(late, at=at),
    )


def vice_leaders(scope: Scope, *, at: datetime) -> list[tuple[User, int, int]]:
    """Return the leaders who own cases (包案领导): how many open, how many late."""
    counted = {
        row["sponsor"]: (row["n"], row["late"])
        for row in cases.cases(scope)
        .filter(_OPEN)
        .exclude(sponsor=None)
        .order_by()
        .values("sponsor")
        .annotate(n=Count("pk"), late=Count("pk", filter=Q(paused=False, due_at__lte=at)))
    }
    leaders = accounts.holders_of("vice_leader", on=city_date(at)) if scope.city else []
    people = {u.pk: u for u in leaders}
    people |= {u.pk: u for u in User.objects.filter(pk__in=counted).select_related("unit")}
    said = [(user, *counted.get(pk, (0, 0))) for pk, user in people.items()]
    return sorted(said, key=lambda x: (-x[2], -x[1], x[0].name))


@dataclass(frozen=True, slots=True)
class Sponsored:
    """One leader's page: figures, the cases owned, and what the matrix puts under them (分管)."""

    figures: list[tuple[str, int, str, str]]
    matters: list[tuple[str, str]]
    late: list[cases.LedgerRow]
    open: list[cases.LedgerRow]
    more: int


def sponsored(leader: User, scope: Scope, *, at: datetime, most: int = 30) -> Sponsored:
    """Return what one leader owns (包案) and answers for (分管), the latest first."""
    key: Mapping[str, str] = {"sponsor": leader.username}
    found = cases.narrowed(cases.cases(scope), at=at, **key)
    total = found.filter(_OPEN).order_by().count()
    sums = cases.sums(found, at=at).feet["all"]
    late = cases.sorted_by(cases.narrowed(found, at=at, due="late"), "due")
    rest = cases.sorted_by(found.filter(_OPEN).exclude(pk__in=late.order_by().values("pk")), "due")
    closed = found.exclude(closed_at=None).order_by().count()
    rows = Responsibility.objects.filter(sponsor=leader, valid_to=None).select_related("district")
    matters = [(row.district.name, str(_matter(row.matter))) for row in rows.order_by("district_id", "matter")]  # fmt: skip
    late_rows = cases.rows(late[:most], at=at)
    open_rows = cases.rows(rest[: most - len(late_rows)], at=at)
    return Sponsored(
        figures=[
            (_("在办"), total, link({**key, "open": "1"}), ""),
            (_("逾期"), sums["late"], link(key, due="late"), "late"),
            (_("三个工作日内到期"), sums["soon"], link(key, due="soon"), "warn"),
            (_("已办结"), closed, link(key, ledger="conclude"), ""),
        ],
        matters=matters,
        late=late_rows,
        open=open_rows,
        more=max(0, total - len(late_rows) - len(open_rows)),
    )


def _matter(name: str) -> object:
    return dict(MATTERS).get(name, name)
