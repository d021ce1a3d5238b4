"""Answers (查询): what is asked of the observations, and hours and days from exact sums.

The engine of `qingyuan.store.observations` and the plain one of `qingyuan.store.reference` are
given the same `Question` and must give the same answer.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pyarrow as pa

from qingyuan.core.periods import Period
from qingyuan.readings.means import Mean, day_means, hour_mean
from qingyuan.readings.rules import Validity, rules_at
from qingyuan.store.columns import OBSERVATIONS

__all__ = ["FILED", "READINGS", "Question", "Source", "means_from", "sources_of"]

Source = tuple[str | None, str | None]  # cn and suffix; None means any

FILED = pa.schema([field for field in OBSERVATIONS if field.name != "day"])
READINGS: tuple[Source, ...] = (("2011", "Rtd"), ("hist", "Avg"))
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Question:
    """Which observations are asked for (查询条件); None means any.

    With ``known_at`` the answer is the one that could be given at that instant: what was received
    later, corrections too, is left out (当时所见).
    """

    period: Period
    stations: Sequence[str] | None = None
    factors: Sequence[str] | None = None
    sources: Sequence[Source] = READINGS
    known_at: datetime | None = None


def sources_of(cn: str | None, suffix: str | None) -> tuple[Source, ...]:
    """Return the sources of a series: real time and history unless one is named."""
    return READINGS if cn is None and suffix is None else ((cn, suffix),)


def means_from(
    sums: pa.Table, *, step: str, interval_s: int | None, rule: Validity | None, period: Period
) -> list[Mean]:
    """Return hourly or daily means from the exact hourly sums of `expressions.hourly`."""
    validity = rule or rules_at(period.start).validity
    names = ("station", "factor", "hour", "total", "low", "high", "count")
    hours = [
        hour_mean(
            station,
            factor,
            _EPOCH + timedelta(hours=hour),
            total=total,
            low=low,
            high=high,
            count=count,
            rule=validity,
            interval_s=interval_s,
        )
        for station, factor, hour, total, low, high, count in zip(
            *(sums.column(name).to_pylist() for name in names), strict=True
        )
    ]
    return hours if step == "hour" else day_means(hours, rule=validity)
