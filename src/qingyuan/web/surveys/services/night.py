"""The night's run (夜间分析): a window of fixes becomes hot spots, stretches' days, vehicles' health.

Deterministic: the same fixes, roads and seed give the same rows. Done again, it replaces what the
run of that day wrote; later runs are not touched.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from math import isfinite
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from django.conf import settings
from django.db import transaction
from procrastinate.contrib.django import app as jobs

import qingyuan
from qingyuan import hotspots
from qingyuan.core.periods import Period, city_date, day_of, in_city
from qingyuan.core.problems import Problem
from qingyuan.hotspots.fixes import rejected_counts
from qingyuan.store.fixes import Fixes
from qingyuan.store.observations import Observations
from qingyuan.web.audit import services as audit
from qingyuan.web.audit.services import SYSTEM, Actor
from qingyuan.web.registry.models import AirStation
from qingyuan.web.surveys.models import (
    RoadNetwork,
    StretchDay,
    SurveyRun,
    VehicleDay,
)
from qingyuan.web.surveys.parameters import parameters
from qingyuan.web.surveys.services.places import keep_spots
from qingyuan.web.surveys.services.recheck import recheck_all
from qingyuan.web.surveys.services.roaddays import stretch_days_of

__all__ = ["Night", "analyse", "ask_night", "begin_nights"]

_log = logging.getLogger("qingyuan.surveys")
TASK = "surveys.analyse"
_PM10, _PM25 = "a34002", "a34004"


@dataclass(frozen=True)
class Night:
    """A survey beside what turns its numbers back into days, places and roads."""

    run: SurveyRun
    found: hotspots.Survey
    graph: hotspots.RoadGraph
    plane: hotspots.Plane
    network: RoadNetwork
    start: datetime

    def day(self, number: int) -> date:
        """Return a day of the survey."""
        return self.run.first_day + timedelta(days=int(number))

    def instant(self, seconds: float) -> datetime:
        """Return an instant of the survey, to the second."""
        return self.start + timedelta(seconds=round(seconds))

    @property
    def today(self) -> int:
        """The number of the run's own day."""
        return (self.run.day - self.run.first_day).days


@transaction.atomic
def ask_night(*, day: date, by: Actor, at: datetime, again: bool = False) -> SurveyRun | None:
    """Queue the analysis of *day*; None if it was queued or done and is not asked for again."""
    run, new = SurveyRun.objects.get_or_create(
        day=day,
        defaults={"first_day": _first(day), "asked_at": at, "asked_by": by.label},
    )
    if not new and not again:
        return None
    if not new:
        run = SurveyRun.objects.select_for_update().get(pk=run.pk)
        run.state, run.asked_at, run.asked_by = SurveyRun.State.QUEUED, at, by.label
        run.save(update_fields=["state", "asked_at", "asked_by"])
        audit.record(actor=by, deed="surveys.run_again", target=f"survey:{day}", at=at)
    jobs.configure_task(TASK, allow_unknown=True, priority=-10).defer(day=day.isoformat())
    return run


def begin_nights(*, at: datetime) -> list[SurveyRun]:
    """Queue the days that ended, hold fixes and have no run, from the appointed hour on."""
    local = in_city(at)
    last = city_date(at) - timedelta(days=1 if local.hour >= parameters("run")["hour"] else 2)
    if not RoadNetwork.objects.exists():
        return []
    oldest = last - timedelta(days=parameters("run")["forgotten_days"])
    known = set(SurveyRun.objects.filter(day__gte=oldest).values_list("day", flat=True))
    days = [d for d in Fixes(settings.FOLDER.store).days() if oldest <= d <= last]
    asked = [ask_night(day=d, by=SYSTEM, at=at) for d in days if d not in known]
    return [run for run in asked if run is not None]


def _first(day: date) -> date:
    return day - timedelta(days=int(parameters("run")["window_days"]) - 1)


