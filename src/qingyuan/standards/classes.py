"""Water-quality classes (水质类别): read however they are written, always written one way."""

from __future__ import annotations

from qingyuan.core.problems import Problem

__all__ = ["CLASSES", "WORSE", "class_name", "class_rank", "worst_class"]

CLASSES = ("Ⅰ", "Ⅱ", "Ⅲ", "Ⅳ", "Ⅴ")
WORSE = "劣Ⅴ"

_SCALE = (*CLASSES, WORSE)
_SPELLINGS = {
    spelling: name
    for name, spellings in {
        "Ⅰ": ("Ⅰ", "I", "1"),
        "Ⅱ": ("Ⅱ", "II", "2"),
        "Ⅲ": ("Ⅲ", "III", "3"),
        "Ⅳ": ("Ⅳ", "IV", "4"),
        "Ⅴ": ("Ⅴ", "V", "5"),
        "劣Ⅴ": ("劣Ⅴ", "劣V", "劣5", "6"),
    }.items()
    for spelling in spellings
}


def class_name(given: str | int) -> str:
    """Return the class as it is always written, from Ⅲ, III, iii, 3, Ⅲ类 …

    Raises
    ------
    Problem
        ``standards.unknown_class``.
    """
    word = str(given).strip().upper().removesuffix("类")
    if word not in _SPELLINGS:
        raise Problem(
            "standards.unknown_class",
            document="GB 3838-2002",
            given=given,
            known=" ".join(_SCALE),
        )
    return _SPELLINGS[word]


def class_rank(cls: str | int) -> int:
    """Return 1 for Ⅰ to 6 for 劣Ⅴ."""
    return _SCALE.index(class_name(cls)) + 1


def worst_class(*classes: str) -> str:
    """Return the worst of *classes* (单因子评价)."""
    return max((class_name(cls) for cls in classes), key=_SCALE.index)
