"""What can be used (可用性): rows that would mislead are left out, and each kind is said by name.

`check` refuses what makes a trace a guess; this module degrades: it never corrects a value on a
hunch. Only a unit that the event itself declares is converted.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np

from qingyuan.river.event import Event, Reading
from qingyuan.river.network import network_of

__all__ = ["PER_MG_L", "usable"]

Note = tuple[str, str]
Lines = Mapping[str, Sequence[int]]
# units a factor may be declared in, as multiples of mg/L
PER_MG_L = {
    "mg/L": 1.0, "mg/l": 1.0, "g/m3": 1.0, "g/m³": 1.0, "ppm": 1.0,
    "µg/L": 1e-3, "μg/L": 1e-3, "ug/L": 1e-3, "ug/l": 1e-3, "mg/m3": 1e-3, "mg/m³": 1e-3,
    "ng/L": 1e-6, "g/L": 1e3,
}  # fmt: skip
_GOOD = frozenset({"N", ""})
_APART = 300.0  # a section's usual level against the river's: about a thousand is a unit mix-up
_LEAST_SECTIONS = 4
_LEAST_ROWS = 3


def usable(event: Event, *, lines: Lines | None = None) -> Event:
    """Return *event* with what cannot be used left out and said in its notes.

    Parameters
    ----------
    event : Event
        As read.
    lines : mapping, optional
        Table → line in its file of each row, for the notes; by default counted from 2.
    """
    known = {} if lines is None else dict(lines)
    notes: list[Note] = []
    event = _in_mg_l(event, notes)
    event = _in_window(event, notes, known)
    event = _without_mixups(event, notes, known)
    event = _with_flows(event, notes, known)
    event = _without_empty_factors(event, notes)
    _say_unconnected(event, notes)
    return replace(event, notes=(*event.notes, *notes))


def _in_mg_l(event: Event, notes: list[Note]) -> Event:
    """Convert factors declared in another unit of mass; everything else stays as declared."""
    factor = {c: PER_MG_L.get(f.unit, 1.0) for c, f in event.factors.items()}
    changed = {c: k for c, k in factor.items() if k != 1.0}
    if not changed:
        return event

    def scaled(rows: Iterable[Any], name: str = "factor") -> tuple[Any, ...]:
        return tuple(
            row
            if row.value is None or getattr(row, name) not in changed
            else row._replace(value=row.value * changed[getattr(row, name)])
            for row in rows
        )

    for code, k in changed.items():
        unit = event.factors[code].unit
        notes.append(
            (
                f"因子 {code} 以 {unit} 给出，全部浓度已乘以 {k:g} 换算为 mg/L。",
                f"Factor {code} is given in {unit}; all its concentrations were multiplied by {k:g} to mg/L.",
            )
        )
    limit = event.alarm.limit
    if limit is not None:
        limit *= changed.get(event.alarm.factor, 1.0)
    return replace(
        event,
        alarm=replace(event.alarm, limit=limit),
        factors={
            c: replace(f, unit="mg/L", detection_limit=f.detection_limit * changed[c])
            if c in changed
            else f
            for c, f in event.factors.items()
        },
        readings=scaled(event.readings),
        samples=scaled(event.samples),
        online=scaled(event.online, "quantity"),
        profiles=tuple(
            p._replace(ln_mean=p.ln_mean + float(np.log(changed[p.factor])))
            if p.factor in changed
            else p
            for p in event.profiles
        ),
    )


def _keep(
    event: Event, table: str, lines: dict[str, Sequence[int]], good: Callable[[Any], bool]
) -> tuple[Event, list[int]]:
    """Return the event with the good rows of *table* and the lines of the others."""
    field = {"flow": "flows"}.get(table, table)
    rows = getattr(event, field)
    numbers = lines.get(table) or range(2, len(rows) + 2)
    kept = [good(row) for row in rows]
    out = [n for n, ok in zip(numbers, kept, strict=True) if not ok]
    if not out:
        return event, []
    lines[table] = [n for n, ok in zip(numbers, kept, strict=True) if ok]
    remaining = tuple(row for row, ok in zip(rows, kept, strict=True) if ok)
    extras = event.extras
    if table in extras:
        aligned = {
            column: tuple(v for v, ok in zip(values, kept, strict=True) if ok)
            for column, values in extras[table].items()
        }
        extras = {**extras, table: aligned}
    changes: dict[str, Any] = {field: remaining, "extras": extras}
    return replace(event, **changes), out


def _in_window(event: Event, notes: list[Note], lines: dict[str, Sequence[int]]) -> Event:
    start = event.start
    for table in ("readings", "flow", "rain", "online"):
        event, out = _keep(event, table, lines, lambda row: row.time >= start)
        if out:
            notes.append(
                (
                    f"{table}.csv 有 {len(out)} 行早于时间窗起点（首见第 {out[0]} 行），未使用；如需使用请改 event.toml 的 window.start。",
                    f"{table}.csv: {len(out)} rows are before the window (first at row {out[0]}) and were not used; change window.start in event.toml to use them.",
                )
            )
    return event


def _without_mixups(event: Event, notes: list[Note], lines: dict[str, Sequence[int]]) -> Event:
    """Leave out a section's factor whose usual level is about a thousand times the river's."""
    levels: dict[str, dict[str, list[float]]] = {}
    for row in event.readings:
        if row.value is not None and row.value > 0 and row.flag in _GOOD:
            levels.setdefault(row.factor, {}).setdefault(row.section_id, []).append(row.value)
    strange: dict[tuple[str, str], float] = {}
    for code, sections in levels.items():
        usual = {
            name: float(np.median(values))
            for name, values in sections.items()
            if len(values) >= _LEAST_ROWS
        }
        if len(usual) < _LEAST_SECTIONS:
            continue
        river = float(np.median(list(usual.values())))
        floor = event.factors[code].detection_limit if code in event.factors else 0.0
        for name, level in usual.items():
            ratio = level / max(river, floor)
            if ratio > _APART or (ratio < 1 / _APART and level < floor / 4):
                strange[name, code] = ratio
    for (name, code), ratio in strange.items():
        event, out = _keep(event, "readings", lines, partial(_is_of_another, name, code))
        notes.append(
            (
                f"readings.csv 断面 {name} 的 {code}（首见第 {out[0]} 行）约为其余断面的 {ratio:.3g} 倍，疑为 µg/L 与 mg/L 混用，未使用；请核对单位。",
                f"readings.csv: {code} of section {name} (first at row {out[0]}) is about {ratio:.3g} times the other sections', as if µg/L and mg/L were mixed; not used, check the unit.",
            )
        )
    return event


def _is_of_another(section: str, factor: str, row: Reading) -> bool:
    return (row.section_id, row.factor) != (section, factor)


def _with_flows(event: Event, notes: list[Note], lines: dict[str, Sequence[int]]) -> Event:
    event, out = _keep(event, "flow", lines, lambda row: row.flow_m3_s is None or row.flow_m3_s > 0)
    if out:
        notes.append(
            (
                f"flow.csv 有 {len(out)} 行流量不大于 0（首见第 {out[0]} 行：断流或倒流），未用于推算流速。",
                f"flow.csv: {len(out)} rows have no positive flow (first at row {out[0]}: standing or reversed water) and were not used for velocities.",
            )
        )
    return event


def _without_empty_factors(event: Event, notes: list[Note]) -> Event:
    measured = {r.factor for r in event.readings if r.value is not None and r.flag in _GOOD} | {
        event.alarm.factor
    }
    empty = [code for code in event.factors if code not in measured]
    notes += [
        (
            f"因子 {code} 在 readings.csv 中没有任何有效值，未参与溯源。",
            f"Factor {code} has no valid value in readings.csv and took no part.",
        )
        for code in empty
    ]
    if empty:
        event = replace(event, factors={c: f for c, f in event.factors.items() if c not in empty})
    strange = sorted({r.factor for r in event.readings} - set(event.factors) - set(empty))
    if strange:
        names = "、".join(strange)
        notes.append(
            (
                f"readings.csv 的因子 {names} 未在 event.toml 中定义，未参与溯源。",
                f"Factors {', '.join(strange)} of readings.csv are not defined in event.toml and took no part.",
            )
        )
    return event


def _say_unconnected(event: Event, notes: list[Note]) -> None:
    """Say how many outfalls and sections lie in parts of the network that the alarm is not in."""
    network = network_of(event.reaches)
    outlet: dict[int, int] = {}
    for i in network.order:
        down = int(network.to[i])
        outlet[int(i)] = outlet[down] if down >= 0 else int(i)
    place = {s.section_id: s.reach_id for s in event.sections}
    here = outlet[network.index[place[event.alarm.section]]]
    apart = [o.outfall_id for o in event.outfalls if outlet[network.index[o.reach_id]] != here]
    if apart:
        notes.append(
            (
                f"河网分为互不相连的几部分：{len(apart)} 个排污口（如 {apart[0]}）所在的部分不流经断面 {event.alarm.section} 的出口；若本应相连，请核对 reaches.csv 的 to_reach_id。",
                f"The network is in parts: {len(apart)} outfalls (such as {apart[0]}) drain to another outlet than section {event.alarm.section}; if they ought to be joined, check to_reach_id in reaches.csv.",
            )
        )
