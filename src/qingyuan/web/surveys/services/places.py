"""The same place, night after night (热点归并): what a run found becomes hot spots and their passes."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from math import isfinite
from typing import TYPE_CHECKING, Any

import numpy as np
from django.db.models import Q

from qingyuan.core.periods import city_date
from qingyuan.hotspots import Spot
from qingyuan.hotspots.answer import name_of
from qingyuan.web.registry import selectors as registry
from qingyuan.web.surveys.models import Finding, HotSpot, SpotPass, SurveyRun
from qingyuan.web.surveys.parameters import parameters
from qingyuan.web.surveys.services.roaddays import VISIT_S

if TYPE_CHECKING:
    from qingyuan.web.surveys.services.night import Night

__all__ = ["keep_spots"]

_EXHAUST = 0.4


def keep_spots(night: Night, *, at: datetime) -> None:
    """Write the run's findings; a place known before keeps its number."""
    run = night.run
    known = {spot: _xy(night, spot) for spot in _alive(run)}
    taken: set[int] = set()
    new: list[HotSpot] = []
    for spot in sorted(night.found.spots, key=lambda s: (s.p_value, s.x, s.y)):
        held = _nearest(spot, known, taken)
        if held is None:
            held = _begin(night, spot)
            new.append(held)
        else:
            _move(night, held, spot)
        taken.add(held.pk)
        Finding.objects.create(run=run, spot=held, **_said(night, spot))
    # a place that only this run's former answer knew is no place
    HotSpot.objects.filter(findings=None, case=None, slips=None).delete()
    for row in HotSpot.objects.filter(pk__in=[s.pk for s in known]).exclude(pk__in=taken):
        _settle(row)
    spots = list(_alive(run))
    SpotPass.objects.filter(day=run.day, spot__in=spots).delete()
    SpotPass.objects.bulk_create(_passes(night, spots, new), batch_size=2000)


def _alive(run: SurveyRun) -> Iterable[HotSpot]:
    """Return the places a new finding may be, and those later passes are watched for."""
    oldest = run.day - timedelta(days=int(parameters("run")["forgotten_days"]))
    return HotSpot.objects.filter(
        Q(last_day__gte=oldest) | Q(case__isnull=False), first_day__lte=run.day
    ).order_by("code")


def _xy(night: Night, spot: HotSpot) -> tuple[float, float]:
    x, y = night.plane.metres(np.array([spot.lon]), np.array([spot.lat]))
    return float(x[0]), float(y[0])


def _nearest(
    spot: Spot, known: dict[HotSpot, tuple[float, float]], taken: set[int]
) -> HotSpot | None:
    most = float(parameters("run")["same_place_m"])
    near = [
        (float(np.hypot(x - spot.x, y - spot.y)), held.code, held)
        for held, (x, y) in known.items()
        if held.pk not in taken
    ]
    best = min(near, key=lambda row: row[:2], default=None)
    if best is None or best[0] > min(most, max(120.0, best[2].radius_m + spot.radius_m)):
        return None
    return best[2]


def _begin(night: Night, spot: Spot) -> HotSpot:
    run, named = night.run, name_of(spot, night.found, night.graph)
    place = night.plane.given(spot.x, spot.y)
    prefix = f"RD{run.day:%Y}-"
    newest = HotSpot.objects.filter(code__startswith=prefix).order_by("-code").first()
    number = int(newest.code.rsplit("-", 1)[1]) + 1 if newest else 1
    days = [night.day(d) for d in range(spot.first_day, spot.last_day + 1)]
    return HotSpot.objects.create(
        code=f"{prefix}{number:04d}", lon=place["lon"], lat=place["lat"],
        radius_m=round(spot.radius_m), road=named["road"], start=named["from"], end=named["to"],
        district_code=registry.district_of(place["lon"], place["lat"]),
        first_day=min([run.day, *days]), last_day=run.day,
    )  # fmt: skip


def _move(night: Night, held: HotSpot, spot: Spot) -> None:
    """Let a place without a case follow its newest finding; with one, what was frozen stays."""
    held.last_day = max(held.last_day, night.run.day)
    if held.case_id is None:
        place = night.plane.given(spot.x, spot.y)
        held.lon, held.lat, held.radius_m = place["lon"], place["lat"], round(spot.radius_m)
    held.save()


def _settle(spot: HotSpot) -> None:
    """Set the last day by the findings that are left."""
    last = spot.findings.order_by("-run__day").values_list("run__day", flat=True).first()
    if last is not None and last != spot.last_day:
        spot.last_day = last
        spot.save(update_fields=["last_day"])


def _said(night: Night, spot: Spot) -> dict[str, Any]:
    share = spot.coarse_share if isfinite(spot.coarse_share) else None
    kind = "unknown" if share is None else "dust" if share >= _EXHAUST else "exhaust"
    return {
        "increment": round(spot.increment, 1), "low": round(spot.low, 1), "high": round(spot.high, 1),
        "peak": round(spot.peak, 1), "background": round(spot.background, 1),
        "p_value": float(f"{spot.p_value:.3g}"), "first_hour": spot.first_hour, "end_hour": spot.end_hour,
        "active_days": [night.day(d).isoformat() for d in range(spot.first_day, spot.last_day + 1)],
        "passes": spot.passes, "vehicles": spot.vehicles,
        "coarse_share": None if share is None else round(share, 2), "kind": kind,
    }  # fmt: skip


def _passes(night: Night, spots: list[HotSpot], new: list[HotSpot]) -> list[SpotPass]:
    """Return the passes through each place on the run's day; of a new place, on the whole window."""
    fresh = {spot.pk for spot in new}
    rows: list[SpotPass] = []
    for spot in spots:
        rows += [
            row for row in _through(night, spot) if row.day == night.run.day or spot.pk in fresh
        ]
    return rows


def _through(night: Night, spot: HotSpot) -> list[SpotPass]:
    passes, segments = night.found.passes, night.found.segments
    x, y = _xy(night, spot)
    near = np.hypot(segments.x - x, segments.y - y) <= max(1.25 * spot.radius_m, 80.0)
    at = np.flatnonzero(near[passes.segment])
    key = np.stack([passes.vehicle[at], (passes.t[at] // VISIT_S).astype(np.int64)], axis=1)
    if not len(key):
        return []
    groups, which = np.unique(key, axis=0, return_inverse=True)
    which = np.asarray(which).reshape(-1)
    weight = passes.fixes[at].astype(np.float64)
    total = np.bincount(which, weight, len(groups))

    def mean(values: Any) -> Any:
        return np.bincount(which, weight * values[at], len(groups)) / total

    t, rise, fine, base = (
        mean(passes.t),
        mean(passes.rise10),
        mean(passes.rise25),
        mean(passes.base10),
    )
    rows: list[SpotPass] = []
    for i in range(len(groups)):
        when = night.instant(float(t[i]))
        rows.append(
            SpotPass(
                spot=spot, run=night.run, day=city_date(when), at=when,
                device=night.found.fixes.vehicles[int(groups[i, 0])], fixes=int(total[i]),
                increment=round(float(rise[i]), 1),
                increment25=round(float(fine[i]), 1) if isfinite(float(fine[i])) else None,
                background=round(float(base[i]), 1),
            )
        )  # fmt: skip
    return rows
