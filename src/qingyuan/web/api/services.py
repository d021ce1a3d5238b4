"""Deeds on tokens: issue, revoke, and knowing one again at the door."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections.abc import Collection
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, Q

from qingyuan.core.problems import Problem
from qingyuan.web.accounts.models import User
from qingyuan.web.api.models import Token
from qingyuan.web.audit import services as audit
from qingyuan.web.audit.services import Actor
from qingyuan.web.registry.models import Device
from qingyuan.web.surveys.models import Mounting

__all__ = ["LONGEST", "MOST_A_MINUTE", "admit", "authenticate", "issue", "revoke"]

LONGEST = timedelta(days=366)
MOST_A_MINUTE = 120  # batches of one token; each may hold thousands of rows
_WRITTEN = re.compile(r"qy_([a-z0-9]{8})_([A-Za-z0-9_-]{43})")
_NOTED_EVERY = timedelta(minutes=1)


def _digest(secret: str) -> str:
    # 256 random bits need no slow hash: there is nothing to guess from
    return hashlib.sha256(secret.encode()).hexdigest()


@transaction.atomic
def issue(
    *, name: str, mns: Collection[str], expires_at: datetime, by: User, at: datetime
) -> tuple[Token, str]:
    """Issue a token and return it with its text, which is shown once and not kept (签发).

    Raises
    ------
    Problem
        ``api.no_such_device`` for an MN that is not registered; ``api.expiry`` for an end that is
        not ahead or lies more than 366 days ahead.
    """
    wanted = sorted(set(mns))
    known = set(Device.objects.filter(mn__in=wanted).values_list("mn", flat=True))
    known |= set(Mounting.objects.filter(device__in=wanted).values_list("device", flat=True))
    unknown = [mn for mn in wanted if mn not in known]
    if unknown or not wanted:
        raise Problem("api.no_such_device", mn=", ".join(unknown[:5]) or "—")
    if not at < expires_at <= at + LONGEST:
        raise Problem("api.expiry", days=LONGEST.days)
    prefix = secrets.token_hex(4)
    secret = secrets.token_urlsafe(32)
    token = Token.objects.create(
        name=name, prefix=prefix, digest=_digest(secret), mns=wanted, issued_by=by, issued_at=at,
        expires_at=expires_at,
    )  # fmt: skip
    audit.record(
        actor=Actor.of(by), deed="api.issue_token", target=f"token:{prefix}", at=at,
        detail={"name": name, "mns": wanted, "expires_at": expires_at.isoformat()},
    )  # fmt: skip
    return token, f"qy_{prefix}_{secret}"


@transaction.atomic
def revoke(token: Token, *, by: User, at: datetime) -> Token:
    """End a token now (撤销); a second time changes nothing."""
    row = Token.objects.select_for_update().get(pk=token.pk)
    if row.revoked_at is None:
        row.revoked_by, row.revoked_at = by, at
        row.save(update_fields=["revoked_by", "revoked_at"])
        audit.record(
            actor=Actor.of(by), deed="api.revoke_token", target=f"token:{row.prefix}", at=at
        )
    return row


def authenticate(header: str, *, at: datetime) -> Token | None:
    """Return the token an ``Authorization`` header shows, if it holds at *at*; else None."""
    scheme, _, text = header.partition(" ")
    found = _WRITTEN.fullmatch(text.strip()) if scheme.lower() == "bearer" else None
    if found is None:
        return None
    prefix, secret = found.groups()
    token = Token.objects.filter(prefix=prefix).first()
    same = hmac.compare_digest(token.digest if token else "0" * 64, _digest(secret))
    if token is None or not same or not token.holds(at):
        return None
    if token.used_at is None or at - token.used_at > _NOTED_EVERY:
        Token.objects.filter(pk=token.pk).update(used_at=at)
    return token


def admit(token: Token, *, at: datetime) -> bool:
    """Count a request of *token*; False when it has had its share of this minute.

    The count lies in the database: all processes of the web share it.
    """
    minute = at.replace(second=0, microsecond=0)
    row = Token.objects.filter(pk=token.pk)
    fresh = row.filter(Q(minute=None) | ~Q(minute=minute)).update(minute=minute, in_minute=1)
    return bool(
        fresh
        or row.filter(minute=minute, in_minute__lt=MOST_A_MINUTE).update(
            in_minute=F("in_minute") + 1
        )
    )
