"""Questions about bulletins."""

from __future__ import annotations

from django.db.models import QuerySet

from qingyuan.web.accounts.scope import Scope
from qingyuan.web.bulletins.models import Bulletin

__all__ = ["SIGNERS", "bulletins_for", "may_sign"]

SIGNERS = frozenset({"department_head", "vice_leader", "leader"})


def may_sign(scope: Scope) -> bool:
    """Whether this person publishes and withdraws (综合组、分管领导、主要领导)."""
    return bool(scope.roles & SIGNERS)


def bulletins_for(scope: Scope) -> QuerySet[Bulletin]:
    """Return the bulletins one may read: staff all of them, others none."""
    found = Bulletin.objects.order_by("-day", "-issue")
    return found if scope.staff else found.none()