def analyse(*, day: date, at: datetime) -> SurveyRun:
    """Analyse the window that ends with *day* and write what it says; a problem is kept on the run."""
    run, _ = SurveyRun.objects.get_or_create(
        day=day, defaults={"first_day": _first(day), "asked_at": at, "asked_by": SYSTEM.label}
    )
    try:
        night, version = _computed(run)
    except Problem as problem:
        _log.warning("survey_failed day=%s code=%s", day, problem.code)
        run.state, run.problem_zh, run.problem_en = SurveyRun.State.FAILED, problem.zh, problem.en
        run.finished_at = at
        run.save()
        return run
    with transaction.atomic():
        run = SurveyRun.objects.select_for_update().get(pk=run.pk)
        night = Night(run, night.found, night.graph, night.plane, night.network, night.start)
        _forget(run)
        _describe(night, version=version, at=at)
        stretch_days = stretch_days_of(night)
        StretchDay.objects.filter(day=run.day).delete()
        StretchDay.objects.bulk_create(stretch_days, batch_size=2000)
        VehicleDay.objects.filter(day=run.day).delete()
        VehicleDay.objects.bulk_create(_vehicle_days(night), batch_size=1000)
        keep_spots(night, at=at)
        recheck_all(run=run, at=at)
        audit.record(
            actor=SYSTEM, deed="surveys.analyse", target=f"survey:{day}", at=at,
            detail={"revision": run.revision, "used": run.used, "spots": run.findings.count(),
                    "network": night.network.version, "data_version": version},
        )  # fmt: skip
    return run


def _computed(run: SurveyRun) -> tuple[Night, int]:
    network = RoadNetwork.objects.order_by("-version").first()
    if network is None:
        raise Problem("surveys.no_network")
    store = Fixes(settings.FOLDER.store)
    version = store.version()
    rows = store.between(run.first_day, run.day)
    if not rows.num_rows:
        raise Problem("surveys.no_fixes", first=run.first_day, last=run.day)
    graph, plane = graph_of(network)
    start = day_of(run.first_day).start
    fixes = _fixes_of(rows, plane, start=start)
    found = hotspots.survey(fixes, graph, stations=_stations(run, plane, start), seed=run.seed)
    return Night(run, found, graph, plane, network, start), version


def graph_of(network: RoadNetwork) -> tuple[hotspots.RoadGraph, hotspots.Plane]:
    """Return a version of the network as the survey drives on it, and its plane."""
    edges = network.edges
    lon1, lat1, lon2, lat2 = (
        np.array(edges[n], dtype=np.float64) for n in ("lon1", "lat1", "lon2", "lat2")
    )
    plane = hotspots.plane_of(lon1)
    (x1, y1), (x2, y2) = plane.metres(lon1, lat1), plane.metres(lon2, lat2)
    graph = hotspots.graph_of(
        edge_id=edges["edge_id"], u=edges["u"], v=edges["v"], x1=x1, y1=y1, x2=x2, y2=y2,
        road=edges["road"], road_class=edges["road_class"],
    )  # fmt: skip
    return graph, plane


def _fixes_of(rows: pa.Table, plane: hotspots.Plane, *, start: datetime) -> hotspots.Fixes:
    coded = pc.dictionary_encode(rows.column("vehicle").combine_chunks())
    names = coded.dictionary.to_pylist()

    def column(name: str) -> Any:
        return np.array(pc.fill_null(rows.column(name), float("nan")), dtype=np.float64)

    x, y = plane.metres(column("lon"), column("lat"))
    micro = np.array(rows.column("time").cast(pa.int64()), dtype=np.int64)
    t = (micro - int(start.timestamp()) * 1_000_000) / 1e6
    return hotspots.Fixes(
        tuple(names), np.array(coded.indices, dtype=np.int64), t, x, y, column("speed_ms"),
        column("pm10"), column("pm25"), column("rh"), np.arange(rows.num_rows, dtype=np.int64),
    )  # fmt: skip


