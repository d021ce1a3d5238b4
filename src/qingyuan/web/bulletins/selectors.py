"""Questions about bulletins."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from django.db.models import QuerySet

from qingyuan.reporting import CLASSES, Cell, Document, Section, Table
from qingyuan.web.accounts.scope import Scope
from qingyuan.web.bulletins.models import Bulletin

__all__ = ["PARTS", "SIGNERS", "bulletins_for", "may_sign", "rows_behind"]

PARTS = ("water", "air", "alarms", "cases")  # the parts of a daily reminder, in order

SIGNERS = frozenset({"department_head", "vice_leader", "leader"})


def may_sign(scope: Scope) -> bool:
    """Whether this person publishes and withdraws (综合组、分管领导、主要领导)."""
    return bool(scope.roles & SIGNERS)


def bulletins_for(scope: Scope) -> QuerySet[Bulletin]:
    """Return the bulletins one may read: staff all of them, others none."""
    found = Bulletin.objects.order_by("-day", "-issue")
    return found if scope.staff else found.none()


def _wanted(row: tuple[Cell, ...], given: Mapping[str, str]) -> bool:
    marks = {cell.mark for cell in row if cell.mark}
    wanted = given.get("water_class", "")
    if wanted and (wanted not in marks if wanted != "none" else bool(marks & set(CLASSES))):
        return False
    if given.get("over") and "over" not in marks:
        return False
    code = given.get("code", "")
    return not code or any(c.link and ("code", code) in c.link.params for c in row)


def rows_behind(bulletin: Bulletin, part: str, given: Mapping[str, str]) -> tuple[Section, Table]:
    """Return a part of a bulletin and the rows of its table that a figure counted, as frozen."""
    section = Document.from_dict(bulletin.content).sections[PARTS.index(part)]
    table = section.tables[0]
    return section, replace(table, rows=tuple(r for r in table.rows if _wanted(r, given)))
