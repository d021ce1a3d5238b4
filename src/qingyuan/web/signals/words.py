"""The words of a doubt, with the instants and names a reader knows."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from qingyuan.core.factors import factor as factor_of
from qingyuan.core.periods import in_city

__all__ = ["Blank", "shown"]


def shown(values: Mapping[str, str]) -> dict[str, str]:
    """Return a doubt's values for a sentence: instants in Beijing time, factors by symbol."""
    found = dict(values)
    for name in ("start", "end", "at", "source"):
        if name in found:
            found[name] = f"{in_city(datetime.fromisoformat(found[name])):%Y-%m-%d %H:%M}"
    for name in ("a", "b"):
        if name in found:
            code, _, suffix = found[name].partition(".")
            found[name] = f"{factor_of(code).symbol}{f' {suffix}' if suffix else ''}"
    return found


class Blank(dict[str, str]):
    """Values for a title alone: whatever is asked for is a dash."""

    def __missing__(self, key: str) -> str:
        return "—"
