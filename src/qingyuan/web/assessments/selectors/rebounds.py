"""Rebound (反弹): a month's particulates of districts against the same month a year before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.db.models import QuerySet

from qingyuan.readings.periods import figures_of, span_of
from qingyuan.scoring import Rebound, rebound_ranking
from qingyuan.standards.air_periods import PeriodRules, period_rules_at
from qingyuan.store.observations import Observations
from qingyuan.web.accounts.scope import Scope
from qingyuan.web.assessments.models import Interview
from qingyuan.web.assessments.selectors.air import figure_link
from qingyuan.web.assessments.selectors.hours import days_of_place
from qingyuan.web.assessments.selectors.places import Place, places

__all__ = ["ITEMS", "RULE", "Ranked", "grounds_of", "interviews", "ranking"]

ITEMS = ("pm10", "pm25")
RULE = 3  # districts that rebound most are asked in: the city's own practice, not a clause


@dataclass(frozen=True, slots=True)
class Ranked:
    """One district's row of the evidence table (约谈依据)."""

    place: Place
    rebound: Rebound
    due: bool
    link: str
    link_before: str


def interviews(scope: Scope) -> QuerySet[Interview]:
    """Return the interviews of districts a person may see, the newest first."""
    return (
        Interview.objects.filter(scope.by_district("district_id"))
        .select_related("district", "recorded_by")
        .defer("district__wkb")
        .order_by("-held_on", "-pk")
    )


def _year_before(day: date) -> date:
    leap = day.month == 2 and day.day == 29
    return day.replace(year=day.year - 1, day=28 if leap else day.day)


def ranking(
    store: Observations, scope: Scope, *, item: str, first: date, last: date
) -> tuple[Sequence[Ranked], PeriodRules]:
    """Return the districts, the worst rebound first, both years under this month's rule set."""
    rules = period_rules_at(first)
    held = {p.code: p for p in places(scope) if p.kind == "district"}
    then = _year_before(first), _year_before(last)
    figures: dict[str, tuple[Decimal | None, Decimal | None]] = {
        code: (
            _mean(store, place, item, first, last, rules),
            _mean(store, place, item, *then, rules),
        )
        for code, place in held.items()
    }
    found = rebound_ranking(figures)
    return [
        Ranked(
            held[one.district],
            one,
            one.rebounds and one.rank is not None and one.rank <= RULE,
            figure_link("air-period", kind="district", code=one.district, first=first, last=last),
            figure_link(
                "air-period", kind="district", code=one.district, first=then[0], last=then[1]
            ),
        )
        for one in found
    ], rules


def _mean(
    store: Observations, place: Place, item: str, first: date, last: date, rules: PeriodRules
) -> Decimal | None:
    days = days_of_place(store, place, first, last, rules=rules)
    if days is None:
        return None
    one = rules.statistics[item]
    span = span_of(first, last + timedelta(days=1))
    units = int(figures_of(days, span, rules=rules).means[item].rounded(one.places)[0])
    return None if units < 0 else Decimal(units).scaleb(-one.places)


def grounds_of(ranked: Sequence[Ranked], *, rules: PeriodRules) -> Mapping[str, object]:
    """Return the evidence table as it is frozen with an interview."""
    return {
        "rule_set": rules.id,
        "rule": f"同比反弹且反弹幅度居前 {RULE} 位 / rebounds, among the {RULE} that rebound most",
        "rows": [
            {
                "district": r.place.code, "name": r.place.name, "this": _text(r.rebound.this),
                "last": _text(r.rebound.last), "rate_percent": _text(r.rebound.rate_percent),
                "rank": r.rebound.rank, "due": r.due,
            }
            for r in ranked
        ],
    }  # fmt: skip


def _text(value: Decimal | None) -> str | None:
    return None if value is None else str(value)
