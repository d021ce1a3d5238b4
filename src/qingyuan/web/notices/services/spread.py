"""Which message goes where outside (送达登记): rows of an outbox, in the deed's own transaction."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db.models import Min
from django.utils import timezone

from qingyuan.core.periods import in_city
from qingyuan.web.accounts.models import User
from qingyuan.web.notices.models import Channel, Delivery, Reach

__all__ = ["after_quiet", "spread"]


def after_quiet(reach: Reach, at: datetime) -> datetime:
    """Return *at*, moved to the end of the person's quiet hours if it falls into them."""
    if reach.quiet_from is None or reach.quiet_to is None or reach.quiet_from == reach.quiet_to:
        return at
    local = in_city(at)
    now, start, end = local.time(), reach.quiet_from, reach.quiet_to
    quiet = start <= now < end if start < end else now >= start or now < end
    if not quiet:
        return at
    wake = local.replace(hour=end.hour, minute=end.minute, second=0, microsecond=0)
    return wake if wake > local else wake + timedelta(days=1)


def spread(users: Iterable[User], *, kind: str, title: str, url: str, urgent: bool) -> None:
    """Put a message into the outbox of everybody's mail and of the robots of their units.

    A robot hears of a matter once, however many people of its unit do. Messages wait for the
    target's digest so that a flood becomes one message; an urgent one goes at once, quiet hours or
    not. Nothing is sent here.
    """
    people = list(users)
    now = timezone.now()
    rows = []
    reaches = Reach.objects.filter(user__in=people).exclude(mail="")
    for reach in reaches:
        due = now if urgent else after_quiet(reach, now + timedelta(minutes=reach.digest_minutes))
        rows.append(Delivery(user_id=reach.user_id, due_at=due))
    channels = list(Channel.objects.filter(active=True).select_related("unit"))
    told = User.objects.filter(pk__in=[user.pk for user in people] if channels else [])
    paths = list(told.values_list("unit__path", flat=True).distinct())
    for channel in channels:
        if any(path.startswith(channel.unit.path) for path in paths):
            wait = timedelta(0) if urgent else timedelta(minutes=channel.digest_minutes)
            rows.append(Delivery(channel=channel, due_at=now + wait))
    for row in rows:
        row.kind, row.title, row.url, row.made_at = kind, title[:160], url, now
        row.due_at = min(row.due_at, _next_send(row) or row.due_at) if not urgent else row.due_at
    if rows:
        Delivery.objects.bulk_create(rows)


def _next_send(row: Delivery) -> datetime | None:
    """Return when the target will next be told something: the new message may ride along."""
    found = Delivery.objects.filter(
        channel=row.channel, user=row.user, state=Delivery.State.WAITING
    ).aggregate(first=Min("due_at"))
    first: datetime | None = found["first"]
    return first
