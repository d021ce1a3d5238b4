"""A survey (走航一轮): from fixes and roads to hot spots, faulty vehicles and gains."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from qingyuan.core.problems import Problem
from qingyuan.hotspots.calibration import Calibration, Stations, calibrate, minutes_of
from qingyuan.hotspots.faults import Fault, find_faults
from qingyuan.hotspots.field import Field, field_of
from qingyuan.hotspots.fixes import REASONS, Fixes, check_fixes, noise_of, rejected_counts, unbroken
from qingyuan.hotspots.humidity import BELIEFS, humidity_of
from qingyuan.hotspots.matching import Matched, matcher_of
from qingyuan.hotspots.roads import Bools, Floats, Ints, RoadGraph
from qingyuan.hotspots.scan import scan_of
from qingyuan.hotspots.segments import Passes, Segments, local_background, passes_of, segments_of
from qingyuan.hotspots.spots import Spot, find_spots

__all__ = ["Survey", "survey"]

_FEWEST = 500
_MOST_ROUNDS, _SETTLED = 8, 0.01


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
    field10: Field | None = None
    field25: Field | None = None

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
    fitted = _calibrated(fixes, reason, stations)
    say("match")
    matched = _matched(fixes, reason, graph, noise)
    reason[(reason == 0) & (matched.edge < 0)] = REASONS.index("off_road")
    say("passes")
    segments = segments_of(graph)
    passes = _passes(fitted, reason, matched, graph, segments)
    say("scan")
    spots = find_spots(scan_of(passes, segments.x, segments.y), seed=seed) if len(passes.t) else []
    return Survey(
        spots, fitted.faults, fitted.pm10, fitted.pm25, fixes, reason, matched, passes, segments,
        noise, fitted.field10, fitted.field25,
    )  # fmt: skip


@dataclass(frozen=True)
class _Calibrated:
    """Both pollutants' calibrations and fields, the faults, and the fixes with their clocks set."""

    pm10: Calibration
    pm25: Calibration | None
    field10: Field
    field25: Field | None
    faults: list[Fault]
    fixes: Fixes


class _Calibrator:
    """Calibrates a pollutant of some fixes, the field taken out of what they read."""

    def __init__(self, reason: Ints, count: int, stations: Stations | None) -> None:
        self.good, self.count, self.stations = reason == 0, count, stations

    def fit(
        self, fixes: Fixes, item: str, apart: Bools | None, before: tuple[Calibration, Field] | None
    ) -> Calibration:
        """Fit; *before* is an earlier calibration with its field."""
        values: Floats = getattr(fixes, item)
        hourly: Floats | None = None if self.stations is None else getattr(self.stations, item)
        if before is not None:
            if self.stations is not None and hourly is not None:
                hourly = hourly - before[1].at(self.stations.x, self.stations.y)
            earlier, field = before
            v, t = fixes.vehicle, fixes.t
            scale = earlier.gain[v] * (1 + earlier.drift[v] * t / 86400)
            scale = scale * np.interp(t, earlier.knot, earlier.swell)
            values = values - scale * field.at(fixes.x, fixes.y)
        return calibrate(
            minutes_of(fixes, values, self.good), self.count, stations=self.stations, apart=apart,
            hourly=hourly,
            humidity=humidity_of(fixes, self.good), belief=BELIEFS[item],
        )  # fmt: skip

    def field(self, fixes: Fixes, item: str, fit: Calibration, apart: Bools | None) -> Field:
        """Return where the air is always dirtier or cleaner, by this calibration."""
        sound = np.isfinite(fit.spread) if apart is None else np.isfinite(fit.spread) & ~apart
        values: Floats = getattr(fixes, item)
        used = np.flatnonzero(self.good & np.isfinite(values) & sound[fixes.vehicle])
        some = fixes.at(used)
        rise = fit.true(some.vehicle, some.t, values[used]) - fit.background(some.t)
        return field_of(some.vehicle, some.x, some.y, rise)

    def settled(
        self, fixes: Fixes, item: str, apart: Bools | None, before: tuple[Calibration, Field] | None
    ) -> tuple[Calibration, Field]:
        """Fit vehicles and field in turn until no gain moves by more than a hundredth."""
        for _ in range(_MOST_ROUNDS):
            fit = self.fit(fixes, item, apart, before)
            moved = 1.0 if before is None else float(np.abs(fit.gain / before[0].gain - 1).max())
            before = fit, self.field(fixes, item, fit, apart)
            if moved < _SETTLED:
                break
        assert before is not None
        return before