def _stations(run: SurveyRun, plane: hotspots.Plane, start: datetime) -> hotspots.Stations | None:
    """Return the valid hourly means of the fixed stations in the window; None if there are none."""
    places = {f"air:{s.code}": (s.lon, s.lat) for s in AirStation.objects.all()}
    span = Period(start, day_of(run.day).end)
    means = Observations(settings.FOLDER.store).means(sorted(places), [_PM10, _PM25], span)
    held: dict[tuple[str, float], dict[str, float]] = defaultdict(dict)
    for mean in means:
        if mean.is_valid:
            hour = (mean.period.end - start).total_seconds() / 3600
            held[mean.station, hour][mean.factor] = float(mean.value)
    rows = [(key, values) for key, values in sorted(held.items()) if _PM10 in values]
    if not rows:
        return None
    x, y = plane.metres(
        np.array([places[s][0] for (s, _), _ in rows]),
        np.array([places[s][1] for (s, _), _ in rows]),
    )
    return hotspots.Stations(
        tuple(s for (s, _), _ in rows), x, y, np.array([h for (_, h), _ in rows]),
        np.array([v[_PM10] for _, v in rows]), np.array([v.get(_PM25, np.nan) for _, v in rows]),
    )  # fmt: skip


def _forget(run: SurveyRun) -> None:
    """Take back what this run wrote before."""
    for rows in (run.findings, run.passes, run.stretch_days, run.vehicle_days, run.rechecks):
        rows.all().delete()


def _describe(night: Night, *, version: int, at: datetime) -> None:
    run, found = night.run, night.found
    of_day = (found.fixes.t // 86400).astype(np.int64) == night.today
    run.state, run.revision = SurveyRun.State.DONE, run.revision + 1
    run.problem_zh = run.problem_en = ""
    run.network, run.algorithm, run.data_version = night.network, qingyuan.__version__, version
    run.read, run.used = len(found.fixes), int((found.reason == 0).sum())
    run.fixes_of_day = int(of_day.sum())
    run.vehicles_of_day = len(np.unique(found.fixes.vehicle[of_day]))
    run.kilometres = _kilometres(night, of_day)
    run.noise_m, run.anchored = round(found.noise_m, 1), found.pm10.anchored
    run.finished_at = at
    run.save()


def _kilometres(night: Night, of_day: Any) -> float:
    """Return what was driven: steps between matched fixes of a vehicle not more than a minute apart."""
    fixes, matched = night.found.fixes, night.found.matched
    on = np.flatnonzero(of_day & (matched.edge >= 0) & (night.found.reason == 0))
    same = (np.diff(fixes.vehicle[on]) == 0) & (np.diff(fixes.t[on]) <= 60)
    step = np.hypot(np.diff(fixes.x[on]), np.diff(fixes.y[on]))
    return round(float(step[same].sum()) / 1000, 1)


def _vehicle_days(night: Night) -> list[VehicleDay]:
    found, run = night.found, night.run
    of_day = (found.fixes.t // 86400).astype(np.int64) == night.today
    read = np.bincount(found.fixes.vehicle[of_day], minlength=len(found.fixes.vehicles))
    rejected: dict[str, dict[str, int]] = defaultdict(dict)
    for row in rejected_counts(found.fixes, found.reason.astype(np.int8)):
        if row["day"] == night.today:
            rejected[str(row["vehicle_id"])][str(row["reason"])] = int(str(row["fixes"]))
    faults = {f.vehicle_id: f for f in found.faults}
    rows: list[VehicleDay] = []
    for v, device in enumerate(found.fixes.vehicles):
        if not read[v] and device not in faults:
            continue
        fit, fault = found.pm10, faults.get(device)
        known = isfinite(fit.spread[v])
        rows.append(
            VehicleDay(
                run=run, device=device, day=run.day, read=int(read[v]), rejected=rejected.get(device, {}),
                gain=_rounded(fit.gain[v], 4, known), gain_se=_rounded(fit.gain_se[v], 4, known),
                offset=_rounded(fit.offset[v], 2, known), offset_se=_rounded(fit.offset_se[v], 2, known),
                drift=_rounded(fit.drift[v], 4, known), fault=fault.fault if fault else "",
                evidence=_evidence(fault),
            )
        )  # fmt: skip
    return rows


def _evidence(fault: hotspots.Fault | None) -> Mapping[str, object]:
    if fault is None:
        return {}
    figures = {k: float(f"{v:.4g}") for k, v in fault.evidence.items()}
    return {**figures, "says": fault.says, "says_en": fault.says_en}


def _rounded(value: float, places: int, known: bool) -> float | None:
    return round(float(value), places) if known and isfinite(value) else None
