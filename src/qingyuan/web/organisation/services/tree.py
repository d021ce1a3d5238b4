"""Keep the tree of units and who sits in them (组织树)."""

from __future__ import annotations

import re
from datetime import datetime

from django.db import transaction

from qingyuan.core.problems import Problem
from qingyuan.web.accounts import services as accounts
from qingyuan.web.accounts.models import Unit, User
from qingyuan.web.audit import services as audit
from qingyuan.web.audit.services import Actor

__all__ = ["register_person", "register_unit"]

_CODE = re.compile(r"[a-z0-9][a-z0-9_-]{0,38}")
_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{1,62}")


@transaction.atomic
def register_unit(
    *,
    code: str,
    parent: Unit | None,
    name_zh: str,
    name_en: str,
    kind: str,
    district_code: str,
    by: User,
    at: datetime,
) -> Unit:
    """Put a unit into the tree, rename or move it; everything below moves along.

    A unit that has people or a past is never deleted; it can only be renamed or moved.

    Raises
    ------
    Problem
        ``organisation.bad_code``, ``organisation.own_parent``.
    """
    if not _CODE.fullmatch(code):
        raise Problem("organisation.bad_code", given=code)
    old = Unit.objects.select_for_update().filter(code=code).first()
    if old and parent and parent.path.startswith(old.path):
        raise Problem("organisation.own_parent", unit=old.name_zh, parent=parent.name_zh)
    before = old.path if old else ""
    unit = accounts.put_unit(
        code=code, parent=parent, name_zh=name_zh, name_en=name_en, kind=kind,
        district_code=district_code,
    )  # fmt: skip
    if before and before != unit.path:
        for below in Unit.objects.filter(path__startswith=before).exclude(pk=unit.pk):
            below.path = unit.path + below.path.removeprefix(before)
            below.save(update_fields=["path"])
    audit.record(
        actor=Actor.of(by), deed="organisation.unit", target=f"unit:{code}", at=at,
        clause="R228", detail={"name": name_zh, "path": unit.path, "before": before},
    )  # fmt: skip
    return unit


@transaction.atomic
def register_person(
    *, username: str, name: str, unit: Unit, title: str, by: User, at: datetime, name_en: str = ""
) -> User:
    """Open an account without any role, or move a person to another unit (登记、调动).

    Roles are the security administrator's; a new account opens only by its one-time link.

    Raises
    ------
    Problem
        ``organisation.bad_username``; ``organisation.of_enterprise`` for an enterprise's account.
    """
    if not _NAME.fullmatch(username):
        raise Problem("organisation.bad_username", given=username)
    old = User.objects.select_for_update().select_related("unit").filter(username=username).first()
    if old and old.enterprise_code:
        raise Problem("organisation.of_enterprise", user=username)
    before = old.unit.code if old else ""
    user = accounts.put_person(
        username=username, name=name, unit=unit, role_names=[], at=at, by=Actor.of(by),
        name_en=name_en or (old.name_en if old else ""), title=title,
    )  # fmt: skip
    audit.record(
        actor=Actor.of(by), deed="organisation.person", target=f"user:{username}", at=at,
        clause="R228", detail={"unit": unit.code, "before": before, "title": title},
    )  # fmt: skip
    return user
