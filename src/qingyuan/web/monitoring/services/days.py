"""Hold the mean of a day against the daily limits of outfalls, once the day is over."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, datetime

from django.db import transaction
from django.db.models import Q

from qingyuan.core.factors import factor as factor_of
from qingyuan.core.periods import day_of
from qingyuan.core.quantities import exceedance_multiple, plain, round_gbt8170
from qingyuan.readings.means import Mean
from qingyuan.store.observations import Observations
from qingyuan.web.monitoring.selectors.rules import rules_for
from qingyuan.web.monitoring.services.findings import LEVELS
from qingyuan.web.registry.models import Device, OutfallLimit
from qingyuan.web.signals import services as signals
from qingyuan.web.signals.models import Signal

__all__ = ["judge_day"]

Series = tuple[str, str]


def judge_day(observations: Observations, *, day: date, at: datetime) -> list[Signal]:
    """Raise a signal for each outfall whose mean of *day* is beyond its daily limit (日均超标).

    A day without enough valid hours is not judged (`readings` rules), nor a value in another unit
    than its limit. Judging a day again finds the same rows and changes nothing.

    Returns
    -------
    list of Signal
        The new ones.
    """
    limits = _daily_limits(day)
    rules = rules_for(day)
    raised = []
    for interval_s, stations in _by_interval(limits).items():
        means = observations.means(
            sorted(stations),
            sorted({factor for station, factor in limits if station in stations}),
            day_of(day),
            step="day",
            interval_s=interval_s,
            rule=rules.validity,
        )
        with transaction.atomic():
            for mean in means:
                limit = limits.get((mean.station, mean.factor))
                if limit is not None and mean.is_valid:
                    raised += _hold(mean, limit, at=at, rule=f"{rules.id}/daily")
    return raised


def _daily_limits(day: date) -> dict[Series, OutfallLimit]:
    """Return the limits in force that a device reports on, in the unit it sends."""
    sent = {
        (d.station, factor): unit
        for d in Device.objects.filter(active=True, station__startswith="outfall:")
        for factor, unit in d.factors.items()
    }
    rows = OutfallLimit.objects.filter(
        Q(valid_to=None) | Q(valid_to__gt=day), averaging="daily", valid_from__lte=day
    ).order_by("limit")
    found: dict[Series, OutfallLimit] = {}
    for row in rows:
        key = (f"outfall:{row.outfall_id}", row.factor)
        if sent.get(key, "").casefold() == row.unit.casefold():
            found.setdefault(key, row)  # the strictest of several
    return found


def _by_interval(limits: dict[Series, OutfallLimit]) -> dict[int, set[str]]:
    stations = {station for station, _ in limits}
    groups: dict[int, set[str]] = defaultdict(set)
    for station, seconds in Device.objects.filter(active=True, station__in=stations).values_list(
        "station", "interval_s"
    ):
        groups[seconds].add(station)
    return groups


def _hold(mean: Mean, limit: OutfallLimit, *, at: datetime, rule: str) -> list[Signal]:
    if mean.value <= limit.limit:
        signals.clear_matching(
            station=mean.station,
            kind="exceedance",
            factor=mean.factor,
            rule=rule,
            at=at,
            reason="日均值恢复正常",
        )
        return []
    multiple = exceedance_multiple(mean.value, limit.limit)
    level = rules_for(mean.period.start).level_of(multiple)
    observed = signals.observe(
        finding=signals.Finding(
            kind="exceedance",
            rule=rule,
            station=mean.station,
            factor=mean.factor,
            unit=limit.unit,
            value=mean.value,
            value_text=plain(round_gbt8170(mean.value, factor_of(mean.factor).decimals)),
            limit=limit.limit,
            limit_text=f"≤{plain(limit.limit)} {limit.unit}",
            multiple=multiple,
            clause=f"{limit.standard} {limit.level}（日均值限值）",
            note=f"有效小时 {mean.count} 个的日均值。",
            level=LEVELS.get(level, 4),
            first_at=mean.period.start,
            last_at=mean.period.end,
            finder="monitoring",
        ),
        at=at,
    )
    return [observed.signal] if observed.new else []
