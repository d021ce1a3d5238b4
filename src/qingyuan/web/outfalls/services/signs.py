"""The sign at the bank (标志牌): a QR code that opens the outfall's public page."""

from __future__ import annotations

import secrets
from datetime import datetime

from django.db import transaction

from qingyuan.core.problems import Problem
from qingyuan.web.accounts.models import User
from qingyuan.web.audit import services as audit
from qingyuan.web.audit.services import Actor
from qingyuan.web.outfalls.models import Sign
from qingyuan.web.registry.models import Outfall

__all__ = ["issue_sign", "revoke_sign"]


@transaction.atomic
def issue_sign(outfall: Outfall, *, by: User, at: datetime) -> Sign:
    """Give an outfall a new sign (制发标志牌); the one before opens nothing any more."""
    row = Outfall.objects.select_for_update(of=("self",)).get(pk=outfall.pk)
    Sign.objects.filter(outfall=row, revoked_at=None).update(revoked_at=at)
    made = Sign.objects.create(
        outfall=row, token=secrets.token_urlsafe(16), issued_by=by, issued_at=at
    )
    audit.record(
        actor=Actor.of(by),
        deed="outfalls.issue_sign",
        target=f"outfall:{row.code}",
        at=at,
        clause="HJ 1309-2023 入河排污口规范化建设",
    )
    return made


@transaction.atomic
def revoke_sign(outfall: Outfall, *, by: User, at: datetime) -> None:
    """Make the sign open nothing (作废标志牌)."""
    if not Sign.objects.filter(outfall=outfall, revoked_at=None).update(revoked_at=at):
        raise Problem("outfalls.sign_missing")
    audit.record(
        actor=Actor.of(by), deed="outfalls.revoke_sign", target=f"outfall:{outfall.code}", at=at
    )
