"""Publish a city's own rules of early warning."""

from __future__ import annotations

import tomllib
from datetime import datetime

from django.db import IntegrityError, transaction

from qingyuan.core.problems import Problem
from qingyuan.readings.rules import read_rules
from qingyuan.web.accounts.models import User
from qingyuan.web.audit import services as audit
from qingyuan.web.audit.services import Actor
from qingyuan.web.monitoring.models import PublishedRules

__all__ = ["publish_rules"]


@transaction.atomic
def publish_rules(text: str, *, by: User, at: datetime) -> PublishedRules:
    """Publish a rule set written in TOML (发布预警规则); its id is used once.

    Raises
    ------
    Problem
        ``monitoring.rules_unreadable`` when the text is no rule set; ``monitoring.rules_known``
        when a set with this id was published before.
    """
    try:
        rules = read_rules(text)
    except (tomllib.TOMLDecodeError, KeyError, ValueError, TypeError, ArithmeticError) as error:
        raise Problem("monitoring.rules_unreadable", detail=error) from error
    try:
        with transaction.atomic():
            row = PublishedRules.objects.create(
                rule_id=rules.id,
                text=text,
                in_force_from=rules.in_force_from,
                in_force_to=rules.in_force_to,
                published_by=by,
                published_at=at,
            )
    except IntegrityError:
        raise Problem("monitoring.rules_known", rule=rules.id) from None
    audit.record(
        actor=Actor.of(by),
        deed="monitoring.publish_rules",
        target=f"rules:{rules.id}",
        at=at,
        detail={"from": rules.in_force_from.isoformat(), "text": text},
    )
    return row
