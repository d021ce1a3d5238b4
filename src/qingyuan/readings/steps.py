"""Steps (突变): a value far from what the station has been saying lately.

The band is median ± k · scale · MAD of one value an hour, so that a burst of readings weighs no
more than an hour of them and the band follows the season, not the minute. Where the history is
long enough, hours of the same time of day are compared with each other (水质有日变化).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from statistics import median

from qingyuan.readings.episodes import Sample
from qingyuan.readings.rules import StepRule

__all__ = ["Band", "band_of", "history_at", "step_change"]


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


def history_at(
    hours: Mapping[datetime, Decimal], hour: datetime, *, rule: StepRule
) -> list[Decimal]:
    """Return the values of the hours that *hour* is compared with (突变对照的历史).

    Those of the last ``history_hours``; of these only the ones near the same time of day if at
    least ``at_least`` of them are known.
    """
    first = hour - timedelta(hours=rule.history_hours)
    past = {at: value for at, value in hours.items() if first <= at < hour}
    if rule.same_hour:
        alike = [value for at, value in past.items() if _apart(at, hour) <= 3600 * rule.same_hour]
        if len(alike) >= rule.at_least:
            return alike
    return list(past.values())


def _apart(one: datetime, other: datetime) -> float:
    """Return how far apart two times of day are, in seconds."""
    gap = (one - other).total_seconds() % 86_400
    return min(gap, 86_400 - gap)


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
