"""The data-quality inspection (数据质量检查): from a station's rows to one signal for each doubt.

Every night each station is inspected in a job of its own, at a priority below everything a person
waits for. A doubt folds onto the signal of the same station, factor and check whose window it
overlaps, whatever became of that signal: what was ruled out is not raised again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from pathlib import Path

import numpy as np
from django.conf import settings
from django.db import transaction
from django.db.models import F
from procrastinate.contrib.django import app as jobs

from qingyuan.core.periods import Period, city_date, day_of
from qingyuan.readings.integrity import (
    Doubt,
    ManualSample,
    Rules,
    Series,
    Site,
    inspect,
    rules_at,
    series_of,
    words_of,
)
from qingyuan.store.observations import Observations
from qingyuan.web.registry.models import Device, OutfallLimit
from qingyuan.web.signals.models import IntegrityNight, IntegrityRecord, Signal
from qingyuan.web.signals.services.finding import Finding
from qingyuan.web.signals.services.observing import Observed, observe
from qingyuan.web.signals.words import shown

__all__ = [
    "TASK",
    "begin_night",
    "inspect_station",
    "know_manual_samples",
    "know_stops",
    "record_doubt",
]

TASK = "signals.inspect_station"
_PRIORITY = -10
_SOURCES = (("hist", "Avg"), ("2061", "Avg"))  # the later of two for one hour counts
_LOADS = frozenset({"w00000", "w01018", "w21003"})  # factors whose Cou a relation needs
_STEP_S = 3600

Stops = Callable[[str, Period], Sequence[Period]]
Samples = Callable[[str, Period], Sequence[ManualSample]]
_stops: list[Stops] = []
_samples: list[Samples] = []


def know_stops(source: Stops) -> None:
    """Register who knows when a station's enterprise declared to stand still (申报停产)."""
    _stops.append(source)


def know_manual_samples(source: Samples) -> None:
    """Register who knows laboratory values of a station (手工监测)."""
    _samples.append(source)


@lru_cache(maxsize=2)
def _store(folder: Path) -> Observations:
    return Observations(folder)


@transaction.atomic
def begin_night(*, at: datetime) -> IntegrityNight | None:
    """Enqueue the inspection of every active station, once a city day; None if that was done."""
    stations = sorted(set(Device.objects.filter(active=True).values_list("station", flat=True)))
    night, new = IntegrityNight.objects.get_or_create(
        day=city_date(at), defaults={"begun_at": at, "stations": len(stations)}
    )
    if not new:
        return None
    task = jobs.configure_task(TASK, allow_unknown=True, priority=_PRIORITY, queue="default")
    for station in stations:
        task.defer(station=station, day=night.day.isoformat())
    return night


def inspect_station(station: str, *, until: datetime, at: datetime) -> list[Observed]:
    """Inspect one station's hourly rows up to *until*, raise its doubts and count it for the night.

    Returns
    -------
    list of Observed
        One for each doubt, on a new signal or on one that was there.
    """
    day = city_date(until)
    rules = rules_at(day)
    end = day_of(day).start
    period = Period(end - timedelta(days=rules.past_days + rules.window_days), end)
    site = _site(station, period, rules)
    told = inspect(site, rules=rules) if site else []
    with transaction.atomic():
        found = [record_doubt(doubt, rules=rules, at=at) for doubt in told]
        IntegrityNight.objects.filter(day=day).update(
            inspected=F("inspected") + 1,
            without_past=F("without_past") + (0 if site and _has_past(site, rules) else 1),
            told=F("told") + sum(one.new for one in found),
        )
    return found


def _has_past(site: Site, rules: Rules) -> bool:
    least = rules.least_days * 86400 / _STEP_S / 2
    return any(
        int((~np.isnan(s.values[: site.window.start])).sum()) >= least for s in site.series.values()
    )


