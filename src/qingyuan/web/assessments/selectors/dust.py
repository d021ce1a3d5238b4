"""Sand-dust (沙尘): hours the rule proposes, beside what people decided about them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from django.db.models import QuerySet

from qingyuan.readings.dust import DustProposal, propose_dust
from qingyuan.readings.periods import Hours, days_of, figures_of, mask_of, span_of
from qingyuan.standards.air_periods import period_rules_at
from qingyuan.store.observations import Observations
from qingyuan.web.accounts.scope import Scope
from qingyuan.web.assessments.models import DustDecision
from qingyuan.web.assessments.selectors.exclusions import confirmed
from qingyuan.web.assessments.selectors.hours import hours_between
from qingyuan.web.assessments.selectors.places import stations
from qingyuan.web.registry import selectors as registry
from qingyuan.web.registry.models import AirStation

__all__ = ["Compared", "Proposed", "compared", "decisions", "proposals"]


@dataclass(frozen=True, slots=True)
class Proposed:
    """Hours at one station that look like sand-dust, with the hours themselves and any decision."""

    station: AirStation
    proposal: DustProposal
    hours: int
    peak: str
    before: str
    decision: DustDecision | None


@dataclass(frozen=True, slots=True)
class Compared:
    """One station's mean with all hours and without the confirmed ones."""

    station: AirStation
    item: str
    with_dust: str
    without: str
    hours: int


def decisions(scope: Scope) -> QuerySet[DustDecision]:
    """Return the decisions about stations a person may see, the newest first."""
    return (
        DustDecision.objects.filter(station__in=registry.air_stations(scope).values("code"))
        .select_related("station", "decided_by", "withdrawn_by")
        .order_by("-decided_at", "-pk")
    )


def _column(hours: Hours, row: int, series: str) -> list[Decimal | None]:
    places = hours.decimals[series]
    flat = hours.values[series][row].reshape(-1)
    return [None if units < 0 else Decimal(int(units)).scaleb(-places) for units in flat]


def proposals(store: Observations, scope: Scope, *, first: date, last: date) -> list[Proposed]:
    """Return what the rule proposes on whole days, both inside, the newest first."""
    seen = {s.code: s for s in stations(scope)}
    hours = hours_between(store, list(seen), first, last)
    if hours is None:
        return []
    decided = [d for d in decisions(scope) if d.withdrawn_at is None]
    found = []
    for row, code in enumerate(hours.stations):
        pm10, pm25 = _column(hours, row, "pm10"), _column(hours, row, "pm25")
        held = propose_dust(code, hours.label(0, 0), pm10, pm25, at=first)
        found += [_proposed(seen[code], one, decided) for one in held]
    return sorted(found, key=lambda p: (p.proposal.period.start, p.station.code), reverse=True)


def _proposed(station: AirStation, one: DustProposal, decided: Sequence[DustDecision]) -> Proposed:
    length = int((one.period.end - one.period.start) / timedelta(hours=1))
    match = next(
        (
            d
            for d in decided
            if d.station_id == station.code
            and d.from_at < one.period.end
            and d.to_at > one.period.start
        ),
        None,
    )
    return Proposed(station, one, length, f"{one.peak:.0f}", f"{float(one.before):.0f}", match)


def compared(store: Observations, scope: Scope, *, first: date, last: date) -> list[Compared]:
    """Return the means of PM10 and PM2.5 with and without confirmed hours, where there are any."""
    seen = {s.code: s for s in stations(scope)}
    out = confirmed(list(seen), first, last)
    touched = sorted({code for one in out for code in one.stations})
    hours = hours_between(store, touched, first, last) if touched else None
    if hours is None:
        return []
    rules, span = period_rules_at(first), span_of(first, last + timedelta(days=1))
    mask = mask_of(out, hours)
    whole = figures_of(days_of(hours, rules=rules), span, rules=rules)
    parted = figures_of(days_of(hours, rules=rules, without=mask), span, rules=rules)
    return [
        Compared(
            seen[code],
            {"pm10": "PM10", "pm25": "PM2.5"}.get(item, item),
            _shown(whole.means[item].fraction(row)),
            _shown(parted.means[item].fraction(row)),
            int(mask[item][row].sum()),
        )
        for row, code in enumerate(hours.stations)
        for item in rules.dust_items
    ]


def _shown(value: Fraction | None) -> str:
    return "" if value is None else str(round(value))
