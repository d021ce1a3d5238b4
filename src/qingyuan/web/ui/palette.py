"""Official colours and class names (官方颜色与类别): one file, `palette.json`, for every medium."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

__all__ = ["CLASSES", "class_name", "scale"]

CLASSES = ("Ⅰ", "Ⅱ", "Ⅲ", "Ⅳ", "Ⅴ", "劣Ⅴ")

_SPELLINGS = {
    **{name: name for name in CLASSES},
    **dict(zip(("1", "2", "3", "4", "5", "6"), CLASSES, strict=True)),
    **dict(zip(("I", "II", "III", "IV", "V", "劣V"), CLASSES, strict=True)),
    "VI": "劣Ⅴ",
    "劣5": "劣Ⅴ",
    ">V": "劣Ⅴ",
    ">Ⅴ": "劣Ⅴ",
}


@cache
def _palette() -> dict[str, Any]:
    return dict(json.loads((Path(__file__).parent / "palette.json").read_text("utf-8")))


def scale(name: str) -> list[dict[str, str]]:
    """Return the steps of a scale (``water_class``, ``aqi_level``): name, colour, ink."""
    return list(_palette()["scales"][name]["steps"])


def class_name(value: object) -> str:
    """Write a water class the one way (Ⅰ Ⅱ Ⅲ Ⅳ Ⅴ 劣Ⅴ), whatever way it came; ``""`` if none."""
    text = str(value if value is not None else "").strip().upper().removesuffix("类")
    return _SPELLINGS.get(text, "")
