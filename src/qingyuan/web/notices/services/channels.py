"""Keep the ways out (送达渠道): robots and addresses, each person's own mail; audited."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from qingyuan.core.problems import Problem
from qingyuan.web.accounts.models import User
from qingyuan.web.audit import services as audit
from qingyuan.web.audit.services import Actor
from qingyuan.web.notices import formats
from qingyuan.web.notices.models import Channel, Delivery, Reach
from qingyuan.web.notices.outbound import is_allowed
from qingyuan.web.notices.services.send import tell

__all__ = ["put_channel", "put_reach", "try_channel"]


@transaction.atomic
def put_channel(channel: Channel, *, by: User, at: datetime) -> Channel:
    """Save a channel, new or changed (登记、变更渠道); its secret is not written into the audit.

    Raises
    ------
    Problem
        ``notices.host_not_allowed`` when its host is not one the settings name.
    """
    if not is_allowed(channel.address):
        raise Problem("notices.host_not_allowed")
    new = channel.pk is None
    if new:
        channel.made_by, channel.made_at = str(by), at
    channel.save()
    audit.record(
        actor=Actor.of(by),
        deed="notices.channel_new" if new else "notices.channel_change",
        target=f"channel:{channel.pk}",
        at=at,
        detail={
            "name": channel.name,
            "kind": channel.kind,
            "address": channel.shown_address,
            "unit": channel.unit.code,
            "active": channel.active,
        },
    )
    return channel


def try_channel(channel: Channel, *, by: User, at: datetime) -> str:
    """Send a trial message at once; return ``""`` or why the other side did not take it."""
    row = Delivery(channel=channel)
    failure = tell(row, [formats.Line("试发：渠道可用", "")], timezone.now())
    audit.record(
        actor=Actor.of(by),
        deed="notices.channel_try",
        target=f"channel:{channel.pk}",
        at=at,
        detail={"failure": failure},
    )
    return failure


@transaction.atomic
def put_reach(reach: Reach, *, by: User, at: datetime) -> Reach:
    """Save one's own mail address, quiet hours and digest (本人送达设置)."""
    reach.user = by
    reach.save()
    audit.record(
        actor=Actor.of(by), deed="notices.reach", target=f"user:{by.username}", at=at,
        detail={"mail": bool(reach.mail), "quiet": reach.quiet_from is not None},
    )  # fmt: skip
    return reach
