"""Fixes as expressions (走航点表达式): passes and segments of a fleet, once in Ibis.

What `qingyuan.hotspots.segments.passes_of` does in arrays for a day on one machine, for more days
than one machine holds. Increments are whole numbers (thousandths of a µg/m³), so that every engine
gives the same sums, and medians are taken by rank.
"""

from __future__ import annotations

import ibis
from ibis.expr.types import Table as Expression

from qingyuan.store.air_expressions import _half_even

__all__ = ["passes", "segments"]

_PAUSE_S = 60  # as in `passes_of`: a longer silence ends a pass


def passes(fixes: Expression) -> Expression:
    """Average consecutive fixes of a vehicle in one segment (穿行).

    Parameters
    ----------
    fixes : Ibis table
        Accepted and matched fixes: ``vehicle``, ``t`` (whole seconds), ``segment`` and ``rise``
        (thousandths, whole); one row for a vehicle and second.

    Returns
    -------
    Ibis table
        ``vehicle number segment start end fixes total``; *total* over *fixes* is the mean.
    """
    before = ibis.window(group_by=fixes.vehicle, order_by=fixes.t)
    seen = fixes.mutate(
        last_segment=fixes.segment.lag().over(before), last_t=fixes.t.lag().over(before)
    ).view()
    goes_on = (seen.segment == seen.last_segment) & (seen.t - seen.last_t <= _PAUSE_S)
    marked = seen.mutate(begins=ibis.ifelse(goes_on.fill_null(False), 0, 1)).view()
    so_far = ibis.cumulative_window(group_by=marked.vehicle, order_by=marked.t)
    numbered = marked.mutate(number=marked.begins.sum().over(so_far).cast("int64")).view()
    return numbered.group_by("vehicle", "number", "segment").aggregate(
        start=numbered.t.min(),
        end=numbered.t.max(),
        fixes=numbered.count(),
        total=numbered.rise.sum().cast("int64"),
    )


def segments(found: Expression) -> Expression:
    """Return of every segment how many passes and vehicles, and the median of its passes (路段).

    Returns
    -------
    Ibis table
        ``segment passes vehicles first last middle_twice``, by segment; *middle_twice* is twice the
        median, in thousandths: the sum of the two passes in the middle, or the one there is twice.
    """
    each = found.mutate(mean=_half_even(found.total, found["fixes"])).view()
    order = [each["mean"], each.vehicle, each.number]
    ranked = each.mutate(
        at=ibis.row_number().over(group_by=each.segment, order_by=order),
        n=each.count().over(group_by=each.segment),
    ).view()
    lower, upper = (ranked.n - 1) // 2, ranked.n // 2
    weight = (ranked["at"] == lower).cast("int64") + (ranked["at"] == upper).cast("int64")
    weighed = ranked.mutate(weighed=ranked["mean"] * weight).view()
    return (
        weighed.group_by("segment")
        .aggregate(
            passes=weighed.count(),
            vehicles=weighed.vehicle.nunique(),
            first=weighed.start.min(),
            last=weighed.end.max(),
            middle_twice=weighed.weighed.sum().cast("int64"),
        )
        .order_by("segment")
    )
