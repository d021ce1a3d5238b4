"""Questions about the rules of early warning."""

from __future__ import annotations

from datetime import date, datetime
from importlib.resources import files

from django.db.models import Q, QuerySet

from qingyuan.core.periods import city_date
from qingyuan.readings.rules import RuleSet, read_rules, rules_at
from qingyuan.web.monitoring.models import PublishedRules

__all__ = ["published_rules", "rules_for", "rules_text"]


def published_rules() -> QuerySet[PublishedRules]:
    """Return the rule sets a city has published, the newest first."""
    return PublishedRules.objects.select_related("published_by__unit").order_by(
        "-published_at", "-pk"
    )


def rules_text(rule_id: str) -> str:
    """Return the text of a rule set, published or shipped; empty for one nobody knows."""
    row = PublishedRules.objects.filter(rule_id=rule_id).first()
    if row is not None:
        return row.text
    for entry in files("qingyuan.readings").joinpath("tables").iterdir():
        if entry.name.endswith(".toml"):
            text = entry.read_text("utf-8")
            if read_rules(text).id == rule_id:
                return text
    return ""


def rules_for(at: date) -> RuleSet:
    """Return the rule set in force on a day: the newest published one, else the shipped one."""
    day = city_date(at) if isinstance(at, datetime) else at
    row = (
        PublishedRules.objects.filter(
            Q(in_force_to=None) | Q(in_force_to__gte=day), in_force_from__lte=day
        )
        .order_by("-published_at", "-pk")
        .first()
    )
    return read_rules(row.text) if row else rules_at(day)
