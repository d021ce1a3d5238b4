"""Questions about bulletins: which there are, what is due, what stands behind a figure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from django.conf import settings
from django.db.models import QuerySet

from qingyuan.core.periods import CITY_TZ, Period, city_date, day_of
from qingyuan.core.problems import Problem
from qingyuan.reporting import Document, Link, Table
from qingyuan.store.observations import Late, Observations
from qingyuan.web.accounts.scope import Scope
from qingyuan.web.bulletins.kinds import Kind, kind_named, kinds, step_roles
from qingyuan.web.bulletins.models import Bulletin, RegisterRow, Schedule
from qingyuan.web.cases import selectors as cases
from qingyuan.web.signals import selectors as signals

__all__ = [
    "Due",
    "Plan",
    "bulletins_due",
    "bulletins_for",
    "current",
    "due_now",
    "late_readings",
    "may_do",
    "plan_of",
    "plans",
    "register_rows",
    "rows_behind",
    "waiting_for",
    "written",
]

_CATCH_UP = timedelta(days=35)  # what was due longer ago is not written by itself any more
COMPOSERS = frozenset({"duty_officer", "department_head"})
_FROM_READINGS = frozenset(
    {"daily", "weekly", "monthly", "annual", "ranking", "water_weekly", "pack"}
)


@dataclass(frozen=True, slots=True)
class Plan:
    """When a kind is written, with who changed it last."""

    kind: Kind
    on: bool
    hour: int
    weekday: int | None
    monthday: int | None
    changed: str = ""

    @property
    def said(self) -> str:
        """The plan in a few signs, for the audit."""
        day = f"W{self.weekday}" if self.weekday else f"D{self.monthday}" if self.monthday else ""
        return f"{'on' if self.on else 'off'} {day} {self.hour:02d}:00".replace("  ", " ")

    def moment(self, last: date) -> datetime:
        """Return when the bulletin of a period that ends on *last* is written (city time)."""
        day = last + timedelta(days=1)
        if self.kind.period == "week":
            day = last + timedelta(days=self.weekday or 1)
        elif self.kind.period in ("month", "year"):
            day = day.replace(day=self.monthday or 1)
        return datetime(day.year, day.month, day.day, self.hour, tzinfo=CITY_TZ)


@dataclass(frozen=True, slots=True)
class Due:
    """A bulletin that was to be written, and what became of it."""

    kind: str
    first: date
    day: date
    moment: datetime
    held: Bulletin | None = None

    @property
    def label(self) -> str:
        """The kind in the language of the page."""
        return kind_named(self.kind).label

    @property
    def state_zh(self) -> str:
        """Where it stands, in Chinese."""
        return _STATES[self.held.state][0] if self.held else "未编写"

    @property
    def state_en(self) -> str:
        """Where it stands, in English."""
        return _STATES[self.held.state][1] if self.held else "not written"

    @property
    def published(self) -> bool:
        """Whether it was published."""
        return self.held is not None and self.held.state in ("published", "corrected")


_STATES: Mapping[str, tuple[str, str]] = {
    "draft": ("拟稿", "draft"),
    "reviewed": ("已审核", "reviewed"),
    "signed": ("已签发", "signed"),
    "published": ("已发布", "published"),
    "corrected": ("已更正", "corrected"),
    "withdrawn": ("已撤回", "withdrawn"),
}


def may_do(scope: Scope, step: str) -> bool:
    """Whether this person's roles do a step."""
    return bool(scope.roles & step_roles(step)) if step else False


def late_readings(bulletin: Bulletin) -> Late | None:
    """Count the readings of its period that came after it; None where it rests on none."""
    if bulletin.kind not in _FROM_READINGS:
        return None
    period = Period(day_of(bulletin.first or bulletin.day).start, bulletin.data_until)
    if not period.start < period.end:
        return None
    try:
        return Observations(settings.FOLDER.store).late(period, known_at=bulletin.known_at)
    except Problem:  # the store is away; the page shows what was frozen
        return None


def bulletins_for(scope: Scope) -> QuerySet[Bulletin]:
    """Return the bulletins one may read: staff all of them, others none.

    A bulletin holds counts and public measurements; rows about cases and alarms open row by row.
    """
    found = Bulletin.objects.order_by("-day", "-issue", "kind")
    return found if scope.staff else found.none()


def waiting_for(scope: Scope) -> list[Bulletin]:
    """Return the bulletins whose next step this person's roles do, oldest first."""
    running = bulletins_for(scope).filter(state__in=("draft", "reviewed", "signed"))
    return [b for b in running.order_by("day", "pk") if may_do(scope, b.next_step)]


