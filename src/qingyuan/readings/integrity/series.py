"""Series (序列): what was sent, on a regular grid, with the unusable left out and counted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from qingyuan.core.periods import Period
from qingyuan.readings.intake import is_valid_flag
from qingyuan.readings.numbers import number

__all__ = ["Floats", "ManualSample", "Row", "Series", "Site", "series_of"]

Floats = NDArray[np.float64]
Row = tuple[datetime, str, str]  # instant, text as sent, flag
_ALL_MISSING = float("nan")
_FLOOR_SHARE = 0.03


@dataclass(frozen=True)
class Series:
    """One factor of one station, a value for every step (等间隔序列).

    Attributes
    ----------
    first : int
        Seconds since 1970 of the first step; step *i* begins at ``first + i * step_s``.
    values : array
        NaN where nothing usable was sent: missing, no number, or under an excluding flag.
    texts : tuple of str
        As sent; empty where a step holds no reading or several.
    flags : tuple of str
        The last flag of each step; empty without one.
    """

    factor: str
    first: int
    step_s: int
    values: Floats
    texts: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()
    unit: str = ""

    def __len__(self) -> int:
        return len(self.values)

    def time(self, index: int) -> datetime:
        """Return the instant at which step *index* begins."""
        return datetime.fromtimestamp(self.first + index * self.step_s, UTC)

    def text(self, index: int) -> str:
        """Return what was sent in a step, or its mean as text; ``--`` for nothing."""
        if index < len(self.texts) and self.texts[index]:
            return self.texts[index]
        value = self.values[index]
        return "--" if np.isnan(value) else f"{value:.6g}"

    def steps(self, hours: float) -> int:
        """Return how many steps so many hours are, at least one."""
        return max(1, round(hours * 3600 / self.step_s))

    @cached_property
    def quantum(self) -> float:
        """The smallest difference the instrument shows (分辨力); 0 for a constant series."""
        known = np.unique(self.values[~np.isnan(self.values)])
        if len(known) < 2:
            return 0.0
        gaps = np.diff(known)
        told_apart = gaps[gaps > 1e-9 * max(1.0, abs(float(known[-1])))]
        return float(told_apart.min()) if len(told_apart) else 0.0

    @cached_property
    def floor(self) -> float:
        """The value below which nothing is told apart (检出限附近): the least one, if it is common.

        Minus infinity when the least value is no more common than others.
        """
        known = self.values[~np.isnan(self.values)]
        if not len(known):
            return -np.inf
        least = float(known.min())
        return least if (known == least).mean() >= _FLOOR_SHARE else -np.inf


@dataclass(frozen=True, slots=True)
class ManualSample:
    """One value from a laboratory (手工监测), to hold against what the station said."""

    at: datetime
    factor: str
    value: float
    unit: str = ""


@dataclass(frozen=True)
class Site:
    """A station with everything that bears on its readings (站点资料).

    Attributes
    ----------
    series : mapping
        Series by factor, all on one grid; ``w00000.Cou`` holds the suffix Cou of w00000.
    window : slice
        The steps under inspection; all before them are the station's own past.
    limits : mapping
        Upper limit by factor, in the unit of its series.
    stops : sequence of Period
        When the enterprise declared to stand still (申报停产), or the permit says so.
    """

    station: str
    series: Mapping[str, Series]
    window: slice
    limits: Mapping[str, float] = field(default_factory=dict)
    stops: Sequence[Period] = ()
    manual: Sequence[ManualSample] = ()


def series_of(
    rows: Iterable[Row], *, factor: str, period: Period, step_s: int = 3600, unit: str = ""
) -> Series:
    """Lay readings on a regular grid over *period*.

    Parameters
    ----------
    rows : iterable of (instant, text, flag)
        In the order received; of one instant the last counts. Several readings in a step give
        their mean, and no text.
    """
    count = int((period.end - period.start).total_seconds() // step_s)
    first = int(period.start.timestamp())
    held: list[dict[datetime, tuple[str, Decimal]]] = [{} for _ in range(count)]
    flags = [""] * count
    for at, text, flag in rows:
        index = (int(at.timestamp()) - first) // step_s
        if not 0 <= index < count:
            continue
        flags[index] = flag
        value = number(text)
        held[index].pop(at, None)
        if value is not None and is_valid_flag(flag):
            held[index][at] = (text, value)
    values = np.full(count, _ALL_MISSING)
    texts = [""] * count
    for index, here in enumerate(held):
        if here:
            values[index] = float(sum(v for _, v in here.values()) / len(here))
            if len(here) == 1:
                texts[index] = next(iter(here.values()))[0]
    return Series(factor, first, step_s, values, tuple(texts), tuple(flags), unit)
