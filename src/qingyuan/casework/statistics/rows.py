"""One case as the statistics see it (统计行): a plain value, whoever reads it from where."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from qingyuan.casework.model import Phase

__all__ = ["CaseRow", "Satisfaction", "Spell"]

Satisfaction = Literal["", "satisfied", "basically", "unsatisfied", "unreachable"]


@dataclass(frozen=True, slots=True)
class Spell:
    """A stay of the case in a macro phase (阶段停留); ``end`` is None while it lasts."""

    phase: Phase
    start: datetime
    end: datetime | None = None


@dataclass(frozen=True, slots=True)
class CaseRow:
    """What the definitions read of one case (统计行).

    ``number`` names the row in every answer. ``unit`` is the lead, ``co_units`` the co-handlers.
    ``sign_by`` and ``due_at`` are limits as extended; ``acted_at`` is the first deed of the handling
    unit after signing. ``closed_at`` ends the handling (办结), ``struck_at`` strikes off (销号): two
    decisions. ``pauses`` are spans (an open one ends with None). ``returns`` counts 退单, ``reopened``
    rebounds (反弹). ``listed`` says whether the matter stands on a list (清单). ``place`` is longitude
    and latitude. ``complaint`` says whether a citizen may be asked how it was handled, ``reports`` how
    many reports were taken into the one case, ``again`` whether another case lies near in place and
    time where that was found out over more cases than these. ``visits_merged`` counts visits another visit made needless.
    """

    number: str
    opened_at: datetime
    unit: str = ""
    person: str = ""
    co_units: tuple[str, ...] = ()
    district: str = ""
    channel: str = ""
    focus: bool = False
    types: tuple[str, ...] = ()
    accepted: bool | None = None
    truth: str = ""
    progress: str = ""
    assigned_at: datetime | None = None
    sign_by: datetime | None = None
    signed_at: datetime | None = None
    acted_at: datetime | None = None
    due_at: datetime | None = None
    extensions: int = 0
    pauses: tuple[tuple[datetime, datetime | None], ...] = ()
    spells: tuple[Spell, ...] = ()
    closed_at: datetime | None = None
    struck_at: datetime | None = None
    evidence: bool = False
    listed: bool = True
    returns: int = 0
    reopened: int = 0
    immediate: bool = False
    satisfaction: Satisfaction = ""
    solved: bool | None = None
    place: tuple[float, float] | None = None
    complaint: bool = True
    reports: int = 1
    again: bool | None = None
    visits_merged: int = 0
    closed_online: bool = False

    @property
    def units(self) -> tuple[str, ...]:
        """Every unit that handles the case, the lead first."""
        return tuple(dict.fromkeys(u for u in (self.unit, *self.co_units) if u))

    @property
    def is_done(self) -> bool:
        """Whether it is finished outright (办结), apart from 阶段性办结."""
        return self.progress == "done" or (not self.progress and self.closed_at is not None)

    @property
    def is_staged(self) -> bool:
        """Whether the inspectable part is finished and the rest planned (阶段性办结)."""
        return self.progress == "staged"
