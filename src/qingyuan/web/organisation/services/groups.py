"""Set up groups, second people into them and out again (专班、抽调)."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.db import transaction

from qingyuan.core.periods import city_date
from qingyuan.core.problems import Problem
from qingyuan.web.accounts.models import User
from qingyuan.web.audit import services as audit
from qingyuan.web.audit.services import Actor
from qingyuan.web.notices import services as notices
from qingyuan.web.organisation.models import Group, Membership

__all__ = ["add_member", "end_member", "put_group"]


@transaction.atomic
def put_group(group: Group, *, by: User, at: datetime) -> Group:
    """Save a group, new or changed (成立、变更)."""
    new = group.pk is None
    if new:
        group.made_by, group.made_at = str(by), at
    group.save()
    audit.record(
        actor=Actor.of(by), deed="organisation.group", target=f"group:{group.pk}", at=at,
        clause="R026", detail={"name": group.name, "new": new, "to": str(group.valid_to or "")},
    )  # fmt: skip
    return group


@transaction.atomic
def add_member(
    *,
    group: Group,
    user: User,
    part: str,
    valid_from: date,
    valid_to: date | None,
    by: User,
    at: datetime,
) -> Membership:
    """Second a person into a group; the person is told (抽调).

    Raises
    ------
    Problem
        ``organisation.outside_group_period``, ``organisation.already_member``.
    """
    group = Group.objects.select_for_update().get(pk=group.pk)
    ends = group.valid_to
    if valid_from < group.valid_from or (ends and (valid_to or ends) > ends):
        raise Problem(
            "organisation.outside_group_period",
            group=group.name,
            period=f"{group.valid_from}—{ends or ''}",
        )
    overlapping = [
        m
        for m in group.members.filter(user=user)
        if (m.valid_to is None or m.valid_to >= valid_from)
        and (valid_to is None or m.valid_from <= valid_to)
    ]
    if overlapping:
        raise Problem("organisation.already_member", user=user.name, group=group.name)
    made = Membership.objects.create(
        group=group, user=user, part=part, home=user.unit, valid_from=valid_from,
        valid_to=valid_to, added_by=str(by), added_at=at,
    )  # fmt: skip
    audit.record(
        actor=Actor.of(by), deed="organisation.member", target=f"group:{group.pk}", at=at,
        clause="R027", detail={"user": user.username, "part": part, "from": str(valid_from)},
    )  # fmt: skip
    notices.notify(
        [user], kind="group", title=f"您已编入{group.name}", url=f"/organisation/groups/{group.pk}/",
        at=at, title_en=f"You are now in the group {group.name}",
    )  # fmt: skip
    return made


@transaction.atomic
def end_member(*, membership: Membership, by: User, at: datetime) -> None:
    """Send a person back to the home unit from today on (归建); the row stays."""
    day = city_date(at)
    membership = Membership.objects.select_for_update().get(pk=membership.pk)
    if not membership.serves(day):
        raise Problem("organisation.not_member_today")
    membership.valid_to = max(membership.valid_from, day - timedelta(days=1))
    membership.save(update_fields=["valid_to"])
    audit.record(
        actor=Actor.of(by), deed="organisation.member_end", target=f"group:{membership.group_id}",
        at=at, clause="R027", detail={"user": membership.user.username},
    )  # fmt: skip
