"""Curves (拟合曲线与水团): a suspect's release as concentrations, to be drawn; JSON-ready.

Bands are of the concentration itself (background plus release), not of one noisy reading.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from qingyuan.core.problems import Problem
from qingyuan.river.carry import carried, decayed, particles_of
from qingyuan.river.network import Point
from qingyuan.river.scene import Scene
from qingyuan.river.timing import SHAPE_REL_SD
from qingyuan.river.tracing import Inquiry

__all__ = ["fitted_curves", "plume"]

Floats: TypeAlias = NDArray[np.float64]
_PARTICLES = 96
_POINTS = (0.05, 0.25, 0.5, 0.75, 0.95)
# what the transport model gets wrong in shape, at even quantiles
_SHAPE = np.exp(SHAPE_REL_SD * np.array([-1.38, -0.67, -0.21, 0.21, 0.67, 1.38]))
_LEAD_H = 6.0
_MOST_PLACES, _MOST_SECTIONS = 160, 12
_BEYOND_H = 12.0


def fitted_curves(
    inquiry: Inquiry,
    code: str,
    *,
    factor: str | None = None,
    step_min: int = 30,
    ahead_h: float = 12.0,
) -> dict[str, Any]:
    """Return what each section below an outfall would read if it were the one (拟合曲线).

    Parameters
    ----------
    inquiry : Inquiry
        From ``investigate(event, seed=…)``.
    code : str
        The outfall.
    factor : str, optional
        Factor code; by default the alarmed one.
    step_min, ahead_h : int, float
        Grid of the curves, and how far beyond now they go.

    Returns
    -------
    dict
        ``outfall_id, factor, name, unit, limit, detected_at, times`` (ISO), and ``sections``: each
        with ``section_id, alarmed, distance_m, travel_h, times…``: ``median, p25, p75, p05, p95,
        background`` (lists as long as ``times``, in ``unit``) and ``readings`` as
        ``[{"time", "value", "flag"}]``. Sections are ordered along the water. Empty where the
        outfall cannot be dated.

    Raises
    ------
    Problem
        ``river.not_a_suspect`` if the outfall is not upstream of the alarmed section.
    """
    scene, suspects = inquiry.scene, inquiry.suspects
    i, factor = _which(inquiry, code), factor or scene.event.alarm.factor
    head = _head(scene, code, factor)
    fit = suspects.fit_of(i)
    at = _column(scene, factor)
    if fit is None or at is None or scene.signature is None:
        return head | {"times": [], "sections": []}
    order = np.argsort(fit.start_h, kind="stable")
    share = np.cumsum(fit.weight[order]) / fit.weight.sum()
    early = float(fit.start_h[order][min(int(np.searchsorted(share, 0.05)), len(order) - 1)])
    begin = max(
        early - _LEAD_H, (scene.event.start - scene.event.detected_at).total_seconds() / 3600
    )
    hours = np.arange(begin, ahead_h + 1e-9, step_min / 60)
    trail = {r: k for k, r in enumerate(scene.network.path(int(suspects.reach[i])))}
    below = [
        r
        for r in scene.records
        if r.point.reach in trail
        and (r.point.reach != suspects.reach[i] or r.point.position_m >= suspects.position_m[i])
    ]
    below.sort(key=lambda r: (trail[r.point.reach], r.point.position_m, r.name))
    alarmed = next((k for k, r in enumerate(below) if r.name == scene.event.alarm.section), 0)
    below = below[: max(alarmed + 1 + _MOST_SECTIONS // 2, _MOST_SECTIONS)]
    picked = particles_of(fit, _PARTICLES)
    rises = carried(scene, suspects, i, [r.point for r in below], hours, particles=picked)
    rise = float(np.nan_to_num(scene.signature.rise[at]))
    sections = []
    for k, record in enumerate(below):
        known = ~np.isnan(record.base[:, at])
        base = np.zeros_like(hours)
        if known.any():
            base = np.interp(hours, record.hours[known], record.base[known, at])
        lost = decayed(scene, suspects, i, record.point, factor)
        level = rises[:, k] * max(rise, 0.0) * lost
        way = scene.transport.between(
            suspects.reach[i : i + 1], suspects.position_m[i : i + 1], record.point
        )
        sections.append(
            {
                "section_id": record.name,
                "alarmed": record.name == scene.event.alarm.section,
                "distance_m": round(_distance(scene, inquiry, i, record.point)),
                "travel_h": round(float(way.mean_h[0]), 2),
                "background": _round(base),
                **_bands(level, base[None, :]),
                "readings": _readings(inquiry, record.name, factor),
            }
        )
    return head | {"times": _times(scene, hours), "sections": sections}


def plume(
    inquiry: Inquiry,
    code: str,
    *,
    factor: str | None = None,
    step_min: int = 60,
    ahead_h: float = 12.0,
) -> dict[str, Any]:
    """Return the release along the river over time, to be animated (水团推移).

    Returns
    -------
    dict
        ``outfall_id, factor, name, unit, limit, detected_at, times`` (ISO), ``places`` as
        ``[{"reach_id", "position_m", "distance_m"}]`` from the outfall down, and ``median, p05,
        p95``: one list per time, one number per place: the *rise* over the background, in ``unit``.
        Empty where the outfall cannot be dated.

    Raises
    ------
    Problem
        ``river.not_a_suspect`` if the outfall is not upstream of the alarmed section.
    """
    scene, suspects = inquiry.scene, inquiry.suspects
    i, factor = _which(inquiry, code), factor or scene.event.alarm.factor
    head = _head(scene, code, factor)
    fit = suspects.fit_of(i)
    at = _column(scene, factor)
    empty: dict[str, Any] = {"times": [], "places": [], "median": [], "p05": [], "p95": []}
    if fit is None or at is None or scene.signature is None:
        return head | empty
    picked = particles_of(fit, _PARTICLES // 2)
    begin = float(np.quantile(fit.start_h[picked], 0.05))
    hours = np.arange(np.floor(begin), ahead_h + 1e-9, step_min / 60)
    places = _along(scene, inquiry, i)
    rises = carried(scene, suspects, i, places, hours, particles=picked)
    rise = max(float(np.nan_to_num(scene.signature.rise[at])), 0.0)
    lost = np.array([decayed(scene, suspects, i, p, factor) for p in places])
    level = rises * rise * lost[None, :, None]
    shaped = (level[None] * _SHAPE[:, None, None, None]).reshape(-1, *level.shape[1:])
    low, middle, high = np.quantile(shaped, [0.05, 0.5, 0.95], axis=0)
    return head | {
        "times": _times(scene, hours),
        "places": [
            {
                "reach_id": scene.network.reaches[p.reach].reach_id,
                "position_m": round(p.position_m, 1),
                "distance_m": round(_distance(scene, inquiry, i, p)),
            }
            for p in places
        ],
        "median": [_round(row) for row in middle.T],
        "p05": [_round(row) for row in low.T],
        "p95": [_round(row) for row in high.T],
    }


def _which(inquiry: Inquiry, code: str) -> int:
    names = [o.outfall_id for o in inquiry.suspects.outfalls]
    if code not in names:
        raise Problem("river.not_a_suspect", outfall=code, section=inquiry.trace.section)
    return names.index(code)


def _column(scene: Scene, factor: str) -> int | None:
    return scene.factors.index(factor) if factor in scene.factors else None


def _head(scene: Scene, code: str, factor: str) -> dict[str, Any]:
    known = scene.event.factors.get(factor)
    alarm = scene.event.alarm
    return {
        "outfall_id": code,
        "factor": factor,
        "name": known.name if known else "",
        "unit": known.unit if known else "mg/L",
        "limit": alarm.limit if factor == alarm.factor else None,
        "detected_at": scene.event.detected_at.isoformat(timespec="seconds"),
    }


def _bands(level: Floats, base: Floats) -> dict[str, list[float]]:
    shaped = (level[None] * _SHAPE[:, None, None]).reshape(-1, level.shape[-1]) + base
    rows = np.quantile(shaped, _POINTS, axis=0)
    return {
        name: _round(row)
        for name, row in zip(("p05", "p25", "median", "p75", "p95"), rows, strict=True)
    }


def _readings(inquiry: Inquiry, section: str, factor: str) -> list[dict[str, Any]]:
    rows = [
        r for r in inquiry.scene.event.readings if r.section_id == section and r.factor == factor
    ]
    return [
        {"time": r.time.isoformat(timespec="seconds"), "value": r.value, "flag": r.flag}
        for r in sorted(rows, key=lambda r: r.time)
    ]


def _along(scene: Scene, inquiry: Inquiry, i: int) -> list[Point]:
    """Return places down to twelve hours beyond the alarmed section, at most 160."""
    suspects = inquiry.suspects
    path = scene.network.path(int(suspects.reach[i]))
    edge = float(suspects.travel_h[i]) + _BEYOND_H
    here = (suspects.reach[i : i + 1], suspects.position_m[i : i + 1])
    kept = []
    for reach in path:
        way = scene.transport.between(*here, Point(reach, 0.0))
        if reach != path[0] and float(way.mean_h[0]) > edge:
            break
        kept.append(reach)
    first = float(suspects.position_m[i])
    total = float(scene.network.length_m[kept].sum()) - first
    step = max(total / _MOST_PLACES, 100.0)
    found, at = [], first
    for reach in kept:
        length = float(scene.network.length_m[reach])
        while at <= length:
            found.append(Point(reach, at))
            at += step
        at -= length
    return found


def _distance(scene: Scene, inquiry: Inquiry, i: int, place: Point) -> float:
    """Return metres along the water from suspect *i* to *place*."""
    suspects = inquiry.suspects
    total = -float(suspects.position_m[i])
    for reach in scene.network.path(int(suspects.reach[i])):
        if reach == place.reach:
            return total + place.position_m
        total += float(scene.network.length_m[reach])
    return total


def _times(scene: Scene, hours: Floats) -> list[str]:
    now = scene.event.detected_at
    return [
        (now + timedelta(seconds=round(float(h) * 3600))).isoformat(timespec="seconds")
        for h in hours
    ]


def _round(values: Floats) -> list[float]:
    return [float(f"{v:.4g}") for v in values]
