"""Steps (突变): a value far from what the station has been saying lately.

The band is median ± k · scale · MAD of one value an hour, so that a burst of readings weighs no
more than an hour of them and the band follows the season, not the minute.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from statistics import median

from qingyuan.readings.episodes import Sample
from qingyuan.readings.rules import StepRule

__all__ = ["Band", "band_of", "step_change"]


@dataclass(frozen=True, slots=True)
class Band:
    """What is expected (预期范围): from *low* to *high* around *middle*."""

    low: Decimal
    middle: Decimal
    high: Decimal


def band_of(history: Sequence[Decimal], *, rule: StepRule) -> Band | None:
    """Return the expected band from one value an hour, or None with too few hours."""
    if len(history) < rule.at_least:
        return None
    middle = median(history)
    spread = median(abs(value - middle) for value in history)
    width = max(rule.k * rule.scale * spread, rule.floor_share * abs(middle))
    return Band(middle - width, middle, middle + width)


def step_change(value: Decimal, band: Band, *, time: datetime) -> Sample:
    """Return *value* judged by its band; severity counts half-widths beyond the edge."""
    edge = band.high if value >= band.middle else band.low
    beyond = not band.low <= value <= band.high
    width = band.high - band.middle
    return Sample(
        time=time,
        value=value,
        limit=edge,
        beyond=beyond,
        severity=abs(value - edge) / width if beyond and width else Decimal(int(beyond)),
        multiple=None,
    )
