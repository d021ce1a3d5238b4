"""Send what waits in the outbox (送达): fold, post or mail, try again, give up in the end.

A target gets one message for everything that waits for it. Rows are claimed first and the network
is called outside any transaction; a process that dies in between leaves them claimed, and after
five minutes they wait again: at least once, never lost. Hosts outside `QINGYUAN_OUTBOUND` are never
called, redirects are not followed.
"""

from __future__ import annotations

import logging
import smtplib
import ssl
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from email.message import EmailMessage
from http.client import HTTPException
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import unquote, urlsplit
from urllib.request import HTTPRedirectHandler, HTTPSHandler, Request, build_opener

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from qingyuan.web.notices import formats
from qingyuan.web.notices.models import Channel, Delivery, Reach
from qingyuan.web.notices.outbound import is_allowed

__all__ = ["deliver", "tell"]

_log = logging.getLogger("qingyuan.notices")
_TIMEOUT_S = 10
_MOST_TRIES = 8
_FIRST_WAIT = timedelta(seconds=30)
_THROTTLED_WAIT = timedelta(minutes=10)
_LIVES = timedelta(hours=24)
_CLAIM_LASTS = timedelta(minutes=5)
_MOST_A_MINUTE = 18  # robots take 20
_THROTTLED = ("errcode 45009", "errcode 130101", "HTTP 429")


class _NoRedirects(HTTPRedirectHandler):
    def redirect_request(self, *args: Any, **kwargs: Any) -> None:
        return None


def deliver(now: datetime | None = None, *, most: int = 20) -> int:
    """Send to at most *most* targets what is due; return how many messages were told.

    Wall time, not city time: the other side lives in it.
    """
    now = now or timezone.now()
    _tidy(now)
    told = 0
    for _ in range(most):
        rows = _claim(now)
        if not rows:
            break
        try:
            failure = tell(rows[0], [_line(row) for row in rows], now)
        except Exception as error:  # noqa: BLE001 -- whatever it was, the rows must not stay claimed
            _log.exception("delivery_failed")
            failure = type(error).__name__
        _write_down(rows, failure, now)
        told += 0 if failure else len(rows)
    return told


def _tidy(now: datetime) -> None:
    """Take back what a dead process had claimed; give up what is too old."""
    Delivery.objects.filter(state=Delivery.State.SENDING, due_at__lt=now - _CLAIM_LASTS).update(
        state=Delivery.State.WAITING, due_at=now
    )
    Delivery.objects.filter(state=Delivery.State.WAITING, made_at__lt=now - _LIVES).update(
        state=Delivery.State.EXPIRED, ended_at=now
    )


@transaction.atomic
def _claim(now: datetime) -> list[Delivery]:
    """Claim everything that waits for the first target that is due and not too busy."""
    waiting = Delivery.objects.filter(state=Delivery.State.WAITING)
    due = waiting.filter(due_at__lte=now).order_by("due_at", "pk")
    busy = {
        row["channel"]
        for row in Delivery.objects.filter(
            channel__isnull=False, ended_at__gt=now - timedelta(minutes=1)
        )
        .values("channel", "ended_at")
        .distinct()
    }
    busy = {c for c in busy if _sends_of(c, now) >= _MOST_A_MINUTE}
    first = due.exclude(channel__in=busy).select_for_update(skip_locked=True).first()
    if first is None:
        return []
    rows = list(
        waiting.filter(channel=first.channel_id, user=first.user_id)
        .select_related("channel", "user__reach")
        .select_for_update(skip_locked=True, of=("self",))
        .order_by("made_at", "pk")
    )
    # the claim's own time, so that `_tidy` can tell a dead one
    Delivery.objects.filter(pk__in=[row.pk for row in rows]).update(
        state=Delivery.State.SENDING, due_at=now
    )
    return rows


def _sends_of(channel: int, now: datetime) -> int:
    recent = Delivery.objects.filter(channel=channel, ended_at__gt=now - timedelta(minutes=1))
    return recent.values("ended_at").distinct().count()


def _line(row: Delivery) -> formats.Line:
    return formats.Line(row.title, settings.PUBLIC_ADDRESS + row.url)


def tell(target: Delivery, lines: Sequence[formats.Line], now: datetime) -> str:
    """Tell *lines* to the target of one row; return ``""`` or why it was not taken."""
    tellers: dict[bool, Callable[[], str]] = {
        True: lambda: _post(target.channel, lines, now),
        False: lambda: _mail(target.user.reach.mail, lines),
    }
    try:
        return tellers[target.channel is not None]()
    except HTTPError as error:
        return f"HTTP {error.code}"
    except (URLError, OSError, HTTPException, smtplib.SMTPException) as error:
        return f"{type(error).__name__}: {error}"[:200]
    except Reach.DoesNotExist:
        return "no address"


def _post(channel: Channel, lines: Sequence[formats.Line], now: datetime) -> str:
    if not is_allowed(channel.address):
        return "host not in QINGYUAN_OUTBOUND"
    wanted = formats.post(channel.kind, channel.address, channel.secret, lines, at=now)
    request = Request(wanted.address, wanted.body, wanted.headers, method="POST")
    opener = build_opener(_NoRedirects, HTTPSHandler(context=ssl.create_default_context()))
    with opener.open(request, timeout=_TIMEOUT_S) as answer:
        return formats.accepted(channel.kind, answer.status, answer.read(4096))


def _mail(address: str, lines: Sequence[formats.Line]) -> str:
    if not settings.HOST.mail:
        return "no mail server (QINGYUAN_MAIL)"
    if not address:
        return "no address"
    server = urlsplit(settings.HOST.mail)
    message = EmailMessage()
    message["Subject"], body = formats.mail_text(lines)
    message["From"], message["To"] = settings.MAIL_FROM, address
    message.set_content(body, cte="base64")
    maker = smtplib.SMTP_SSL if server.scheme == "smtps" else smtplib.SMTP
    with maker(server.hostname or "", server.port or 0, timeout=_TIMEOUT_S) as connection:
        if server.scheme == "smtp" and connection.has_extn("starttls"):
            connection.starttls(context=ssl.create_default_context())
        if server.username:
            connection.login(unquote(server.username), unquote(server.password or ""))
        connection.send_message(message)
    return ""


def _write_down(rows: Sequence[Delivery], failure: str, now: datetime) -> None:
    """Note the outcome on every row; a failure waits, twice as long each time."""
    if not failure:
        Delivery.objects.filter(pk__in=[row.pk for row in rows]).update(
            state=Delivery.State.SENT, ended_at=now, error="", due_at=now
        )
        return
    throttled = failure.startswith(_THROTTLED)
    for row in rows:
        tries = row.tries + 1
        ended = tries >= _MOST_TRIES
        wait = _THROTTLED_WAIT if throttled else _FIRST_WAIT * 2 ** (tries - 1)
        Delivery.objects.filter(pk=row.pk).update(
            state=Delivery.State.FAILED if ended else Delivery.State.WAITING,
            ended_at=now if ended else None,
            tries=tries,
            error=failure[:240],
            due_at=now + wait,
        )
    _log.warning("delivery_refused rows=%d failure=%s", len(rows), failure.split(":")[0])
