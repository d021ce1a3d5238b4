"""Progress against the year's targets of air (目标进度): so far, what is left, how likely a miss is."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from django.db.models import Q

from qingyuan.scoring import (  # fmt: skip
    Budget,
    DaysBudget,
    Forecast,
    daily_index,
    days_budget,
    forecast_mean,
    mean_budget,
)
from qingyuan.standards.air_periods import period_rules_at
from qingyuan.store.observations import Observations
from qingyuan.web.accounts.scope import Scope
from qingyuan.web.assessments.selectors.air import figure_link
from qingyuan.web.assessments.selectors.hours import days_of_place
from qingyuan.web.assessments.selectors.places import Place, place_of
from qingyuan.web.registry import selectors as registry
from qingyuan.web.registry.models import AirTarget

__all__ = ["Progress", "in_force", "progress_of", "targets"]

_SEED = 1


@dataclass(frozen=True, slots=True)
class Progress:
    """One target and where it stands (目标进度)."""

    target: AirTarget
    place: Place
    first: date
    last: date
    so_far: str
    budget: Budget | DaysBudget | None
    forecast: Forecast | None
    link: str

    @property
    def state(self) -> str:
        """``met``, ``missed`` or ``open``; empty without data."""
        return self.budget.state if self.budget else ""

    @property
    def is_days(self) -> bool:
        """Whether good days are counted."""
        return self.target.item == AirTarget.Item.GOOD

    @property
    def affordable(self) -> float | int | None:
        """What the remaining days can afford: a mean, or how many bad days."""
        if isinstance(self.budget, DaysBudget):
            return self.budget.affordable
        left = self.budget.affordable if self.budget else None
        return None if left is None else max(0.0, float(left))

    @property
    def warns(self) -> bool:
        """Whether the year is likely to miss, or bad days come faster than can be afforded."""
        if self.state == "missed":
            return True
        if isinstance(self.budget, DaysBudget):
            bad, left = self.budget.done - self.budget.good, self.budget.remaining
            return bool(self.budget.done) and Fraction(bad * left, self.budget.done) > self.budget.affordable  # fmt: skip
        return bool(self.forecast and self.forecast.miss is not None and self.forecast.miss >= 0.5)


def targets(scope: Scope) -> Iterable[AirTarget]:
    """Return the targets of the places a person may see, the newest first."""
    seen = Q(district=None, station=None) if scope.city else Q(pk__in=[])
    seen |= scope.by_district("district_id") & Q(district__isnull=False)
    seen |= Q(station__in=registry.air_stations(scope).values("code"))
    return (
        AirTarget.objects.filter(seen)
        .select_related("district", "station")
        .defer("district__wkb")
        .order_by("-year", "district_id", "station_id", "item", "-valid_from")
    )


def in_force(found: Iterable[AirTarget], *, on: date) -> list[AirTarget]:
    """Return of each place and item the target that holds on a day."""
    held: dict[tuple[str | None, str | None, str], AirTarget] = {}
    for one in found:
        if one.year != on.year or one.valid_from > on:
            continue
        key = (one.district_id, one.station_id, one.item)
        if key not in held or held[key].valid_from < one.valid_from:
            held[key] = one
    return list(held.values())


def _place(scope: Scope, target: AirTarget) -> Place | None:
    if target.station_id:
        return place_of(scope, "station", target.station_id)
    if target.district_id:
        return place_of(scope, "district", target.district_id)
    held = registry.city()
    return place_of(scope, "city", held.code) if held else None


def progress_of(
    store: Observations, scope: Scope, target: AirTarget, *, until: date
) -> Progress | None:
    """Return where a target stands after *until*; None for a place without stations."""
    place = _place(scope, target)
    if place is None:
        return None
    first, end = date(target.year, 1, 1), date(target.year, 12, 31)
    last = min(until, end)
    link = figure_link("air-period", kind=place.kind, code=place.code, first=first, last=last)
    rules = period_rules_at(last)
    days = days_of_place(store, place, first, last, rules=rules)
    remaining = (end - last).days
    if days is None:
        return Progress(target, place, first, last, "", None, None, "")
    if target.item == AirTarget.Item.GOOD:
        index = daily_index(days)
        done = int(index.is_published[0].sum())
        good = int((index.is_published[0] & (index.aqi[0] <= rules.good_aqi)).sum())
        counted = days_budget(good=good, done=done, remaining=remaining, target_percent=target.value)  # fmt: skip
        share = f"{round(Fraction(100 * good, done) * 10) / 10:.1f}" if done else ""
        return Progress(target, place, first, last, share, counted, None, link)
    values = {}
    for n in range(days.length):
        exact = days.values[target.item].fraction((0, n))
        if exact is not None:
            values[first + timedelta(days=n)] = exact
    places = rules.statistics[target.item].places
    budget = mean_budget(
        list(values.values()), remaining=remaining, target=target.value, places=places
    )
    so_far = "" if budget.so_far is None else str(Decimal(round(budget.so_far * 10**places)).scaleb(-places))  # fmt: skip
    forecast = _forecast(store, place, target, values, first, last, budget)
    return Progress(target, place, first, last, so_far, budget, forecast, link)


def _forecast(
    store: Observations, place: Place, target: AirTarget, values: dict[date, Fraction],
    first: date, last: date, budget: Budget,
) -> Forecast | None:  # fmt: skip
    """Return a band from the year before; without one there is none, for a season is not its neighbour."""
    before = date(first.year - 1, 1, 1)
    rules = period_rules_at(last)
    past = days_of_place(store, place, before, first - timedelta(days=1), rules=rules)
    remaining = [last + timedelta(days=n + 1) for n in range((date(first.year, 12, 31) - last).days)]  # fmt: skip
    if past is None or not remaining:
        return None
    history = {}
    for n in range(past.length):
        exact = past.values[target.item].fraction((0, n))
        if exact is not None:
            history[before + timedelta(days=n)] = float(exact)
    found = forecast_mean(
        history, {day: float(v) for day, v in values.items()}, remaining=remaining, seed=_SEED,
        target=float(budget.edge),
    )  # fmt: skip
    return found if found.middle is not None else None
