"""A deliberately simple tracer to compare with: topology, mean travel time, Gaussian profile.

It reads the same event and answers in the same form, with no uncertainty of velocity, no mass, no
monitors and fixed shares for *none* and *several*.
"""

from __future__ import annotations

import numpy as np

from qingyuan.river import Candidate, Event, Span, Trace, network_of
from qingyuan.river.transport import transport_of

_NONE = _SEVERAL = 0.05
_OWN_SD, _TRADE_SD = 0.55, 0.9


def baseline(event: Event) -> Trace:
    """Answer *event* the simple way."""
    event = event.as_known()
    network = network_of(event.reaches)
    flow = np.array([r.flow_m3_s for r in event.reaches])
    travel = transport_of(network, flow_m3_s=flow, own_velocity_sd=0.0)
    section = next(s for s in event.sections if s.section_id == event.alarm.section)
    alarm = network.point(section.reach_id, section.position_m)
    reach = np.array([network.index[o.reach_id] for o in event.outfalls])
    position = np.array([o.position_m for o in event.outfalls])
    above = np.flatnonzero(network.is_upstream((reach, position), alarm))
    outfalls = [event.outfalls[i] for i in above]
    reach, position = reach[above], position[above]
    hours = travel.between(reach, position, alarm).mean_h
    score = np.log([max(o.prior_weight, 1e-6) for o in outfalls])
    score = score + _clean(event, network, travel, reach, position, hours)
    score = score + _profile(event, outfalls)
    share = np.exp(score - score.max(initial=-np.inf))
    share = share / max(share.sum(), 1e-300) * (1 - _NONE - _SEVERAL)
    names = [o.outfall_id for o in outfalls]
    every = dict(zip(names, map(float, share), strict=True)) | {"none": _NONE, "several": _SEVERAL}
    rise = _rises(event)[event.alarm.factor]
    order = sorted(range(len(names)), key=lambda i: (-share[i], names[i]))
    at_alarm = float(flow[alarm.reach])
    return Trace(
        section=event.alarm.section,
        factor=event.alarm.factor,
        none=_NONE,
        none_kind={},
        several=_SEVERAL,
        several_pairs=(),
        candidates=tuple(
            _candidate(event, names[i], rank, float(share[i]), float(hours[i]), rise * at_alarm)
            for rank, i in enumerate(order, start=1)
        ),
        rest=0.0,
        set50=_set(every, 0.5),
        set90=_set(every, 0.9),
        next_sample=None,
        caveats=(),
        probabilities=every,
        suspects=len(names),
    )


def _candidate(
    event: Event, name: str, rank: int, p: float, hours: float, grams_per_s: float
) -> Candidate:
    start = event.alarm.first_exceeded - _hours(hours)
    mass = max(grams_per_s, 0.0) * 3.0 * 3.6  # three hours of the highest rise
    return Candidate(
        outfall=name,
        rank=rank,
        probability=p,
        involved=p,
        release_start=Span(start, start, start),
        duration_h=None,
        mass_kg={event.alarm.factor: Span(mass, mass, mass)},
        evidence=(),
    )


def _hours(hours: float):
    from datetime import timedelta

    return timedelta(hours=hours)


def _rises(event: Event, section: str | None = None) -> dict[str, float]:
    """Return highest reading since a day before the alarm, less the median of the earlier ones."""
    wanted = section or event.alarm.section
    cut = event.alarm.first_exceeded - _hours(24)
    past: dict[str, list[float]] = {}
    late: dict[str, list[float]] = {}
    for r in event.readings:
        if r.section_id == wanted and r.value is not None and r.flag in ("N", ""):
            (past if r.time < cut else late).setdefault(r.factor, []).append(r.value)
    return {f: max(late.get(f, [np.median(v)])) - float(np.median(v)) for f, v in past.items() if v}


def _clean(event, network, travel, reach, position, hours):
    """Count against a suspect each section that should have seen the pulse by now and is clean."""
    found = np.zeros(len(reach))
    factor = event.alarm.factor
    limit = max(_rises(event).get(factor, 0.0), 1e-9)
    window = (event.detected_at - event.alarm.first_exceeded).total_seconds() / 3600
    for s in event.sections:
        point = network.point(s.reach_id, s.position_m)
        below = network.is_upstream((reach, position), point)
        ahead = travel.between(reach, position, point).mean_h - hours
        seen = _rises(event, s.section_id).get(factor, 0.0) > 0.2 * limit
        due = below & (ahead <= window)
        found += np.where(due, np.log(0.8 if seen else 0.2), 0.0)
    return found


def _profile(event, outfalls):
    rises = {f: v for f, v in _rises(event).items() if v > 0}
    factors = sorted(rises)
    own: dict[str, dict[str, float]] = {}
    for row in event.profiles:
        own.setdefault(row.outfall_id, {})[row.factor] = row.ln_mean
    trade: dict[str, dict[str, list[float]]] = {}
    for o in event.outfalls:
        for f, v in own.get(o.outfall_id, {}).items():
            trade.setdefault(o.trade, {}).setdefault(f, []).append(v)
    found = np.zeros(len(outfalls))
    ln_rise = np.log([rises[f] for f in factors])
    for i, o in enumerate(outfalls):
        mine = own.get(o.outfall_id)
        sd = _OWN_SD if mine else _TRADE_SD
        mean = mine or {f: float(np.mean(v)) for f, v in trade.get(o.trade, {}).items()}
        off = np.array([ln_rise[k] - mean[f] for k, f in enumerate(factors) if f in mean])
        if len(off) > 1:
            off = off - off.mean()
            found[i] = -0.5 * np.sum((off / sd) ** 2) - (len(off) - 1) * np.log(sd)
    return found


def _set(every: dict[str, float], level: float) -> tuple[str, ...]:
    chosen, total = [], 0.0
    for name, p in sorted(every.items(), key=lambda row: (-row[1], row[0])):
        if total >= level:
            break
        chosen.append(name)
        total += p
    return tuple(chosen)
