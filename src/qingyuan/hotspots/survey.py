"""A survey (走航一轮): from fixes and roads to hot spots, faulty vehicles and gains."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from qingyuan.core.problems import Problem
from qingyuan.hotspots.calibration import Calibration, Stations, calibrate, minutes_of
from qingyuan.hotspots.faults import Fault, find_faults
from qingyuan.hotspots.fixes import REASONS, Fixes, check_fixes, noise_of, rejected_counts, unbroken
from qingyuan.hotspots.matching import Matched, matcher_of
from qingyuan.hotspots.roads import Bools, Ints, RoadGraph
from qingyuan.hotspots.scan import scan_of
from qingyuan.hotspots.segments import Passes, Segments, local_background, passes_of, segments_of
from qingyuan.hotspots.spots import Spot, find_spots

__all__ = ["Survey", "survey"]

_FEWEST = 500


@dataclass(frozen=True)
class Survey:
    """What a survey found (走航结果); ``fixes`` are all of them in order, ``reason`` why not used."""

    spots: list[Spot]
    faults: list[Fault]
    pm10: Calibration
    pm25: Calibration | None
    fixes: Fixes
    reason: Ints
    matched: Matched
    passes: Passes
    segments: Segments
    noise_m: float

    @property
    def rejected(self) -> list[dict[str, object]]:
        """Counts of rejected fixes by vehicle, day and reason."""
        return rejected_counts(self.fixes, self.reason.astype(np.int8))


def survey(
    fixes: Fixes, graph: RoadGraph, *, stations: Stations | None = None, seed: int = 1,
    told: Callable[[str], None] | None = None,
) -> Survey:  # fmt: skip
    """Check, calibrate, match and scan a fleet's fixes (走航分析).

    Parameters
    ----------
    fixes : Fixes
        In any order; metres in the plane of *graph*.
    graph : RoadGraph
        Where they drove.
    stations : Stations, optional
        Without them gains are relative to the fleet's median.
    seed : int
        The same fixes and seed give the same answer.
    told : callable, optional
        Is told the name of each step as it begins.

    Raises
    ------
    Problem
        ``hotspots.too_few`` if under 500 fixes can be used.
    """
    say = told or (lambda _: None)
    say("check")
    fixes = fixes.in_order()
    reason = check_fixes(fixes).astype(np.int64)
    if (reason == 0).sum() < _FEWEST:
        raise Problem("hotspots.too_few", usable=int((reason == 0).sum()), fewest=_FEWEST)
    noise = noise_of(fixes.at((reason == 0) | (reason >= 4)))
    say("calibrate")
    pm10, pm25, faults, moved = _calibrated(fixes, reason, stations)
    say("match")
    matched = _matched(fixes, reason, graph, noise)
    reason[(reason == 0) & (matched.edge < 0)] = REASONS.index("off_road")
    say("passes")
    segments = segments_of(graph)
    passes = _passes(moved, reason, matched, graph, segments, pm10, pm25, faults)
    say("scan")
    spots = find_spots(scan_of(passes, segments.x, segments.y), seed=seed) if len(passes.t) else []
    return Survey(spots, faults, pm10, pm25, fixes, reason, matched, passes, segments, noise)


def _calibrated(
    fixes: Fixes, reason: Ints, stations: Stations | None
) -> tuple[Calibration, Calibration | None, list[Fault], Fixes]:
    """Calibrate, name the faulty, set their clocks, and calibrate again without them."""
    good, count = reason == 0, len(fixes.vehicles)
    fine = bool(np.isfinite(fixes.pm25[good]).mean() > 0.5)

    def both(some: Fixes, apart: Bools | None) -> tuple[Calibration, Calibration | None]:
        first = calibrate(minutes_of(some, some.pm10, good), count, stations=stations,
                          hourly=None if stations is None else stations.pm10, apart=apart)  # fmt: skip
        if not fine:
            return first, None
        return first, calibrate(minutes_of(some, some.pm25, good), count, stations=stations,
                                hourly=None if stations is None else stations.pm25, apart=apart)  # fmt: skip

    pm10, pm25 = both(fixes, None)
    faults = find_faults(fixes, reason, pm10, pm25)
    if not faults:
        return pm10, pm25, faults, fixes
    named = {f.vehicle_id for f in faults if f.fault != "stuck"}
    apart = np.array([name in named for name in fixes.vehicles])
    if any(f.fault == "clock" for f in faults) and not apart.all():
        better = find_faults(fixes, reason, *both(fixes, apart))  # its own air pulled at its clock
        clocks = {f.vehicle_id: f for f in better if f.fault == "clock"}
        faults = [clocks.get(f.vehicle_id, f) if f.fault == "clock" else f for f in faults]
    late = {f.vehicle_id: f.evidence["shift_s"] for f in faults if f.fault == "clock"}
    shift = np.array([late.get(name, 0.0) for name in fixes.vehicles])
    moved = replace(fixes, t=fixes.t - shift[fixes.vehicle])
    if apart.all():
        return pm10, pm25, faults, moved
    pm10, pm25 = both(moved, apart)
    return pm10, pm25, faults, moved


def _matched(fixes: Fixes, reason: Ints, graph: RoadGraph, noise: float) -> Matched:
    """Match the fixes whose place can be believed, whatever their sensor said."""
    placed = np.flatnonzero((reason == 0) | (reason >= 4))
    some = fixes.at(placed)
    step = np.diff(some.t)[np.diff(some.vehicle) == 0]
    interval = float(np.median(step)) if len(step) else 3.0
    speed = some.speed if np.isfinite(some.speed).any() else None
    pause = 300.0 if interval > 15 else 60.0
    found = matcher_of(graph, noise_m=noise, interval_s=max(interval, 1.0)).match(
        trace=unbroken(some, pause_s=pause), t=some.t, x=some.x, y=some.y, speed=speed
    )
    n = len(fixes)
    out = Matched(np.full(n, -1, dtype=np.int64), np.zeros(n), np.full(n, np.inf))
    out.edge[placed], out.along_m[placed], out.away_m[placed] = (
        found.edge,
        found.along_m,
        found.away_m,
    )
    return out


def _passes(
    fixes: Fixes, reason: Ints, matched: Matched, graph: RoadGraph, segments: Segments,
    pm10: Calibration, pm25: Calibration | None, faults: list[Fault],
) -> Passes:  # fmt: skip
    """Turn readings into increments over the common and the local background, by pass."""
    unsound = {f.vehicle_id for f in faults if f.fault in ("noise", "position", "range")}
    out = np.array([name in unsound for name in fixes.vehicles])
    used = np.flatnonzero((reason == 0) & (matched.edge >= 0) & ~out[fixes.vehicle])
    some = fixes.at(used)
    air = pm10.background(some.t)
    rise = pm10.true(some.vehicle, some.t, some.pm10) - air
    rise = rise - local_background(some.vehicle, some.t, rise)
    fine = np.full(len(some), np.nan)
    if pm25 is not None:
        fine = pm25.true(some.vehicle, some.t, some.pm25) - pm25.background(some.t)
        fine = fine - local_background(some.vehicle, some.t, fine)
    place = segments.of(graph, matched.edge[used], matched.along_m[used])
    return passes_of(place, some.vehicle, some.t, rise, fine, air)
