"""The figures of a campaign (统计): by district and by department, counted by the database.

Every figure has an address that shows exactly its rows to the same reader.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from datetime import datetime
from urllib.parse import urlencode

from django.db.models import Count, Q, QuerySet
from django.urls import reverse

from qingyuan.web.accounts.models import Unit
from qingyuan.web.accounts.scope import Scope
from qingyuan.web.campaigns.models import Campaign
from qingyuan.web.campaigns.selectors.sight import cases_of, sub_plans, targets, visits
from qingyuan.web.registry.models import District

__all__ = ["Figures", "Line", "figures", "frozen"]


@dataclass(frozen=True, slots=True)
class Line:
    """One row of figures: objects, visited, problems found; cases, closed, overdue.

    ``kind`` is ``district``, ``department`` or ``all``; ``key`` its code.
    """

    number: str
    kind: str
    key: str
    name: str
    quota: int = 0
    objects: int = 0
    visited: int = 0
    visits: int = 0
    problems: int = 0
    cases: int = 0
    closed: int = 0
    overdue: int = 0

    @property
    def rate(self) -> float | None:
        """Closure rate (销号率): closed cases of all cases; None without cases."""
        return self.closed / self.cases if self.cases else None

    @property
    def coverage(self) -> float | None:
        """Objects visited of objects on the list; None without objects."""
        return self.visited / self.objects if self.objects else None

    def _rows(self, route: str, **wanted: str) -> str:
        name = "district" if self.kind == "district" else "department"
        asked = wanted if self.kind == "all" else {name: self.key, **wanted}
        where = reverse(route, args=[self.number])
        return f"{where}?{urlencode(asked)}" if asked else where

    def _ledger(self, **wanted: str) -> str:
        name = "district" if self.kind == "district" else "unit"
        own = {} if self.kind == "all" else {name: self.key or "-"}
        asked = {"ledger": "all", "campaign": self.number, **own, **wanted}
        return f"{reverse('ledger')}?{urlencode(asked)}"

    @property
    def links(self) -> dict[str, str]:
        """The address of the rows behind each figure."""
        return {
            "objects": self._rows("campaign-objects"),
            "visited": self._rows("campaign-objects", standing="visited"),
            "visits": self._rows("campaign-visits"),
            "problems": self._rows("campaign-visits", result="problem"),
            "cases": self._ledger(),
            "closed": self._ledger(ledger="conclude"),
            "overdue": self._ledger(due="late"),
        }


@dataclass(frozen=True, slots=True)
class Figures:
    """All figures of a campaign as one reader sees them, at an instant."""

    whole: Line
    districts: tuple[Line, ...]
    departments: tuple[Line, ...]
    at: datetime
    frozen: bool = field(default=False)

    def as_json(self) -> dict[str, object]:
        """Return the figures as they are kept when the campaign is closed."""
        return {
            "at": self.at.isoformat(),
            "whole": asdict(self.whole),
            "districts": [asdict(line) for line in self.districts],
            "departments": [asdict(line) for line in self.departments],
        }


def frozen(campaign: Campaign, scope: Scope) -> Figures | None:
    """Return the figures as they were at the closing; whole only for who sees the whole city."""
    held = campaign.closing
    if not held:
        return None
    districts = tuple(Line(**row) for row in held["districts"])
    if not scope.city:
        districts = tuple(line for line in districts if line.key in scope.districts)
    departments = tuple(Line(**row) for row in held["departments"]) if scope.city else ()
    whole = Line(**held["whole"]) if scope.city else _sum(campaign, districts)
    return Figures(whole, districts, departments, datetime.fromisoformat(held["at"]), frozen=True)


_SUMMED = ("quota", "objects", "visited", "visits", "problems", "cases", "closed", "overdue")


def _sum(campaign: Campaign, lines: tuple[Line, ...]) -> Line:
    totals = {name: sum(getattr(line, name) for line in lines) for name in _SUMMED}
    return Line(campaign.number, "all", "", "", **totals)


def _counted(rows: QuerySet, by: str, **counts: Count) -> dict[object, dict[str, int]]:
    """Count a set of rows grouped by a column, in one query."""
    found = rows.order_by().values(by).annotate(**counts)
    return {row.pop(by): row for row in found}


def figures(campaign: Campaign, scope: Scope, *, at: datetime) -> Figures:
    """Count a campaign as one reader sees it, in six grouped queries."""
    made = Q(visits__done_at__isnull=False)
    cases = cases_of(campaign, scope).select_related(None)
    seen = visits(scope).filter(team__campaign=campaign, done_at__isnull=False)
    of_cases = {
        "cases": Count("pk"),
        "closed": Count("pk", filter=Q(ledger="conclude")),
        "overdue": Count("pk", filter=Q(closed_at=None, paused=False, due_at__lte=at)),
    }
    of_visits = {"visits": Count("pk"), "problems": Count("pk", filter=Q(result="problem"))}
    of_objects = {"objects": Count("pk", distinct=True), "visited": Count("pk", distinct=True, filter=made)}  # fmt: skip
    parts = (
        _counted(targets(campaign, scope).select_related(None), "district_id", **of_objects),
        _counted(seen.select_related(None), "target__district_id", **of_visits),
        _counted(cases, "district_id", **of_cases),
    )
    quotas = dict(sub_plans(campaign, scope).values_list("district_id", "quota"))
    names = {d.code: d.name for d in District.objects.defer("wkb").order_by("code")}
    codes = sorted({*quotas, *(key for part in parts for key in part)})
    districts = tuple(
        Line(
            campaign.number, "district", code, names.get(code, code), quota=quotas.get(code, 0),
            **{k: v for part in parts for k, v in part.get(code, {}).items()},
        )
        for code in codes
    )  # fmt: skip
    by_unit = (
        _counted(seen.select_related(None), "team__unit_id", **of_visits),
        _counted(cases, "unit_id", **of_cases),
    )
    involved = [campaign.lead_id, *campaign.joint.order_by("pk").values_list("unit_id", flat=True)]
    keys = dict.fromkeys([*(involved if scope.city else ()), *by_unit[0], *by_unit[1]])
    units = Unit.objects.in_bulk([key for key in keys if key])
    departments = tuple(
        Line(
            campaign.number, "department", units[key].code if key else "", units[key].name_zh if key else "",
            **{k: v for part in by_unit for k, v in part.get(key, {}).items()},
        )
        for key in keys
    )  # fmt: skip
    return Figures(_sum(campaign, districts), districts, departments, at)
