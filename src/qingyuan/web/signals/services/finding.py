"""A finding as a value (发现): what a finder says, without the finder."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

__all__ = ["Finding"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One finding about one factor of one object (一次发现).

    Attributes
    ----------
    kind : str
        ``exceedance``, ``step``, ``decline``, ``silence``, ``manual`` or ``data_integrity``.
    rule : str
        The rule's id; with object, factor and kind it says what folds together.
    station : str
        ``kind:code``, as the store names it.
    first_at, last_at : datetime
        The readings it rests on.
    value_text, limit_text : str
        As sent and as written in the standard (``≤1 mg/L``).
    multiple : Decimal, optional
        (C − S) / S; None where the standard has no multiple (pH, dissolved oxygen).
    clause : str
        Document and clause.
    finder : str
        Who found it, as a value.
    episode : str
        The finder's key of one episode, if it has one: a late reading may show that an episode
        went on, and its row is opened again.
    count : int, optional
        How often so far, where the finder counts; else every finding counts once.
    level : int
        1 特别 … 4 一般.
    roles : tuple of str
        Roles to be told besides those who are always told.
    """

    kind: str
    rule: str
    station: str
    first_at: datetime
    last_at: datetime
    finder: str
    factor: str = ""
    unit: str = ""
    value: Decimal | None = None
    value_text: str = ""
    flag: str = ""
    limit: Decimal | None = None
    limit_text: str = ""
    multiple: Decimal | None = None
    clause: str = ""
    note: str = ""
    level: int = 4
    episode: str = ""
    count: int | None = None
    district_code: str = ""
    roles: tuple[str, ...] = ()

    @property
    def object_kind(self) -> str:
        """The part before the colon."""
        return self.station.partition(":")[0]

    @property
    def object_code(self) -> str:
        """The part after the colon."""
        return self.station.partition(":")[2]
