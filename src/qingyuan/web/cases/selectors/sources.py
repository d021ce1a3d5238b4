"""Find a case by the number it bears where it came from (来源编号)."""

from __future__ import annotations

from qingyuan.web.cases.models import Case

__all__ = ["by_source"]


def by_source(system: str, number: str) -> Case | None:
    """Return the case of one number of one source system, or None."""
    if not number:
        return None
    return Case.objects.filter(source_system=system, source_no=number).first()