def written(kind: str, last: date) -> Bulletin | None:
    """Return the newest issue of a period, whatever its state."""
    return Bulletin.objects.filter(kind=kind, day=last).order_by("-issue").first()


def current(kind: str, last: date) -> Bulletin | None:
    """Return the issue of a period that stands: not withdrawn, not corrected."""
    held = Bulletin.objects.filter(kind=kind, day=last).exclude(
        state__in=(Bulletin.State.WITHDRAWN, Bulletin.State.CORRECTED)
    )
    return held.order_by("-issue").first()


def plan_of(kind: str) -> Plan:
    """Return when a kind is written."""
    rules = kind_named(kind)
    row = Schedule.objects.filter(kind=kind).first()
    if row is None:
        return Plan(rules, rules.on, rules.hour, rules.weekday, rules.monthday)
    return Plan(
        rules, row.on, row.hour, row.weekday or rules.weekday, row.monthday or rules.monthday,
        f"{row.changed_by} {row.changed_at.astimezone(CITY_TZ):%Y-%m-%d %H:%M}",
    )  # fmt: skip


def plans() -> list[Plan]:
    """Return the plan of every kind."""
    return [plan_of(name) for name in kinds()]


def due_now(*, at: datetime) -> list[Due]:
    """Return the newest period of each kind that is to be written by now and was not."""
    found = []
    for plan in plans():
        first, last = plan.kind.before(city_date(at))
        moment = plan.moment(last)
        if plan.on and moment <= at < moment + _CATCH_UP and written(plan.kind.name, last) is None:
            found.append(Due(plan.kind.name, first, last, moment))
    return found


def bulletins_due(first: date, last: date, *, at: datetime) -> list[Due]:
    """Return what fell due in a span of days since the first bulletin was ever written."""
    began = Bulletin.objects.order_by("composed_at").values_list("composed_at", flat=True).first()
    if began is None:
        return []
    held = [due for plan in plans() if plan.on for due in _falling(plan, first, last)]
    return [
        replace(due, held=current(due.kind, due.day))
        for due in sorted(held, key=lambda d: (d.moment, d.kind))
        if city_date(began) <= city_date(due.moment) and due.moment <= at
    ]


def _falling(plan: Plan, first: date, last: date) -> Iterator[Due]:
    """Yield the periods of a kind whose writing falls between two days."""
    begin, end = plan.kind.before(last + timedelta(days=1))
    while True:
        moment = plan.moment(end)
        if city_date(moment) < first:
            return
        if city_date(moment) <= last:
            yield Due(plan.kind.name, begin, end, moment)
        begin, end = plan.kind.before(begin)


def rows_behind(document: Document, table: str, tag: str, scope: Scope) -> tuple[Table, int] | None:
    """Return the rows a figure counted, as frozen, and how many of them this person may not see."""
    found = document.rows_of(Link.to("rows", table=table, tag=tag))
    if found is None or not found.subject:
        return None if found is None else (found, 0)
    refs = [next((dict(c.link.params) for c in row if c.link), {}) for row in found.rows]
    seen = _seen(found.subject, refs, scope)
    kept = [n for n, ref in enumerate(refs) if ref and next(iter(ref.values())) in seen]
    visible = replace(
        found,
        rows=tuple(found.rows[n] for n in kept),
        tags=tuple(found.tags[n] for n in kept),
    )
    return visible, len(found.rows) - len(kept)


def _seen(subject: str, refs: list[dict[str, str]], scope: Scope) -> set[str]:
    if subject == "case":
        numbers = [ref["number"] for ref in refs if "number" in ref]
        held = cases.cases(scope).filter(number__in=numbers)
        return set(held.values_list("number", flat=True))
    keys = [int(ref["ref"]) for ref in refs if ref.get("ref", "").isdigit()]
    return {
        str(pk) for pk in signals.signals(scope).filter(pk__in=keys).values_list("pk", flat=True)
    }


def register_rows(scope: Scope, register: str) -> QuerySet[RegisterRow]:
    """Return the rows in force of a register that a person may see, newest first."""
    found = (
        RegisterRow.objects.filter(register=register, ended_at=None)
        .select_related("district", "entered_by__unit")
        .defer("district__wkb")
        .order_by("-on", "-pk")
    )
    if not scope.staff:
        return found.none()
    return found if scope.city else found.filter(district_id__in=sorted(scope.districts))
