"""Invented events: something goes wrong in an invented valley, sections read it, an alarm is raised.

The truth is kept apart. Everything is drawn from one seed; sizes and kinds are drawn too unless given.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from typing import NamedTuple

import numpy as np
from ledger import DAY_SD, FACTORS, Ledger, draw_ledger, monitor_rows, profile_rows, told_factors
from plume import Mixing, along, everywhere
from valley import STEP_H, Valley, Water, grow, route

from qingyuan.river import Alarm, Event, FlowReading, RainReading, Reading, Section
from qingyuan.river.bench import Truth
from qingyuan.river.sampled import Probe

__all__ = ["KINDS", "Happening", "World", "happen"]

_BEIJING = timezone(timedelta(hours=8))
_WINDOW_H = 240.0
_MOST_H = 44.0  # after the window's first ten days less this, something may begin
KINDS = {
    "one": 0.72,
    "several": 0.12,
    "rain_washoff": 0.04,
    "sensor_spike": 0.03,
    "sensor_drift": 0.02,
    "sensor_stuck": 0.02,
    "sensor_offset": 0.01,
    "boundary_inflow": 0.04,
}


@dataclass
class World:
    """A valley with its water, ledger, sections and clean readings, before anything happens."""

    valley: Valley
    water: Water
    mixing: Mixing
    ledger: Ledger
    codes: list[str]
    rates: np.ndarray
    rain: np.ndarray | None
    sections: list[tuple[int, float]]
    classes: list[int]
    level: np.ndarray
    hours: list[np.ndarray]
    base: list[np.ndarray]
    noon: datetime
    rises: list[np.ndarray] = field(default_factory=list)


class Happening(NamedTuple):
    """An event, its truth, and what samples taken after the alarm would read (None: nothing flows)."""

    event: Event
    truth: Truth
    probe: Probe | None


def happen(seed: int, *, size: str = "", kind: str = "", share: float = 0.0) -> Happening:
    """Return an event, its truth and a probe; draws again inside until a section alarms."""
    rng = np.random.default_rng([seed, 20260922])
    kind = kind or str(rng.choice(list(KINDS), p=list(KINDS.values())))
    size = size or str(rng.choice(["small", "middle"], p=[0.6, 0.4]))
    share = share or float(rng.choice([0.6, 1.0]))
    for _ in range(40):
        world = _world(rng, size=size, wet=kind == "rain_washoff" or rng.random() < 0.5)
        for _ in range(6):
            found = _happen(rng, world, kind=kind, share=share, name=f"world-{seed:05d}")
            if found is not None:
                return found
    raise RuntimeError(f"no alarm in forty worlds of seed {seed}")


def _world(rng: np.random.Generator, *, size: str, wet: bool) -> World:
    reaches, outfalls, stations = {
        "small": (int(rng.integers(110, 200)), 300, int(rng.integers(18, 28))),
        "middle": (int(rng.integers(350, 500)), 1500, int(rng.integers(28, 46))),
        "large": (int(rng.integers(850, 1050)), 5000, 60),
    }[size]
    valley = grow(rng, reaches=reaches)
    codes = list(FACTORS)[: int(rng.choice([5, 6, 8]))]
    span = _WINDOW_H + 20
    rain = None
    if wet:
        rain = np.zeros(int(span) + 1)
        for _ in range(int(rng.integers(1, 4))):
            at, long = int(rng.uniform(60, span - 6)), int(rng.integers(3, 16))
            rain[at : at + long] += rng.gamma(0.8, rng.uniform(0.5, 3), len(rain[at : at + long]))
    water = route(valley, rng, hours=span, rain_mm=rain)
    ledger = draw_ledger(valley, rng, count=outfalls, codes=codes)
    told = np.array([FACTORS[c][1] for c in codes])
    order = np.argsort(-valley.area_km2)
    pool = order[: max(len(order) * 2 // 3, stations)]
    where = rng.choice(pool, size=min(stations, len(pool)), replace=False)
    sections = [
        (int(r), round(float(rng.uniform(0.05, 0.95) * valley.length_m[r]), 0)) for r in where
    ]
    every = rng.choice([4.0, 1.0], p=[0.75, 0.25], size=1)[0]
    noon = datetime(2026, int(rng.integers(3, 11)), int(rng.integers(1, 28)), tzinfo=_BEIJING)
    hours = [np.arange(0, span, every if rng.random() < 0.9 else 4.0) for _ in sections]
    level = _levels(rng, valley, codes)
    base = [
        _background(rng, h, level[r], codes, water.flow[:, r] / valley.base_flow[r])
        for (r, _), h in zip(sections, hours, strict=True)
    ]
    return World(
        valley,
        water,
        Mixing(valley, rng),
        ledger,
        codes,
        told * rng.lognormal(0, 0.2, len(codes)),
        rain,
        sections,
        [int(c) for c in rng.choice([0, 1], size=len(sections))],
        level,
        hours,
        base,
        noon,
    )


def _levels(rng: np.random.Generator, valley: Valley, codes: list[str]) -> np.ndarray:
    """Background ln levels drift from reach to reach along the water."""
    n = len(valley.to)
    level = np.zeros((n, len(codes)))
    level[0] = rng.normal(0, 0.25, len(codes))
    for i in range(1, n):
        level[i] = level[valley.to[i]] * 0.97 + rng.normal(0, 0.08, len(codes))
    return np.log([FACTORS[c][3] for c in codes]) + np.minimum(level, 0.35)


def _background(rng, hours, level, codes, flow_ratio) -> np.ndarray:
    day = rng.uniform(0.03, 0.12, len(codes)) * np.cos(
        2 * np.pi * (hours[:, None] / 24 - rng.uniform(0, 1, len(codes)))
    )
    n, step = len(hours), float(hours[1] - hours[0])
    memory = np.exp(-step / rng.uniform(20, 50))
    shared = np.zeros((n, len(codes) + 1))
    kick = rng.normal(size=shared.shape) * np.sqrt(1 - memory**2)
    shared[0] = rng.normal(size=len(codes) + 1)
    for k in range(1, n):
        shared[k] = memory * shared[k - 1] + kick[k]
    wander = rng.uniform(0.03, 0.07) * shared[:, :1] + 0.03 * shared[:, 1:]
    ratio = np.log(np.interp(hours, np.arange(len(flow_ratio)) * STEP_H, flow_ratio))
    follows = np.array([FACTORS[c][5] for c in codes]) + rng.normal(0, 0.1, len(codes))
    return np.exp(level + day + wander + ratio[:, None] * follows)


def _happen(rng, world: World, *, kind: str, share: float, name: str) -> Happening | None:
    world.rises = [np.zeros_like(b) for b in world.base]
    wet_at = None
    if world.rain is not None and world.rain.max() > 0:
        wet_at = float(np.argmax(world.rain))
    begin = rng.uniform(_WINDOW_H - _MOST_H - 24, _WINDOW_H - 24)
    releases: dict[int, tuple[float, float, float]] = {}
    told: list[tuple[int, float, float, float, np.ndarray]] = []
    factor_faults = None
    if kind in ("one", "several"):
        wet = wet_at is not None and abs(wet_at - begin) < 30
        for k in range(2 if kind == "several" else 1):
            start = begin + (rng.uniform(0, 6) if k else 0.0)
            told.append(_release(rng, world, start=start, wet=wet, near=told))
            if kind == "several" and rng.random() < 0.3:
                continue
        releases = {t[0]: (t[1], t[1] + t[2], float(np.log(t[4].mean() + 1))) for t in told}
    elif kind == "rain_washoff":
        begin = _washoff(rng, world, wet_at)
    elif kind == "boundary_inflow":
        _boundary(rng, world, begin)
    else:
        factor_faults = kind.removeprefix("sensor_")
    values, flags = _read(rng, world)
    if factor_faults:
        begin = _fault(rng, world, values, begin, factor_faults)
    if rng.random() < 0.3:  # one innocent sensor somewhere is out of order anyway
        _fault(rng, world, values, float(rng.uniform(40, begin - 40)), "spike")
    alarm = _alarm(world, values, flags, begin, true_rise=factor_faults is None)
    if alarm is None:
        return None
    at, code, first, limit = alarm
    detected_h = first + float(rng.choice([0.5, 4.0, 8.0, 16.0]))
    if detected_h > _WINDOW_H + 18 or first - begin > _MOST_H:
        return None
    if told and any(t[1] >= detected_h for t in told):
        return None
    if len(told) > 1 and not _both_seen(world, told, at, detected_h):
        return None
    event = _event(
        rng, world, values, flags,
        name=name, at=at, code=code, first=first, detected_h=detected_h, limit=limit,
        share=share, releases=releases,
    )  # fmt: skip
    probe = _probe(rng, world, told, at=at, detected_h=detected_h) if told else None
    return Happening(event, _truth(world, kind, told), probe)


def _release(rng, world: World, *, start: float, wet: bool, near: list) -> tuple:
    ledger = world.ledger
    weight = np.array([o.prior_weight for o in ledger.outfalls])
    weight = weight * np.where(ledger.rain_fed & wet, 1.3, 1.0)
    if near and rng.random() < 0.8:  # the second one often in the same river
        trail = set(world.valley.path(int(ledger.reach[near[0][0]])))
        shares = np.array(
            [len(trail & set(world.valley.path(int(r)))) > len(trail) / 2 for r in ledger.reach]
        )
        if shares.sum() > 3:
            weight = weight * shares
        weight[near[0][0]] = 0
    i = int(rng.choice(len(weight), p=weight / weight.sum()))
    duration = float(np.exp(rng.uniform(np.log(0.5), np.log(12))))
    most = ledger.outfalls[i].max_flow_m3_s or 0.02
    flow = most * float(rng.uniform(0.25, 1.0))
    multiple = np.exp(rng.normal(2.6, 1.1) + rng.normal(0, DAY_SD, len(world.codes)))
    strength = np.minimum(np.exp(ledger.ln_normal[i]) * multiple, 60000.0)
    seen = along(
        world.valley, world.water, world.mixing,
        reach=int(ledger.reach[i]), position_m=float(ledger.position_m[i]),
        start_h=start, duration_h=duration, until_h=min(start + 60, _WINDOW_H + 19),
        rates_per_day=world.rates, sections=world.sections,
    )  # fmt: skip
    own = [np.zeros_like(b) for b in world.base]
    for s, (hours, unit) in seen.items():
        for f in range(len(world.codes)):
            rise = np.interp(world.hours[s], hours, unit[:, f], left=0, right=0)
            own[s][:, f] = rise * flow * strength[f]
            world.rises[s][:, f] += own[s][:, f]
    return i, start, duration, flow, strength, multiple, own


def _washoff(rng, world: World, wet_at: float | None) -> float:
    n = len(world.valley.length_m)
    begin = max(wet_at if wet_at is not None else 200.0, 100.0)
    dirty = rng.lognormal(0, 0.8, n) * world.valley.local_km2
    runoff = world.water.runoff_factor[int(begin / STEP_H) :]
    if not len(runoff) or runoff.max() <= 0:
        runoff = np.ones(40)
    mix = np.array([60, 4, 1.2, 8, 0.4, 0.03, 0.15, 0.02])[: len(world.codes)]
    mix = mix * rng.lognormal(0, 0.4, len(mix)) * rng.uniform(2, 12) * rng.uniform(0.2, 1)
    load = (runoff[:, None] * dirty[None, :]) * 1000 / 3600 * 0.15
    seen = everywhere(
        world.valley, world.water, load=load, start_h=begin, until_h=_WINDOW_H + 19,
        sections=world.sections,
    )  # fmt: skip
    for s, (hours, unit) in seen.items():
        rise = np.interp(world.hours[s], hours, unit, left=0, right=0)
        world.rises[s] += rise[:, None] * mix
    return begin


def _boundary(rng, world: World, begin: float) -> None:
    names = {r.reach_id: i for i, r in enumerate(world.valley.told)}
    head = names[str(rng.choice(world.valley.inflows))]
    duration = float(np.exp(rng.uniform(np.log(2), np.log(40))))
    donor = int(rng.integers(len(world.ledger.outfalls)))
    strength = np.exp(world.ledger.ln_normal[donor] + rng.normal(0, 0.5, len(world.codes)))
    strength = strength * np.exp(rng.normal(-1.0, 0.8))
    seen = along(
        world.valley, world.water, world.mixing, reach=head, position_m=0.0, start_h=begin,
        duration_h=duration, until_h=min(begin + 70, _WINDOW_H + 19),
        rates_per_day=world.rates, sections=world.sections,
    )  # fmt: skip
    flow = world.valley.spill[head]
    for s, (hours, unit) in seen.items():
        for f in range(len(world.codes)):
            rise = np.interp(world.hours[s], hours, unit[:, f], left=0, right=0)
            world.rises[s][:, f] += rise * flow * strength[f]


def _read(rng, world: World) -> tuple[list[np.ndarray], list[np.ndarray]]:
    values, flags = [], []
    for base, rise in zip(world.base, world.rises, strict=True):
        value = (base + rise) * np.exp(rng.normal(0, 0.1, base.shape))
        gone = rng.random(base.shape) < 0.03
        gone |= (rng.random(len(base)) < 0.015)[:, None]
        if rng.random() < 0.25:
            at = int(rng.integers(len(base)))
            gone[at : at + int(rng.integers(2, 8))] = True
        low = np.array([FACTORS[c][2] for c in world.codes])
        value = np.where(value < low, low / 2, value)
        values.append(np.where(gone, np.nan, value))
        flags.append(gone)
    return values, flags


def _fault(rng, world: World, values: list[np.ndarray], begin: float, what: str) -> float:
    judged = [
        f for f, c in enumerate(world.codes) if FACTORS[c][4] and c not in ("w20122", "w20123")
    ]
    s, f = int(rng.integers(len(world.sections))), int(rng.choice(judged))
    late = world.hours[s] >= begin
    if not late.any():
        return begin
    after = world.hours[s][late] - begin
    limit = FACTORS[world.codes[f]][4][world.classes[s]]
    column = values[s][:, f]
    if what == "spike":
        at = np.flatnonzero(late)[: int(rng.integers(1, 3))]
        column[at] = limit * rng.lognormal(0.7, 0.5)
    elif what == "drift":
        column[late] *= np.exp(np.minimum(after / rng.uniform(15, 50), 2.5))
    elif what == "stuck":
        column[late] = limit * rng.lognormal(0.3, 0.2)
    else:
        column[late] += limit * rng.lognormal(0.0, 0.3)
    return begin


def _alarm(world, values, flags, begin, *, true_rise) -> tuple[int, str, float, float] | None:
    found = None
    for s in range(len(world.sections)):
        for f, code in enumerate(world.codes):
            limits = FACTORS[code][4]
            if limits is None:
                continue
            limit = limits[world.classes[s]]
            over = (values[s][:, f] > limit) & (world.hours[s] >= begin) & ~flags[s][:, f]
            if true_rise:
                over &= world.rises[s][:, f] > 0.25 * values[s][:, f]
            if over.any():
                first = float(world.hours[s][over][0])
                key = (first, -float(values[s][over, f][0] / limit))
                if found is None or key < found[0]:
                    found = (key, (s, code, first, limit))
    return None if found is None else found[1]


def _both_seen(world: World, told: list, at: int, detected_h: float) -> bool:
    """Two sources are an event only where each is a good part of some rise that was read."""
    late = world.hours[at] <= detected_h
    total = sum(t[6][at][late] for t in told)
    counts = total > 0.5 * world.base[at][late]
    if not counts.any():
        return False
    return all(
        float((t[6][at][late] / np.maximum(total, 1e-12))[counts].max()) > 0.25 for t in told
    )


def _event(rng, world, values, flags, *, name, at, code, first, detected_h, limit, share, releases):
    start_h = detected_h - _WINDOW_H

    def clock(hours: float) -> datetime:
        return world.noon + timedelta(hours=round(hours * 60) / 60)

    detected = clock(detected_h)
    readings = []
    for s, (value, gone) in enumerate(zip(values, flags, strict=True)):
        for k, hour in enumerate(world.hours[s]):
            if not start_h <= hour <= detected_h:
                continue
            stamp = clock(float(hour))
            for f, factor in enumerate(world.codes):
                v = value[k, f]
                if gone[k, f] and (k + f) % 3:
                    continue  # no row at all
                readings.append(
                    Reading(
                        f"S{s + 1:02d}", stamp, factor,
                        None if gone[k, f] else float(f"{v:.5g}"), "D" if gone[k, f] else "N",
                    )
                )  # fmt: skip
    flows = []
    for r in rng.choice(len(world.valley.told), size=int(rng.integers(1, 5)), replace=False):
        bias = rng.normal(0, 0.04)
        for hour in np.arange(np.ceil(start_h), detected_h):
            if rng.random() < 0.04:
                continue
            q = world.water.flow[min(max(int(hour / STEP_H), 0), len(world.water.flow) - 1), r]
            flows.append(
                FlowReading(
                    world.valley.told[r].reach_id, clock(float(hour)),
                    float(f"{q * np.exp(bias + rng.normal(0, 0.04)):.4g}"),
                )
            )  # fmt: skip
    rain = ()
    if world.rain is not None:
        rain = tuple(
            RainReading(clock(float(h)), round(float(mm), 1))
            for h, mm in enumerate(world.rain)
            if start_h <= h <= detected_h
        )
    ago = {i: (a - detected_h, b - detected_h, m) for i, (a, b, m) in releases.items()}
    return Event(
        name=name,
        alarm=Alarm(f"S{at + 1:02d}", code, clock(first), detected, limit),
        start=clock(start_h),
        end=detected,
        factors=told_factors(rng, world.codes),
        reaches=world.valley.told,
        sections=tuple(
            Section(
                f"S{s + 1:02d}", world.valley.told[r].reach_id, x, "auto",
                60.0 * float(world.hours[s][1] - world.hours[s][0]), "ⅢⅣ"[world.classes[s]],
            )
            for s, (r, x) in enumerate(world.sections)
        ),
        outfalls=world.ledger.outfalls,
        readings=tuple(readings),
        inflow_reaches=world.valley.inflows,
        flows=tuple(flows),
        rain=rain,
        profiles=profile_rows(world.ledger, rng, share=share, codes=world.codes),
        online=monitor_rows(
            world.ledger, rng, codes=world.codes, detected=detected, hours=72.0, releases=ago
        ),
    )  # fmt: skip


def _probe(rng, world: World, told: list, *, at: int, detected_h: float) -> Probe:
    """Read middle and end of every reach above the alarm and a little below, hour by hour."""
    valley, alarm = world.valley, world.sections[at][0]
    near = {r for r in range(len(valley.to)) if alarm in valley.path(r)} | set(
        valley.path(alarm)[:3]
    )
    places = [
        (r, round(float(part * valley.length_m[r]), 1)) for r in sorted(near) for part in (0.5, 1.0)
    ]
    hours = np.arange(0.0, 17.0)
    rise = np.zeros((len(places), len(hours), len(world.codes)))
    for t in told:
        seen = along(
            valley, world.water, world.mixing,
            reach=int(world.ledger.reach[t[0]]), position_m=float(world.ledger.position_m[t[0]]),
            start_h=t[1], duration_h=t[2], until_h=detected_h + 17.0,
            rates_per_day=world.rates, sections=places,
        )  # fmt: skip
        for k, (time, unit) in seen.items():
            for f in range(len(world.codes)):
                share = np.interp(detected_h + hours, time, unit[:, f], left=0)
                rise[k, :, f] += share * t[3] * t[4][f]
    stamps = tuple(world.noon + timedelta(hours=float(detected_h + h)) for h in hours)
    found = {}
    for k, (r, x) in enumerate(places):
        base = np.exp(world.level[r])
        read = (base + rise[k]) * np.exp(rng.normal(0, 0.1, rise[k].shape))
        for f, code in enumerate(world.codes):
            key = (valley.told[r].reach_id, x, code)
            found[key] = (stamps, tuple(float(f"{v:.5g}") for v in read[:, f]))
    return Probe(found)


def _truth(world: World, kind: str, told: list) -> Truth:
    if not told:
        return Truth((), kind)
    names = tuple(world.ledger.outfalls[t[0]].outfall_id for t in told)
    clock = tuple(world.noon + timedelta(hours=t[1]) for t in told)
    return Truth(
        outfalls=names,
        cause="discharge",
        release_start=clock,
        duration_h=tuple(t[2] for t in told),
        flow_m3_s=tuple(t[3] for t in told),
        concentration={
            n: dict(zip(world.codes, map(float, t[4]), strict=True))
            for n, t in zip(names, told, strict=True)
        },
    )
