"""Questions about units, groups, duty and absences."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Count, Q, QuerySet

from qingyuan.web.accounts.models import Unit, User
from qingyuan.web.accounts.scope import Scope
from qingyuan.web.organisation.models import Absence, Group, HandOver, Membership, Shift

__all__ = [
    "Day",
    "absences",
    "groups",
    "groups_of",
    "members",
    "on_duty",
    "roster",
    "rostered_unit",
    "serving",
    "tree",
    "waiting_handovers",
]


@dataclass(frozen=True, slots=True)
class Day:
    """One day of a unit's roster: its two shifts, where planned."""

    day: date
    shifts: dict[str, Shift]


def tree() -> QuerySet[Unit]:
    """Return every unit in reading order with how many active people sit in it."""
    seated = Count("people", filter=Q(people__is_active=True, people__enterprise_code=""))
    return Unit.objects.annotate(seated=seated).select_related("parent").order_by("path")


def groups(*, on: date, ended: bool = False) -> QuerySet[Group]:
    """Return the groups that stand on a day, or those that ended before it."""
    over = Q(valid_to__lt=on)
    serving = Q(members__valid_from__lte=on) & (
        Q(members__valid_to=None) | Q(members__valid_to__gte=on)
    )
    return (
        Group.objects.filter(over if ended else ~over)
        .select_related("office")
        .annotate(serving=Count("members", filter=serving))
        .order_by("-valid_from", "name")
    )


def members(group: Group) -> QuerySet[Membership]:
    """Return everybody who ever was in a group, heads first."""
    order = [Membership.Part.HEAD, Membership.Part.DEPUTY, Membership.Part.OFFICE]
    rows = group.members.select_related("user", "home").order_by("valid_from", "pk")
    return sorted(rows, key=lambda m: order.index(m.part) if m.part in order else len(order))  # type: ignore[return-value]  # a list serves the page as well


def groups_of(user: User, *, on: date) -> list[Group]:
    """Return the groups a person serves in on a day."""
    rows = Membership.objects.filter(user=user).select_related("group")
    return [m.group for m in rows if m.serves(on) and m.group.stands(on)]


def serving(on: date) -> dict[str, list[User]]:
    """Return the groups that stand on a day, each with who serves in it then."""
    found: dict[str, list[User]] = {}
    rows = Membership.objects.select_related("group", "user__unit").order_by("group_id", "pk")
    for row in rows.filter(group__valid_from__lte=on):
        if row.group.stands(on) and row.serves(on):
            found.setdefault(row.group.name, []).append(row.user)
    return found


def roster(unit: Unit, *, first: date, days: int) -> Sequence[Day]:
    """Return the roster of a unit day by day; days without a shift are in it too."""
    rows = Shift.objects.filter(
        unit=unit, day__gte=first, day__lt=first + timedelta(days=days)
    ).select_related("officer", "leader", "handover__given_by", "handover__taken_by")
    found = [Day(first + timedelta(days=n), {}) for n in range(days)]
    for shift in rows:
        found[(shift.day - first).days].shifts[shift.span] = shift
    return found


def rostered_unit(own: Unit) -> Unit:
    """Return whose roster to open first: one's own if it keeps one, else the first that does."""
    kept = Unit.objects.filter(shifts__isnull=False).distinct().order_by("path")
    return kept.filter(pk=own.pk).first() or kept.first() or own


def on_duty(unit: Unit, *, day: date, span: str) -> Shift | None:
    """Return who has a shift."""
    return Shift.objects.filter(unit=unit, day=day, span=span).select_related("officer").first()


def waiting_handovers(user: User) -> QuerySet[HandOver]:
    """Return the hand-overs of one's units that nobody has taken, newest first."""
    return (
        HandOver.objects.filter(taken_by=None)
        .filter(Q(shift__unit=user.unit) | Q(shift__unit__shifts__officer=user))
        .exclude(given_by=user)
        .select_related("shift__unit", "given_by")
        .distinct()
        .order_by("-given_at")
    )


def absences(scope: Scope) -> QuerySet[Absence]:
    """Return what the security administrator decides on; for others what concerns themselves."""
    found = Absence.objects.select_related("user__unit", "deputy__unit", "settled_by", "grant")
    if "security_admin" not in scope.roles:
        found = found.filter(Q(user=scope.user_id) | Q(deputy=scope.user_id))
    return found.order_by("-asked_at", "-pk")