def _site(station: str, period: Period, rules: Rules) -> Site | None:
    """Read a station's hours from the store; None when it has none."""
    store = _store(settings.FOLDER.store)
    units: dict[str, str] = {}
    for factors in Device.objects.filter(station=station).values_list("factors", flat=True):
        units |= factors
    series: dict[str, Series] = {}
    for factor, unit in sorted(units.items()):
        rows = [
            row
            for cn, suffix in _SOURCES
            for row in _rows(store, station, factor, period, cn=cn, suffix=suffix)
        ]
        if rows:
            series[factor] = series_of(
                rows, factor=factor, period=period, step_s=_STEP_S, unit=unit
            )
        if factor in _LOADS and station.startswith("outfall:"):
            totals = _rows(store, station, factor, period, cn="2061", suffix="Cou")
            if totals:
                code = f"{factor}.Cou"
                series[code] = series_of(totals, factor=code, period=period, step_s=_STEP_S)
    if not series:
        return None
    steps = int(period.length.total_seconds()) // _STEP_S
    return Site(
        station,
        series,
        slice(steps - rules.window_days * 86400 // _STEP_S, steps),
        limits=_limits(station, units, period),
        stops=[stop for source in _stops for stop in source(station, period)],
        manual=[sample for source in _samples for sample in source(station, period)],
    )


def _rows(
    store: Observations, station: str, factor: str, period: Period, *, cn: str, suffix: str
) -> list[tuple[datetime, str, str]]:
    table = store.series(station, factor, period, cn=cn, suffix=suffix)
    columns = (table.column(name).to_pylist() for name in ("time", "text", "flag"))
    return list(zip(*columns, strict=True))


def _limits(station: str, units: Mapping[str, str], period: Period) -> dict[str, float]:
    """Return the least limit of each factor in force at the end, in the unit that is sent."""
    kind, _, code = station.partition(":")
    found: dict[str, float] = {}
    if kind != "outfall":
        return found
    day = city_date(period.end - timedelta(days=1))
    for row in OutfallLimit.objects.filter(outfall_id=code, valid_from__lte=day):
        if (row.valid_to is None or day < row.valid_to) and row.unit == units.get(row.factor):
            found[row.factor] = min(found.get(row.factor, float("inf")), float(row.limit))
    return found


@transaction.atomic
def record_doubt(doubt: Doubt, *, rules: Rules, at: datetime) -> Observed:
    """Raise the signal of a doubt, or renew the one whose window it overlaps."""
    kind, _, code = doubt.station.partition(":")
    same = (
        IntegrityRecord.objects.select_for_update()
        .filter(
            check_kind=doubt.kind,
            signal__object_kind=kind,
            signal__object_code=code,
            signal__factor=doubt.factor,
            start__lte=doubt.period.end,
            end__gte=doubt.period.start,
        )
        .select_related("signal")
        .order_by("pk")
        .first()
    )
    if same is not None and not same.signal.active:
        return Observed(same.signal, new=False)  # judged already; its window does not come back
    rule = same.signal.rule if same else f"{rules.id}/{doubt.kind}/{city_date(doubt.period.start)}"
    observed = observe(finding=_finding(doubt, rule=rule, rules=rules), at=at)
    IntegrityRecord.objects.update_or_create(
        signal=observed.signal,
        defaults={
            "check_kind": doubt.kind,
            "start": doubt.period.start,
            "end": doubt.period.end,
            "bits": doubt.bits,
            "document": doubt.as_json(),
            "rules": rules.id,
            "found_at": at,
        },
    )
    return observed


def _finding(doubt: Doubt, *, rule: str, rules: Rules) -> Finding:
    words = words_of(doubt.kind, shown(doubt.values))
    return Finding(
        kind=Signal.Kind.INTEGRITY,
        rule=rule,
        station=doubt.station,
        factor=doubt.factor,
        first_at=doubt.period.start,
        last_at=doubt.period.end,
        finder="integrity",
        value=Decimal(f"{doubt.statistic:.6g}"),
        value_text="",
        clause=doubt.clause or f"{rules.id}（{rules.mark.partition(' / ')[0]}）",
        note=f"{words.title}：{words.sentence}"[:400],
        count=max(1, doubt.count),
        episode=f"{doubt.station}|{doubt.factor}|{rule}"[:160],
    )
