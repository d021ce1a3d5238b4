"""Send a message, and note that it was read."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from qingyuan.web.accounts.models import User
from qingyuan.web.notices.models import Delivery, Notice
from qingyuan.web.notices.services.spread import spread

__all__ = ["Message", "fold", "mark_read", "notify"]

_COUNT = re.compile(r"：(\d+) 件")


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


@dataclass(frozen=True, slots=True)
class Message:
    """What a message says, in both languages, and where it leads."""

    title: str
    title_en: str
    url: str


def fold(
    users: Iterable[User],
    *,
    kind: str,
    at: datetime,
    starts: str,
    of: str,
    message: Callable[[int], Message],
) -> frozenset[int]:
    """Let one more matter of a batch join the message each person already has (合并同批消息).

    Joined are unread messages of the same moment whose title begins with *starts* and names *of*:
    a batch is done at one moment, two deeds of two people are not.

    Parameters
    ----------
    message : callable
        What the message says once it stands for so many (``：N 件`` in its title).

    Returns
    -------
    frozenset of int
        Who had one; the others are still to be told.
    """
    rows = Notice.objects.select_for_update().filter(
        user__in=list(users),
        kind=kind,
        at=at,
        read_at=None,
        title_zh__startswith=starts,
        title_zh__contains=of,
    )
    joined = set()
    for row in rows:
        held = _COUNT.search(row.title_zh)
        grown = message((int(held[1]) if held else 1) + 1)
        waiting = Delivery.objects.filter(
            state=Delivery.State.WAITING, kind=kind, title=row.title_zh, url=row.url
        )
        waiting.update(title=grown.title[:160], url=grown.url)
        row.title_zh, row.title_en, row.url = grown.title[:160], grown.title_en[:240], grown.url
        row.body_zh = row.body_en = ""
        row.save(update_fields=["title_zh", "title_en", "body_zh", "body_en", "url"])
        joined.add(row.user_id)
    return frozenset(joined)
