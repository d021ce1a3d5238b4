"""Write the organisation as a city folder or an administrator gives it; same input, no change."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from pypinyin import Style, lazy_pinyin

from qingyuan.core.periods import city_date
from qingyuan.web.accounts.models import RoleGrant, Unit, User
from qingyuan.web.accounts.roles import roles
from qingyuan.web.audit.services import Actor

__all__ = ["pinyin_key", "put_person", "put_unit"]


def pinyin_key(text: str) -> str:
    """Return the key that sorts Chinese by sound, and its initials for search (排序键)."""
    full = "".join(lazy_pinyin(text, style=Style.TONE3, neutral_tone_with_five=True))
    initials = "".join(lazy_pinyin(text, style=Style.FIRST_LETTER))
    return f"{full} {initials}".lower()[:240]


@transaction.atomic
def put_unit(
    *, code: str, parent: Unit | None, name_zh: str, name_en: str, kind: str, district_code: str
) -> Unit:
    """Create or update one unit; its path follows from its parent."""
    path = f"{parent.path if parent else '/'}{code}/"
    unit, _ = Unit.objects.update_or_create(
        code=code,
        defaults={
            "parent": parent,
            "path": path,
            "name_zh": name_zh,
            "name_en": name_en,
            "kind": kind,
            "district_code": district_code,
            "sort_key": pinyin_key(name_zh),
        },
    )
    return unit


@transaction.atomic
def put_person(
    *,
    username: str,
    name: str,
    unit: Unit,
    role_names: Sequence[str],
    at: datetime,
    by: Actor,
    name_en: str = "",
    title: str = "",
    enterprise_code: str = "",
) -> User:
    """Create or update one person and the roles the folder gives; a password is never set here."""
    user, created = User.objects.update_or_create(
        username=username,
        defaults={
            "name": name,
            "name_en": name_en,
            "unit": unit,
            "title": title,
            "enterprise_code": enterprise_code,
        },
    )
    if created:
        user.set_unusable_password()
        user.save(update_fields=["password"])
    for role in role_names:
        RoleGrant.objects.get_or_create(
            user=user,
            role=role,
            valid_to=None,
            defaults={
                "separation": roles()[role].separation,
                "granted_by": by.label,
                "granted_at": at,
                "valid_from": city_date(at),
            },
        )
    return user
