"""The section board (断面评价板): classes of means so far, targets, budgets and forecasts.

The mean of a month is that of its valid daily means, unrounded (环办〔2011〕22号); today takes no part
until it is over.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import lru_cache
from urllib.parse import urlencode

from django.urls import reverse

from qingyuan.core.factors import factor as factor_of
from qingyuan.core.periods import Period, city_date, day_of
from qingyuan.core.problems import Problem
from qingyuan.readings.means import Mean
from qingyuan.readings.periods import Sampling, SectionMeans, section_means
from qingyuan.scoring import Budget, Forecast, forecast_mean, mean_budget
from qingyuan.standards import water
from qingyuan.standards.limits import Limit
from qingyuan.store.observations import Observations
from qingyuan.web.accounts.scope import Scope
from qingyuan.web.assessments.selectors.hours import files_of
from qingyuan.web.registry import selectors as registry
from qingyuan.web.registry.models import Section
from qingyuan.web.registry.models.geometry import in_language

__all__ = ["FACTORS", "Item", "SectionRow", "day_values", "judged", "means_of", "section_row", "section_rows"]  # fmt: skip

FACTORS = ("w01001", "w01009", "w01019", "w21003", "w21011")  # what the online class is made of
_HISTORY_DAYS = 60
_SEED = 1
Held = Mapping[date, Mapping[str, Mean]]


@dataclass(frozen=True, slots=True)
class Item:
    """One item of a section against the limit of its target, with what is left (余量)."""

    code: str
    name: str
    unit: str
    mean: Decimal
    cls: str
    limit: Limit
    multiple: Decimal | None
    budget: Budget
    forecast: Forecast | None = None
    is_recent: bool = False  # the forecast rests on the weeks before, for want of former years

    @property
    def pressure(self) -> float:
        """How near the limit the mean so far is; above one it is beyond."""
        if self.limit.bound == "max":
            return float(self.mean / self.limit.value)
        return float(self.limit.value / self.mean) if self.mean else 9.0

    @property
    def affordable(self) -> float | None:
        """The mean the remaining days can afford, never below nothing."""
        left = self.budget.affordable
        return None if left is None else max(0.0, float(left))

    @property
    def miss(self) -> float | None:
        """The probability of missing; certain once nothing can change it."""
        if self.budget.state != "open":
            return 1.0 if self.budget.state == "missed" else 0.0
        return self.forecast.miss if self.forecast else None


@dataclass(frozen=True, slots=True)
class SectionRow:
    """One section over one month (一断面一月)."""

    section: Section
    target: str
    water_class: str
    meets: bool | None
    over: tuple[Item, ...]
    items: tuple[Item, ...]
    days: int
    remaining: int
    rule_set: str
    link: str

    @property
    def tightest(self) -> Item | None:
        """The item that decides whether the target can still be met."""
        return max(self.items, key=lambda i: (i.budget.state == "missed", i.pressure), default=None)

    @property
    def miss(self) -> float | None:
        """The largest probability of missing among the items."""
        known = [i.miss for i in self.items if i.miss is not None]
        return max(known, default=None)

    @property
    def warns(self) -> bool:
        """Whether the month is likely to miss its target."""
        return self.miss is not None and self.miss >= 0.5


def day_values(store: Observations, codes: Sequence[str], first: date, last: date) -> Mapping[str, Held]:  # fmt: skip
    """Return valid daily means by section, day and factor."""
    if last < first or not codes:
        return {}
    period = Period(day_of(first).start, day_of(last).end)
    return _days(store, tuple(sorted(codes)), first, last, files_of(store, period))


@lru_cache(maxsize=16)
def _days(
    store: Observations, codes: tuple[str, ...], first: date, last: date, files: tuple[str, ...]
) -> Mapping[str, Held]:
    if not files:
        return {}
    found: dict[str, dict[date, dict[str, Mean]]] = defaultdict(lambda: defaultdict(dict))
    period = Period(day_of(first).start, day_of(last).end)
    wanted = [f"section:{code}" for code in codes]
    for mean in store.means(wanted, FACTORS, period, step="day"):
        if mean.is_valid:
            code = mean.station.partition(":")[2]
            found[code][city_date(mean.period.start)][mean.factor] = mean
    return dict(found)


def means_of(code: str, held: Held) -> SectionMeans | None:
    """Return the month's means of a section from its days; None without any."""
    days = [
        Sampling(code, day, {factor: mean.value for factor, mean in values.items()})
        for day, values in sorted(held.items())
    ]
    found = section_means(days, kind="month")
    return found[0] if found else None


