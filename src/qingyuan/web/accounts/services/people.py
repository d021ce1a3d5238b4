"""What is done to one account: invite, accept, change the password, grant, end, switch on and off."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta

from django.contrib.auth.password_validation import validate_password
from django.db import transaction
from django.utils import timezone

from qingyuan.core.periods import city_date
from qingyuan.core.problems import Problem
from qingyuan.web.accounts.models import Invitation, RoleGrant, Unit, User
from qingyuan.web.accounts.roles import ADMIN_CLASSES, roles
from qingyuan.web.accounts.services.organisation import put_person, put_unit
from qingyuan.web.audit import services as audit
from qingyuan.web.audit.services import Actor

__all__ = [
    "INVITATION_LASTS",
    "accept_invitation",
    "change_password",
    "end_grant",
    "grant_role",
    "invite",
    "invite_by_name",
    "make_first_administrator",
    "open_invitation",
    "set_active",
]

INVITATION_LASTS = timedelta(hours=72)
_CONSOLE = Actor("console", "服务器控制台")
_CLAUSE = "GB/T 22239-2019 8.1.4.1–8.1.4.2"


def _sha256(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


@transaction.atomic
def invite(*, user: User, by: Actor, at: datetime) -> str:
    """Make a one-time link token for an account (一次性链接); earlier unused ones end.

    Once a security or audit administrator has a password, only the server's console makes a link:
    the system administrator must not be able to take their account over.
    """
    sensitive = user.grants.filter(role__in=ADMIN_CLASSES).exclude(role="system_admin").exists()
    if sensitive and user.has_usable_password() and by != _CONSOLE:
        raise Problem("accounts.invite_at_console", user=user.name)
    now = timezone.now()
    user.invitations.filter(used_at=None, expires_at__gt=now).update(expires_at=now)
    token = secrets.token_urlsafe(32)
    Invitation.objects.create(
        user=user,
        token_sha256=_sha256(token),
        made_by=by.label,
        made_at=now,
        expires_at=now + INVITATION_LASTS,
    )
    audit.record(
        actor=by, deed="accounts.invite", target=f"user:{user.username}", at=at, clause=_CLAUSE
    )
    return token


def invite_by_name(*, username: str, at: datetime) -> str:
    """Make a one-time link from the server's own console, for an account by its name."""
    user = User.objects.filter(username=username, is_active=True).first()
    if user is None:
        raise Problem("accounts.no_such_account", given=username)
    return invite(user=user, by=_CONSOLE, at=at)


@transaction.atomic
def make_first_administrator(*, username: str, name: str, at: datetime) -> str:
    """Make the first system and, through them, all other accounts; refused once there is one.

    Returns the token of the one-time link (首个管理员的一次性链接); there is no default password.
    """
    if RoleGrant.objects.filter(role="system_admin").exists():
        raise Problem("accounts.administrator_exists")
    root = Unit.objects.filter(parent=None).order_by("path").first() or put_unit(
        code="bureau",
        parent=None,
        name_zh="生态环境局",
        name_en="",
        kind=Unit.Kind.BUREAU,
        district_code="",
    )
    user = put_person(
        username=username, name=name, unit=root, role_names=["system_admin"], at=at, by=_CONSOLE
    )
    audit.record(
        actor=_CONSOLE,
        deed="accounts.first_administrator",
        target=f"user:{username}",
        at=at,
        clause=_CLAUSE,
    )
    return invite(user=user, by=_CONSOLE, at=at)


def open_invitation(token: str) -> Invitation:
    """Return the invitation a token opens, or say it is spent or unknown."""
    found = (
        Invitation.objects.select_related("user")
        .filter(
            token_sha256=_sha256(token),
            used_at=None,
            expires_at__gt=timezone.now(),
            user__is_active=True,
        )
        .first()
    )
    if found is None:
        raise Problem("accounts.invitation_spent")
    return found


@transaction.atomic
def accept_invitation(*, token: str, password: str, at: datetime) -> User:
    """Set the password of the account a one-time link belongs to, and spend the link."""
    found = open_invitation(token)
    # Two posts at once: the second waits here for the first, then finds the link spent.
    if Invitation.objects.select_for_update().filter(pk=found.pk, used_at=None).first() is None:
        raise Problem("accounts.invitation_spent")
    found.used_at = timezone.now()
    found.save(update_fields=["used_at"])
    _set_password(found.user, password)
    audit.record(
        actor=Actor.of(found.user),
        deed="accounts.accept_invitation",
        target=f"user:{found.user.username}",
        at=at,
        clause=_CLAUSE,
    )
    return found.user


def _set_password(user: User, password: str) -> None:
    validate_password(password, user)
    user.set_password(password)
    user.must_change_password = False
    user.password_changed_at = timezone.now()
    user.save(update_fields=["password", "must_change_password", "password_changed_at"])


@transaction.atomic
def change_password(*, user: User, password: str, at: datetime) -> None:
    """Change one's own password; every other session of the account ends (its hash changes)."""
    _set_password(user, password)
    audit.record(
        actor=Actor.of(user),
        deed="accounts.change_password",
        target=f"user:{user.username}",
        at=at,
        clause=_CLAUSE,
    )


@transaction.atomic
def grant_role(*, user: User, role: str, by: User, at: datetime) -> RoleGrant:
    """Give a role from today on; never to oneself, never across separation classes (三权分立)."""
    if user.pk == by.pk:
        raise Problem("accounts.no_self_grant")
    held = {g.separation for g in user.grants.select_for_update() if g.holds(city_date(at))}
    wanted = roles()[role]
    if held - {wanted.separation}:
        raise Problem("accounts.separation", role=wanted.zh, user=user.name)
    grant, created = RoleGrant.objects.get_or_create(
        user=user,
        role=role,
        valid_to=None,
        defaults={
            "separation": wanted.separation,
            "granted_by": str(by),
            "granted_at": at,
            "valid_from": city_date(at),
        },
    )
    if created:
        audit.record(
            actor=Actor.of(by),
            deed="accounts.grant_role",
            target=f"user:{user.username}",
            at=at,
            clause=_CLAUSE,
            detail={"role": role},
        )
    return grant


@transaction.atomic
def end_grant(*, grant: RoleGrant, by: User, at: datetime) -> None:
    """End a role as of yesterday, so that it holds no longer today."""
    if grant.user_id == by.pk:
        raise Problem("accounts.no_self_grant")
    grant.valid_to = city_date(at) - timedelta(days=1)
    grant.save(update_fields=["valid_to"])
    audit.record(
        actor=Actor.of(by),
        deed="accounts.end_grant",
        target=f"user:{grant.user.username}",
        at=at,
        clause=_CLAUSE,
        detail={"role": grant.role},
    )


@transaction.atomic
def set_active(*, user: User, active: bool, by: User, at: datetime) -> None:
    """Switch an account on or off; nobody does it to themselves."""
    if user.pk == by.pk:
        raise Problem("accounts.no_self_grant")
    user.is_active = active
    user.save(update_fields=["is_active"])
    audit.record(
        actor=Actor.of(by),
        deed="accounts.set_active",
        target=f"user:{user.username}",
        at=at,
        clause=_CLAUSE,
        detail={"active": active},
    )
