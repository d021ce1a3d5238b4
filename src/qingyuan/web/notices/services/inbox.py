"""Send a message, and note that it was read."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from qingyuan.web.accounts.models import User
from qingyuan.web.notices.models import Notice
from qingyuan.web.notices.services.spread import spread

__all__ = ["mark_read", "notify"]


@transaction.atomic
def notify(
    users: Iterable[User],
    *,
    kind: str,
    title: str,
    url: str,
    at: datetime,
    body: str = "",
    title_en: str = "",
    body_en: str = "",
    urgent: bool = False,
) -> int:
    """Put a message into each person's inbox, once each, and return how many (发消息).

    It is written in the caller's transaction: a deed that is undone tells nobody. Only number,
    type, district, deadline and link belong here; never a citizen's name or an address. Title and
    link also go to the mail of those who gave one and to the robots of their units; *urgent* ones
    at once, quiet hours or not.
    """
    wanted = {user.pk: user for user in users if user.is_active}
    Notice.objects.bulk_create(
        Notice(
            user=user,
            kind=kind,
            title_zh=title[:160],
            title_en=title_en[:240],
            body_zh=body[:400],
            body_en=body_en[:600],
            url=url,
            at=at,
        )
        for user in wanted.values()
    )
    spread(wanted.values(), kind=kind, title=title, url=url, urgent=urgent)
    return len(wanted)


def mark_read(user: User, *, at: datetime, notice_id: int | None = None) -> int:
    """Note that one message, or every message, was read; return how many were not before."""
    waiting = Notice.objects.filter(user=user, read_at=None, at__lte=at)
    if notice_id is not None:
        waiting = waiting.filter(pk=notice_id)
    return waiting.update(read_at=at)
