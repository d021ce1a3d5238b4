"""How surveys' figures are written on pages."""

from __future__ import annotations

from datetime import date

from django import template
from django.utils.translation import get_language

from qingyuan.web.surveys.models import Finding, VehicleDay

register = template.Library()


@register.filter
def active_hours(finding: Finding) -> str:
    """Return the hours in which a hot spot was active: 08:00–13:00."""
    return f"{finding.first_hour:02d}:00–{finding.end_hour:02d}:00"


@register.filter
def active_days(finding: Finding) -> list[date]:
    """Return the days on which it was active."""
    return [date.fromisoformat(day) for day in finding.active_days]


@register.filter
def p_value(value: float) -> str:
    """Return a p-value as it is read: 0.003, < 0.0001."""
    return "< 0.0001" if value < 0.0001 else f"{value:.2g}"


@register.filter
def gain(row: VehicleDay) -> str:
    """Return a gain with its standard error: 1.04 ± 0.02."""
    if row.gain is None or row.gain_se is None:
        return "—"
    return f"{row.gain:.2f} ± {row.gain_se:.2f}"


@register.filter
def drift(row: VehicleDay) -> str:
    """Return a drift in per cent a day, with its sign."""
    return "—" if row.drift is None else f"{100 * row.drift:+.1f}"


@register.filter
def rule_name(name: str) -> str:
    """Return the name of a table of classes in the reader's language."""
    english = {"济南道路扬尘分级": "Road dust classes of Jinan"}
    return english.get(name, name) if (get_language() or "").startswith("en") else name
