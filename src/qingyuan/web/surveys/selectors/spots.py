"""Questions about hot spots: the list, the newest finding of each, passes as a chart, before and after."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from statistics import median
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from qingyuan.core.periods import day_of, in_city
from qingyuan.web.accounts.scope import Scope
from qingyuan.web.surveys.models import Finding, HotSpot, SpotPass
from qingyuan.web.surveys.parameters import parameters

__all__ = ["BeforeAfter", "before_after", "newest_findings", "pass_chart", "spots"]


def spots(scope: Scope) -> QuerySet[HotSpot]:
    """Return the hot spots a person may see, the newest first."""
    return (
        HotSpot.objects.filter(scope.by_district("district_code"))
        .select_related("case__procedure", "case__unit")
        .order_by("-last_day", "-code")
    )


def newest_findings(rows: Iterable[HotSpot]) -> Mapping[int, Finding]:
    """Return the newest finding of each hot spot."""
    found = Finding.objects.filter(spot__in=list(rows)).select_related("run").order_by("run__day")
    return {finding.spot_id: finding for finding in found}


@dataclass(frozen=True, slots=True)
class BeforeAfter:
    """The median increment before and after a day, each with its passes, vehicles and days."""

    since: date
    before: float | None
    after: float | None
    before_n: tuple[int, int, int]
    after_n: tuple[int, int, int]


def before_after(rows: Iterable[SpotPass], finding: Finding, since: date) -> BeforeAfter:
    """Compare the passes in the active hours before and from *since* on."""
    active = [row for row in rows if finding.first_hour <= in_city(row.at).hour < finding.end_hour]
    parts = [row for row in active if row.day < since], [row for row in active if row.day >= since]

    def told(part: list[SpotPass]) -> tuple[float | None, tuple[int, int, int]]:
        middle = round(median(r.increment for r in part), 1) if part else None
        return middle, (len(part), len({r.device for r in part}), len({r.day for r in part}))

    (before, before_n), (after, after_n) = told(parts[0]), told(parts[1])
    return BeforeAfter(since, before, after, before_n, after_n)


def pass_chart(rows: Iterable[SpotPass], *, since: date | None = None) -> dict[str, Any]:
    """Return the passes as the chart draws them: points, the day from which they are re-checked."""
    by_time = sorted(rows, key=lambda r: r.at)

    def at(when: datetime) -> int:
        return round(when.timestamp() * 1000)

    points = [[at(r.at), f"{r.increment:.1f}", ""] for r in by_time]
    base = [[at(r.at), f"{r.background:.1f}", ""] for r in by_time]
    return {
        "title": _("PM10 增量"),
        "unit": "μg/m³",
        "gap_minutes": 240,
        "limit": {"value": parameters("recheck")["below_ugm3"], "standard": _("复核标准")},
        "series": [
            {"name": _("PM10 增量"), "points": points, "dots": True},
            {"name": _("背景"), "points": base},
        ],
        "marks": [{"at": at(day_of(since).start), "label": _("整改后")}] if since else [],
    }
