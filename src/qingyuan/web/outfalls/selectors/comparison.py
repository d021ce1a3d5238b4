"""Laboratory results as the data-quality inspection holds them against the monitor (手工比对)."""

from __future__ import annotations

from qingyuan.core.periods import Period
from qingyuan.readings.integrity import ManualSample
from qingyuan.web.outfalls.models import OutfallSample

__all__ = ["manual_samples"]


def manual_samples(station: str, period: Period) -> list[ManualSample]:
    """Return the results taken at a station in a period; withdrawn ones and "not found" are not told.

    A result below the detection limit says only "less than", and cannot be missed by a share.
    """
    kind, _, code = station.partition(":")
    if kind != "outfall":
        return []
    rows = OutfallSample.objects.filter(
        outfall=code, taken_at__gte=period.start, taken_at__lt=period.end, withdrawn_at=None,
        below=False,
    ).order_by("taken_at", "pk")  # fmt: skip
    return [ManualSample(row.taken_at, row.factor, float(row.value), "mg/L") for row in rows]
