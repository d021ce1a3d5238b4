"""The task sheet (任务分解表): units in one cell, blanks that mean "as above", who is missing. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

__all__ = ["Line", "fill_down", "names_in"]

_BETWEEN = re.compile(r"[、，,；;/\n]+|\s{2,}")


@dataclass(slots=True)
class Line:
    """One row as it stands in the sheet, and after filling down (一行).

    `doubts` are the columns whose value was taken from above; `crossing` those of them taken from a
    row of another department: such a person is a guess and counts as missing.
    """

    row: int
    number: str
    content: str
    units: tuple[str, ...]
    leader: str
    person: str
    remark: str = ""
    doubts: set[str] = field(default_factory=set)
    crossing: set[str] = field(default_factory=set)

    @property
    def missing(self) -> bool:
        """Whether nobody is known to answer for it."""
        return not self.person or "person" in self.crossing


def names_in(cell: str) -> tuple[str, ...]:
    """Return the units named in one cell: 管理科、监察大队 → two, in order, each once."""
    return tuple(dict.fromkeys(part.strip() for part in _BETWEEN.split(cell) if part.strip()))


def fill_down(
    rows: Sequence[Mapping[str, str]], *, merged: Mapping[int, Collection[str]] | None = None
) -> list[Line]:
    """Fill blank cells from above and say which (向下填充，待确认).

    Parameters
    ----------
    rows : sequence of mapping
        Keys ``row`` (line of the file), ``number``, ``content``, ``department``, ``leader``,
        ``person``, ``remark``.
    merged : mapping, optional
        Line of the file → columns that a merged cell filled already.

    Notes
    -----
    A leader may lead several departments, so blanks below are the same leader. A person belongs to
    a department: a blank below a new department is nobody, and a merged cell that runs across
    departments is a guess.
    """
    merged = merged or {}
    made: list[Line] = []
    department, leader = "", ""
    person, person_of = "", ""
    for given in rows:
        row = int(given["row"])
        by_merge = set(merged.get(row, ()))
        doubts: set[str] = set()
        crossing: set[str] = set()
        own_department = given.get("department", "")
        if own_department and "department" not in by_merge:
            department = own_department
        elif department:
            doubts.add("department")
        own_leader = given.get("leader", "")
        if own_leader and "leader" not in by_merge:
            leader = own_leader
        elif leader:
            doubts.add("leader")
        own_person = given.get("person", "")
        if own_person and "person" not in by_merge:
            person, person_of = own_person, department
            said = person
        elif person and (person_of == department or "person" in by_merge):
            said = person
            doubts.add("person")
            if person_of != department:
                crossing.add("person")
        else:
            said = ""
        made.append(
            Line(
                row=row,
                number=given.get("number", ""),
                content=given.get("content", ""),
                units=names_in(department),
                leader=leader,
                person=said,
                remark=given.get("remark", ""),
                doubts=doubts,
                crossing=crossing,
            )
        )
    return made
