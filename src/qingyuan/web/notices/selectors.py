"""Questions about a person's messages."""

from __future__ import annotations

from django.db.models import QuerySet

from qingyuan.web.accounts.models import User
from qingyuan.web.notices.models import Notice

__all__ = ["inbox", "unread_count"]


def inbox(user: User, *, unread: bool = False) -> QuerySet[Notice]:
    """Return a person's own messages, newest first."""
    found = Notice.objects.filter(user=user).order_by("-at", "-pk")
    return found.filter(read_at=None) if unread else found


def unread_count(user: User) -> int:
    """Return how many messages a person has not read."""
    return Notice.objects.filter(user=user, read_at=None).count()
