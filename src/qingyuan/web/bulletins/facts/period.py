"""The facts of weekly, monthly, annual, ranking and supervision bulletins (周通报、月总结…的事实)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from qingyuan.core.periods import Period, day_of
from qingyuan.host.folder import DataFolder
from qingyuan.reporting import (
    AirPeriod,
    BulletinLine,
    PeriodFacts,
    RankingFacts,
    SupervisionFacts,
)
from qingyuan.store.observations import Observations
from qingyuan.web.bulletins.facts import air, water, work
from qingyuan.web.bulletins.facts.daily import Seen, anchor_text, head, seen
from qingyuan.web.bulletins.facts.water import year_before

__all__ = ["air_period", "period_facts", "ranking_facts", "supervision_facts"]

_SPEAK = 1  # how many of the last make a statement


def _period(first: date, last: date) -> Period:
    return Period(day_of(first).start, day_of(last).end)


def air_period(store: Observations, first: date, last: date) -> AirPeriod:
    """Return the air of a period from the store, with last year under the same rules."""
    whole, districts = air.areas()
    return air.air_of(
        air.hours_between(store, first, last),
        first=first,
        last=last,
        city=whole,
        districts=districts,
        year_ago=air.hours_between(store, *year_before(first, last)),
    )


def period_facts(
    *,
    kind: str,
    first: date,
    last: date,
    at: datetime,
    folder: DataFolder,
    bulletins: Sequence[BulletinLine] = (),
) -> tuple[PeriodFacts, Seen]:
    """Return the facts of a week, a month or a year, and the state of the data they rest on."""
    store, state = seen(folder, at=at)
    sections, rules = water.section_periods(store, first, last, with_year_ago=kind != "weekly")
    found = air_period(store, first, last)
    period = _period(first, last)
    facts = PeriodFacts(
        **head().given,
        kind=kind,
        first=first,
        last=last,
        data_until=min(at, period.end),
        air=found,
        sections=sections,
        cases=work.work_cases(period, at=at),
        alarms=work.alarm_lines(period),
        bulletins=bulletins,
        rule_sets=[*rules, *found.rules],
        audit_anchor=anchor_text(folder),
    )
    return facts, state


def ranking_facts(
    *, first: date, last: date, at: datetime, folder: DataFolder
) -> tuple[RankingFacts, Seen]:
    """Return the facts of a ranking of districts."""
    store, state = seen(folder, at=at)
    facts = RankingFacts(
        **head().given,
        first=first,
        last=last,
        data_until=min(at, day_of(last).end),
        air=air_period(store, first, last),
        speak=_SPEAK,
    )
    return facts, state


def supervision_facts(
    *, first: date, last: date, at: datetime, folder: DataFolder
) -> tuple[SupervisionFacts, Seen]:
    """Return the facts of a supervision bulletin: the progress of cases."""
    period = _period(first, last)
    facts = SupervisionFacts(
        **head().given,
        first=first,
        last=last,
        data_until=min(at, period.end),
        cases=work.work_cases(period, at=at),
    )
    return facts, seen(folder, at=at)[1]
