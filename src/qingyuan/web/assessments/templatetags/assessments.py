"""What an explanation says, in the reader's language (说明的语言)."""

from __future__ import annotations

import re

from django import template
from django.utils.translation import get_language

from qingyuan.core.explanation import Said
from qingyuan.core.factors import factor_by_name

__all__ = ["said", "unit_word"]

register = template.Library()
_CHINESE = re.compile(r"(?:pH)?[\u4e00-\u9fff]+")


def _named(found: re.Match[str]) -> str:
    known = factor_by_name(found.group())
    return known.en if known else found.group()


@register.filter
def said(value: Said) -> str:
    """Return the sentence in the reader's language; in English items go by their English names."""
    if not (get_language() or "").startswith("en"):
        return value.zh
    return _CHINESE.sub(_named, value.en)


@register.filter
def unit_word(unit: str) -> str:
    """Return a unit; what has none says so in the reader's language."""
    english = (get_language() or "").startswith("en")
    return "dimensionless" if unit == "无量纲" and english else unit
