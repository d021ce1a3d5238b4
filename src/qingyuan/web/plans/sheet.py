"""The task sheet (任务分解表): units in one cell, blanks that mean "as above", who is missing. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

__all__ = ["Line", "announced_in", "fill_down", "names_in"]

_BETWEEN = re.compile(r"[、，,；;/\n]+|\s{2,}")
_ANNOUNCED = re.compile(
    r"(?:共|计)?([一二三四五六七八九十百]{1,4}|\d{1,3})\s*(?:项|件|个)(?:重点|具体)?(?:工作|任务|活动)"
)


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


_CN = {c: n for n, c in enumerate("零一二三四五六七八九")}


def announced_in(text: str) -> int | None:
    """Return how many tasks a text says there are: 四个方面、二十五项工作 → 25; None if it says none."""
    found = [_whole(hit[1]) for hit in _ANNOUNCED.finditer(text)]
    return max(found) if found else None


def _whole(text: str) -> int:
    if text.isdigit():
        return int(text)
    total = ones = 0
    for sign in text:
        if sign == "百":
            total, ones = total + (ones or 1) * 100, 0
        elif sign == "十":
            total, ones = total + (ones or 1) * 10, 0
        else:
            ones = _CN[sign]
    return total + ones
