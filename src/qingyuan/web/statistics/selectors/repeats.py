"""Which petitions report a place again (重复反映): over all of them, whatever a page has filtered.

Grouped by place and time alone: who reported is sealed and is not asked.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from functools import lru_cache

from django.db.models import Count, Max, Sum

from qingyuan.casework.statistics import CaseRow, repeated
from qingyuan.web.petitions.models import Petition
from qingyuan.web.petitions.selectors.settings import parameter

__all__ = ["repeated_cases"]

_Mark = tuple[object, ...]


def repeated_cases(*, on: date) -> frozenset[int]:
    """Return the cases whose petition has another near it, by the parameters in force *on* a day."""
    placed = Petition.objects.filter(lon__isnull=False, lat__isnull=False)
    mark = placed.aggregate(
        n=Count("pk"), last=Max("pk"), lon=Sum("lon"), lat=Sum("lat"), at=Max("received_at")
    )
    near_m, days = float(parameter("repeat_m", on=on)), int(parameter("repeat_days", on=on))
    return _found(tuple(mark.values()), near_m, days)


@lru_cache(maxsize=4)
def _found(mark: _Mark, near_m: float, days: int) -> frozenset[int]:
    """Return them for the petitions as they stood at *mark*: places seldom change, pages are many."""
    rows: Sequence[tuple[int, float, float, datetime]] = list(
        Petition.objects.filter(lon__isnull=False, lat__isnull=False).values_list(
            "case_id", "lon", "lat", "received_at"
        )
    )
    cases = [CaseRow(str(pk), at, place=(lon, lat)) for pk, lon, lat, at in rows]
    return frozenset(map(int, repeated(cases, near_m=near_m, within_days=days)))
