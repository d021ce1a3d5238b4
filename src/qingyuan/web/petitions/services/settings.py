"""Set a channel, a parameter, an avoidance (渠道、参数、回避); every change dated and written down."""

from __future__ import annotations

import re
from datetime import date, datetime
from decimal import Decimal

from django.db import transaction

from qingyuan import casework
from qingyuan.core.problems import Problem
from qingyuan.web.accounts.models import User
from qingyuan.web.audit import services as audit
from qingyuan.web.audit.services import Actor
from qingyuan.web.petitions.models import Avoidance, Channel, ParameterChange
from qingyuan.web.petitions.tables import parameter_rows
from qingyuan.web.registry.models import Enterprise

__all__ = ["PROCEDURES", "avoid", "put_channel", "set_parameter"]

PROCEDURES = ("petition", "hotline")


@transaction.atomic
def put_channel(
    *,
    code: str,
    zh: str,
    en: str,
    procedure: str,
    valid_from: date,
    valid_to: date | None,
    former: str,
    by: User,
    at: datetime,
) -> Channel:
    """Add a channel, or give one a new name from a day on (渠道可扩充, R058).

    Raises
    ------
    Problem
        ``petitions.channel_code``, ``petitions.channel_procedure``, ``petitions.channel_twice``.
    """
    if not re.fullmatch(r"[a-z][a-z0-9_]{1,39}", code):
        raise Problem("petitions.channel_code", given=code)
    if procedure not in PROCEDURES or procedure not in casework.shipped():
        raise Problem("petitions.channel_procedure", given=procedure, known="、".join(PROCEDURES))
    if Channel.objects.filter(code=code, valid_from=valid_from).exists():
        raise Problem("petitions.channel_twice", code=code, on=valid_from.isoformat())
    made = Channel.objects.create(
        code=code, zh=zh.strip(), en=en.strip(), procedure=procedure, valid_from=valid_from,
        valid_to=valid_to, former=former.strip(), put_by=str(by), put_at=at,
    )  # fmt: skip
    audit.record(
        actor=Actor.of(by), deed="petitions.put_channel", target=f"channel:{code}", at=at,
        detail={"zh": made.zh, "procedure": procedure, "from": valid_from, "to": valid_to},
    )  # fmt: skip
    return made


@transaction.atomic
def set_parameter(
    *, name: str, value: Decimal, valid_from: date, document: str, by: User, at: datetime
) -> ParameterChange:
    """Give a parameter a new value from a day on, resting on a document (R055 为可调参数)."""
    if name not in parameter_rows():
        raise Problem("petitions.unknown_parameter", given=name, known=", ".join(parameter_rows()))
    if value < 0 or not document.strip():
        raise Problem("petitions.parameter_needs", name=parameter_rows()[name].zh)
    made = ParameterChange.objects.create(
        name=name, value=value, valid_from=valid_from, document=document.strip(), set_by=str(by),
        set_at=at,
    )  # fmt: skip
    audit.record(
        actor=Actor.of(by), deed="petitions.set_parameter", target=f"parameter:{name}", at=at,
        clause=document.strip()[:240], detail={"value": str(value), "from": valid_from},
    )  # fmt: skip
    return made


@transaction.atomic
def avoid(
    *,
    officer: User,
    enterprise: Enterprise,
    relation: str,
    valid_from: date,
    by: User,
    at: datetime,
) -> Avoidance:
    """Write down that an officer is linked to an enterprise (回避登记)."""
    made, fresh = Avoidance.objects.get_or_create(
        officer=officer, enterprise=enterprise, valid_to=None,
        defaults={
            "relation": relation.strip(), "valid_from": valid_from, "put_by": str(by), "put_at": at,
        },
    )  # fmt: skip
    if fresh:
        audit.record(
            actor=Actor.of(by), deed="petitions.avoid", target=f"user:{officer.username}", at=at,
            detail={"enterprise": enterprise.code, "relation": relation},
        )  # fmt: skip
    return made
