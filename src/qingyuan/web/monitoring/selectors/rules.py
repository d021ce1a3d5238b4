"""Questions about the rules of early warning."""

from __future__ import annotations

from importlib.resources import files

from django.db.models import QuerySet

from qingyuan.readings.rules import read_rules
from qingyuan.web.monitoring.models import PublishedRules

__all__ = ["published_rules", "rules_text"]


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
