"""Words of the casework craft in the reader's language (阶段、属实情况)."""

from __future__ import annotations

from qingyuan import casework
from qingyuan.casework.tables import TRUTHS

__all__ = ["phases", "truth_label"]


def phases(*, english: bool) -> list[tuple[str, str]]:
    """Return the three macro phases for a rail."""
    return [(p.value, p.en if english else p.zh) for p in casework.Phase]


def truth_label(word: str, *, english: bool) -> str:
    """Return the name of a truth finding; nothing for none."""
    row = TRUTHS.get(word)
    return (row.en if english else row.zh) if row else ""
