"""Questions about a person's messages, and about what left the house."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import Count, QuerySet
from django.utils import timezone

from qingyuan.web.accounts.models import User
from qingyuan.web.notices.models import Channel, Delivery, Notice
from qingyuan.web.ui.once import once

__all__ = [
    "channels",
    "deliveries_of",
    "deliveries_to",
    "inbox",
    "last_week",
    "unread_count",
]


def inbox(user: User, *, unread: bool = False) -> QuerySet[Notice]:
    """Return a person's own messages, newest first."""
    found = Notice.objects.filter(user=user).order_by("-at", "-pk")
    return found.filter(read_at=None) if unread else found


def unread_count(user: User) -> int:
    """Return how many messages a person has not read."""
    unread = Notice.objects.filter(user=user, read_at=None)
    return once(("unread", user.pk), unread.count)


def channels() -> QuerySet[Channel]:
    """Return every channel, those in use first."""
    return Channel.objects.select_related("unit").order_by("-active", "name")


def deliveries_of(channel: Channel) -> QuerySet[Delivery]:
    """Return what went or goes out by one channel, newest first."""
    return Delivery.objects.filter(channel=channel).order_by("-made_at", "-pk")


def deliveries_to(user: User) -> QuerySet[Delivery]:
    """Return the mail of one person, newest first."""
    return Delivery.objects.filter(user=user).order_by("-made_at", "-pk")


def last_week() -> dict[int, dict[str, int]]:
    """Return how many messages of the last seven days stand in which state, by channel."""
    rows = (
        Delivery.objects.filter(
            channel__isnull=False, made_at__gt=timezone.now() - timedelta(days=7)
        )
        .values_list("channel", "state")
        .annotate(n=Count("pk"))
    )
    found: dict[int, dict[str, int]] = {}
    for channel, state, n in rows:
        found.setdefault(channel, {})[state] = n
    return found
