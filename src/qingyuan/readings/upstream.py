"""Upstream comparison (上下游对照): did it arrive from above, or arise in between.

The water at a section now was at the section above it a travel time ago. If it was bad there then,
the cause lies above; if it was good there, the cause lies in between; if nobody measured, neither
is said. Travel times come from the river's model as a table; this room only reads clocks.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from qingyuan.readings.rules import StepRule, UpstreamRule
from qingyuan.readings.steps import band_of, history_at
from qingyuan.standards.limits import Limit

__all__ = ["ABOVE", "BETWEEN", "Origin", "Upstream", "origin_of"]

ABOVE, BETWEEN = "from_above", "between"


@dataclass(frozen=True, slots=True)
class Upstream:
    """A section above another, and how long the water takes from there (上游断面).

    ``lag_h`` is the median travel time in hours; None where still water lies between (a closed
    gate): connected, but no reading there can be set beside one here.
    """

    station: str
    lag_h: float | None


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a rise came from: ``from_above``, ``between``, or empty when it cannot be told.

    ``station`` is the section above that showed it first, or the nearest that did not.
    """

    where: str = ""
    station: str = ""


def origin_of(
    at: datetime,
    *,
    is_high: bool,
    above: Sequence[Upstream],
    hours_of: Callable[[str], Mapping[datetime, Decimal]],
    limit: Limit | None,
    rule: UpstreamRule,
    step: StepRule,
) -> Origin:
    """Return where a rise seen at *at* came from.

    Parameters
    ----------
    at : datetime
        When the section first showed it.
    is_high : bool
        Whether it lies above what is expected (else below: dissolved oxygen).
    above : sequence of Upstream
        The sections next above, one on each branch.
    hours_of : callable
        Station → its values by the start of their hour.
    limit : Limit or None
        What the section itself is held against.
    rule, step
        The window around the travel time; the band a value is expected in.

    Notes
    -----
    *Between* needs an answer from every branch: one silent branch could have brought it.
    """
    shown: list[tuple[float, str]] = []
    clean: list[tuple[float, str]] = []
    silent = False
    for one in above:
        if one.lag_h is None:
            silent = True
            continue
        hours = hours_of(one.station)
        centre = at - timedelta(hours=one.lag_h)
        width = timedelta(hours=max(rule.window_share * one.lag_h, rule.least_window_h))
        # values are kept under the start of their hour
        first, last = centre - width - timedelta(hours=1), centre + width
        seen = {hour: value for hour, value in hours.items() if first < hour <= last}
        if not seen:
            silent = True
        elif any(
            _stands_out(value, hour, hours, is_high=is_high, limit=limit, step=step)
            for hour, value in seen.items()
        ):
            shown.append((one.lag_h, one.station))
        else:
            clean.append((one.lag_h, one.station))
    if shown:
        return Origin(ABOVE, min(shown)[1])
    if clean and not silent:
        return Origin(BETWEEN, min(clean)[1])
    return Origin()


def _stands_out(
    value: Decimal,
    hour: datetime,
    hours: Mapping[datetime, Decimal],
    *,
    is_high: bool,
    limit: Limit | None,
    step: StepRule,
) -> bool:
    """Whether a value above was itself beyond the limit below, or out of its own band."""
    if limit is not None and not limit.allows(value):
        return True
    band = band_of(history_at(hours, hour, rule=step), rule=step)
    if band is None:
        return False
    return value > band.high if is_high else value < band.low
