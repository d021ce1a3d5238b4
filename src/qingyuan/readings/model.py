"""A reading and a finding (读数与发现): what goes in and what comes out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

__all__ = ["Finding", "Reading"]


@dataclass(frozen=True, slots=True)
class Reading:
    """One value as it was sent (读数); instants are aware, ``text`` is exact."""

    station: str
    factor: str
    time: datetime
    text: str
    flag: str = ""
    cn: str = "2011"
    suffix: str = "Rtd"
    received_at: datetime | None = None

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Reading:
        """Return the reading of a row of the store."""
        return cls(
            station=row["station"],
            factor=row["factor"],
            time=row["time"],
            text=row["text"],
            flag=row["flag"],
            cn=row["cn"],
            suffix=row["suffix"],
            received_at=row["received_at"],
        )


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that asks for attention (发现).

    Attributes
    ----------
    key : str
        The same for every finding about one episode; repeats fold by it.
    kind : str
        ``exceedance``, ``step``, ``silence``, ``worse_than_last_period`` or
        ``worse_than_last_year``.
    state : str
        ``raised``, ``updated`` (longer, or a new peak), ``cleared``, or ``withdrawn`` when a
        corrected value takes its ground away.
    value : Decimal
        The worst value so far, unrounded; for silence, seconds without data.
    limit : Decimal
        What it is held against; for a step, the edge of the band of expected values; for a
        decline, the limit of the class the item had before.
    multiple : Decimal or None
        (C − S) / S; None where the standard gives no multiple.
    level : int
        1 ordinary, 2 serious, 3 grave, by the table of levels.
    rule : str
        Id of the dated rule set.
    origin : str
        ``from_above`` (自上游来), ``between`` (区间产生), or empty when it cannot be told.
    origin_station : str
        The section above that showed it, or for *between* the nearest that did not.
    classes : tuple of str
        For a decline, the class before and now; empty otherwise.
    items : tuple of str
        For a decline, the items that make the class, the one that fell furthest first.
    """

    key: str
    kind: str
    state: str
    station: str
    factor: str
    first_at: datetime
    last_at: datetime
    peak_at: datetime
    value: Decimal
    limit: Decimal
    multiple: Decimal | None
    level: int
    count: int
    rule: str
    document: str
    clause: str
    cleared_at: datetime | None = None
    origin: str = ""
    origin_station: str = ""
    classes: tuple[str, ...] = ()
    items: tuple[str, ...] = ()