def judged(section: Section, means: SectionMeans, *, at: date) -> water.SectionClass:
    """Return the class of a section's means by the rules of a date."""
    return water.evaluate(
        means.values, at=at, water_type=section.water_type, target=section.target_on(at) or "Ⅲ"
    )


def section_rows(
    store: Observations, scope: Scope, *, first: date, last: date, end: date
) -> list[SectionRow]:
    """Return every section's month from *first* to *last*, of a month that ends with *end*."""
    seen = list(registry.sections(scope))
    held = day_values(store, [s.code for s in seen], first, last)
    earlier = day_values(
        store, [s.code for s in seen], first - timedelta(days=_HISTORY_DAYS), first - timedelta(days=1)
    ) if last < end else {}  # fmt: skip
    return [_row(s, held.get(s.code, {}), earlier.get(s.code, {}), first, last, end) for s in seen]


def section_row(
    store: Observations, section: Section, *, first: date, last: date, end: date
) -> SectionRow:
    """Return one section's month, with the forecast resting on as long a history as there is."""
    held = day_values(store, [section.code], first, last)
    since = first.replace(year=first.year - 3)
    earlier = day_values(store, [section.code], since, first - timedelta(days=1))
    return _row(
        section, held.get(section.code, {}), earlier.get(section.code, {}), first, last, end
    )


def _row(section: Section, held: Held, earlier: Held, first: date, last: date, end: date) -> SectionRow:  # fmt: skip
    target = section.target_on(last) or "Ⅲ"
    remaining = [last + timedelta(days=n + 1) for n in range((end - last).days)]
    means = means_of(section.code, held)
    link = f"{reverse('figure', args=['water-period'])}?{urlencode({'code': section.code, 'first': first, 'last': last})}"
    if means is None:
        return SectionRow(section, target, "", None, (), (), 0, len(remaining), "", link)
    found = judged(section, means, at=last)
    items = tuple(
        item
        for code in FACTORS[1:]  # pH has a range, and no budget
        if (item := _item(section, code, target, means, held, earlier, remaining, last)) is not None
    )
    multiples = {o.factor: o.multiple for o in found.over}
    return SectionRow(
        section=section,
        target=target,
        water_class=found.cls or "",
        meets=None if found.cls is None else not found.over,
        over=tuple(i for i in items if i.code in multiples),
        items=items,
        days=len(held),
        remaining=len(remaining),
        rule_set=found.rule_set,
        link=link,
    )


def _item(
    section: Section, code: str, target: str, means: SectionMeans, held: Held, earlier: Held,
    remaining: Sequence[date], last: date,
) -> Item | None:  # fmt: skip
    if code not in means.values:
        return None
    try:
        limit = water.limit(code, target, at=last, water_type=section.water_type)
    except Problem:  # the standard sets none for this item in this kind of water
        return None
    values = {day: row[code].value for day, row in held.items() if code in row}
    budget = mean_budget(
        list(values.values()), remaining=len(remaining), target=limit.value, bound=limit.bound
    )
    history = {day: float(row[code].value) for day, row in earlier.items() if code in row}
    forecast, is_recent = _forecast(history, values, remaining, limit)
    mean = means.values[code]
    known = factor_of(code)
    return Item(
        code=code,
        name=in_language(known.zh, known.en),
        unit=limit.unit or known.unit,
        mean=mean,
        cls=water.class_of(code, mean, at=last, water_type=section.water_type),
        limit=limit,
        multiple=None if limit.allows(mean) else limit.multiple(mean),
        budget=budget,
        forecast=forecast,
        is_recent=is_recent,
    )


def _forecast(
    history: Mapping[date, float], values: Mapping[date, Decimal], remaining: Sequence[date], limit: Limit
) -> tuple[Forecast | None, bool]:  # fmt: skip
    """Return the band from former years; for want of them from the weeks before, and which it was."""
    if not remaining:
        return None, False
    so_far = {day: float(value) for day, value in values.items()}
    target = float(limit.value)
    found = forecast_mean(
        history, so_far, remaining=remaining, seed=_SEED, target=target, bound=limit.bound
    )
    if found.middle is not None:
        return found, False
    near = forecast_mean(
        history, so_far, remaining=remaining, seed=_SEED, target=target, bound=limit.bound,
        window=_HISTORY_DAYS, at_least=20,
    )  # fmt: skip
    return (near, True) if near.middle is not None else (None, False)
