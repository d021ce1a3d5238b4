"""Ask for a deputy, grant it, end it (离岗代行)."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.db import transaction

from qingyuan.core.periods import city_date
from qingyuan.core.problems import Problem
from qingyuan.web.accounts.models import RoleGrant, User
from qingyuan.web.accounts.roles import roles
from qingyuan.web.accounts.scope import role_names
from qingyuan.web.audit import services as audit
from qingyuan.web.audit.services import Actor
from qingyuan.web.notices import services as notices
from qingyuan.web.organisation.models import Absence

__all__ = ["ask_absence", "end_absence", "settle_absence"]

_LONGEST_DAYS = 92


@transaction.atomic
def ask_absence(
    *,
    deputy: User,
    role: str,
    valid_from: date,
    valid_to: date,
    reason: str,
    by: User,
    at: datetime,
) -> Absence:
    """Ask that *deputy* stand in with one of one's own roles for some days.

    Raises
    ------
    Problem
        ``organisation.not_your_role``, ``organisation.absence_period``,
        ``organisation.same_person``, ``accounts.separation``.
    """
    today = city_date(at)
    if role not in role_names(by, on=today):
        raise Problem("organisation.not_your_role", role=role)
    if deputy.pk == by.pk:
        raise Problem("organisation.same_person")
    if not today <= valid_from <= valid_to <= valid_from + timedelta(days=_LONGEST_DAYS):
        raise Problem("organisation.absence_period", most=_LONGEST_DAYS)
    _check_separation(deputy, role, today)
    made = Absence.objects.create(
        user=by, deputy=deputy, role=role, valid_from=valid_from, valid_to=valid_to,
        reason=reason.strip(), asked_at=at,
    )  # fmt: skip
    audit.record(
        actor=Actor.of(by), deed="organisation.absence_ask", target=f"user:{by.username}", at=at,
        clause="R228", detail={"deputy": deputy.username, "role": role},
    )  # fmt: skip
    return made


def _check_separation(deputy: User, role: str, on: date) -> None:
    wanted = roles()[role]
    held = {roles()[name].separation for name in role_names(deputy, on=on)}
    if held - {wanted.separation} or wanted.separation != "business":
        raise Problem("accounts.separation", role=wanted.zh, user=deputy.name)


@transaction.atomic
def settle_absence(*, absence: Absence, granted: bool, by: User, at: datetime) -> Absence:
    """Grant or refuse it; only then, and only for those days, does the deputy hold the role.

    Raises
    ------
    Problem
        ``organisation.settled_already``, ``accounts.separation``.
    """
    absence = (
        Absence.objects.select_for_update(of=("self",))
        .select_related("user", "deputy")
        .get(pk=absence.pk)
    )
    if absence.settled_at:
        raise Problem("organisation.settled_already")
    today = city_date(at)
    if granted and role_names(absence.deputy, on=absence.valid_from) >= {absence.role}:
        raise Problem("organisation.holds_already", user=absence.deputy.name)
    if granted:
        _check_separation(absence.deputy, absence.role, today)
        absence.grant = RoleGrant.objects.create(
            user=absence.deputy, role=absence.role, separation=roles()[absence.role].separation,
            granted_by=f"{by}（代行 {absence.user.name}）", granted_at=at,
            valid_from=max(absence.valid_from, today), valid_to=absence.valid_to,
        )  # fmt: skip
    absence.settled_by, absence.settled_at = by, at
    absence.save()
    audit.record(
        actor=Actor.of(by), deed="organisation.absence_settle",
        target=f"user:{absence.user.username}", at=at, clause="R228",
        detail={"granted": granted, "deputy": absence.deputy.username, "role": absence.role,
                "to": str(absence.valid_to)},
    )  # fmt: skip
    notices.notify(
        [absence.user, absence.deputy], kind="absence",
        title=f"离岗代行{'已授权' if granted else '未获批准'}：{absence.valid_from}—{absence.valid_to}",
        url="/organisation/absences/", at=at,
        title_en=f"Standing in {'granted' if granted else 'refused'}: {absence.valid_from}",
    )  # fmt: skip
    return absence


@transaction.atomic
def end_absence(*, absence: Absence, by: User, at: datetime) -> Absence:
    """End it early, by the one who was away or the security administrator (提前返岗)."""
    absence = (
        Absence.objects.select_for_update(of=("self",)).select_related("grant").get(pk=absence.pk)
    )
    if absence.state != "granted" or absence.grant is None:
        raise Problem("organisation.not_granted")
    absence.ended_at = at
    absence.save(update_fields=["ended_at"])
    grant = absence.grant
    grant.valid_to = min(absence.valid_to, city_date(at) - timedelta(days=1))
    grant.save(update_fields=["valid_to"])
    audit.record(
        actor=Actor.of(by), deed="organisation.absence_end", target=f"user:{absence.user.username}",
        at=at, clause="R228", detail={"deputy": absence.deputy.username},
    )  # fmt: skip
    return absence