def _calibrated(fixes: Fixes, reason: Ints, stations: Stations | None) -> _Calibrated:
    """Calibrate, name the faulty, set their clocks, and calibrate again without them."""
    work = _Calibrator(reason, len(fixes.vehicles), stations)
    fine = bool(np.isfinite(fixes.pm25[reason == 0]).mean() > 0.5)
    items = ("pm10", "pm25") if fine else ("pm10",)

    def told(
        found: dict[str, tuple[Calibration, Field]], faults: list[Fault], moved: Fixes
    ) -> _Calibrated:
        pm25, field25 = found.get("pm25", (None, None))
        return _Calibrated(found["pm10"][0], pm25, found["pm10"][1], field25, faults, moved)

    found = {item: work.settled(fixes, item, None, None) for item in items}
    first = told(found, [], fixes)
    faults = find_faults(fixes, reason, first.pm10, first.pm25)
    if not faults:
        return first
    named = {f.vehicle_id for f in faults if f.fault != "stuck"}
    apart = np.array([name in named for name in fixes.vehicles])
    if apart.all():
        return told(found, faults, _clocks_set(fixes, faults))
    # once more without the named: their air pulled at the common curve, at clocks and at gains
    found = {item: work.settled(fixes, item, apart, found[item]) for item in items}
    better = told(found, [], fixes)
    sure = find_faults(fixes, reason, better.pm10, better.pm25, surely=True)
    clocks = [f for f in sure if f.fault == "clock" and f.vehicle_id in named]
    faults = sorted([f for f in faults if f.fault != "clock"] + clocks,
                    key=lambda f: (f.vehicle_id, f.fault))  # fmt: skip
    moved = _clocks_set(fixes, faults)
    if moved is fixes:
        return told(found, faults, fixes)
    found = {item: work.settled(moved, item, apart, found[item]) for item in items}
    return told(found, faults, moved)


def _clocks_set(fixes: Fixes, faults: list[Fault]) -> Fixes:
    late = {f.vehicle_id: f.evidence["shift_s"] for f in faults if f.fault == "clock"}
    if not late:
        return fixes
    shift = np.array([late.get(name, 0.0) for name in fixes.vehicles])
    return replace(fixes, t=fixes.t - shift[fixes.vehicle])


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
    fitted: _Calibrated, reason: Ints, matched: Matched, graph: RoadGraph, segments: Segments
) -> Passes:
    """Turn readings into increments over the common and the local background, by pass."""
    fixes = fitted.fixes
    unsound = {f.vehicle_id for f in fitted.faults if f.fault in ("noise", "position", "range")}
    out = np.array([name in unsound for name in fixes.vehicles])
    used = np.flatnonzero((reason == 0) & (matched.edge >= 0) & ~out[fixes.vehicle])
    some = fixes.at(used)
    rise = _rise(some, some.pm10, fitted.pm10, fitted.field10)
    fine = np.full(len(some), np.nan)
    if fitted.pm25 is not None and fitted.field25 is not None:
        fine = _rise(some, some.pm25, fitted.pm25, fitted.field25)
    place = segments.of(graph, matched.edge[used], matched.along_m[used])
    air = fitted.pm10.background(some.t)
    return passes_of(place, some.vehicle, some.t, rise, fine, air)


def _rise(some: Fixes, values: Floats, fit: Calibration, field: Field) -> Floats:
    """Return readings over the common air, the field and the vehicle's own moving background."""
    rise = fit.true(some.vehicle, some.t, values) - fit.background(some.t)
    rise = rise - field.at(some.x, some.y)
    return rise - local_background(some.vehicle, some.t, rise)
