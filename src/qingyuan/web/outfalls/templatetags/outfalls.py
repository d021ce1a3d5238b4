"""The class of an outfall as the reader's language has it (HJ 1312-2023)."""

from __future__ import annotations

from django import template

from qingyuan.standards.outfalls import class_in_english
from qingyuan.web.registry.models.geometry import in_language

register = template.Library()


@register.filter
def class_words(name: str | None) -> str:
    """Return an outfall class in the reader's language; the text itself where it is no class."""
    return in_language(name, class_in_english(name)) if name else ""
