"""Repairs (修复记录): everything that was changed in the lines, each with its feature and place."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

__all__ = ["REPAIRS", "Repair", "repair_kinds"]


@dataclass(frozen=True, slots=True)
class Repair:
    """One change, or one thing left as it is for a person to look at (修复或存疑).

    ``feature_id`` is the source's own; lon and lat in CGCS2000 degrees; ``amount`` is in metres
    where the kind has one, else 0.
    """

    kind: str
    feature_id: str
    lon: float
    lat: float
    amount: float = 0.0
    other: str = ""

    def says(self, language: str) -> str:
        """Return the sentence in ``zh`` or ``en``."""
        return repair_kinds()[self.kind][language] % {
            "feature": self.feature_id,
            "amount": f"{self.amount:.1f}",
            "other": self.other,
        }


@cache
def repair_kinds() -> Mapping[str, Mapping[str, str]]:
    """Return the kinds with their sentences."""
    text = files(__package__).joinpath("repairs.toml").read_text("utf-8")
    table: Mapping[str, Mapping[str, str]] = tomllib.loads(text)
    return table


REPAIRS = tuple(repair_kinds())
