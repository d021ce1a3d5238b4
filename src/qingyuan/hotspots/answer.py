"""The answer (结果): a survey as JSON, in the coordinates of the files."""

from __future__ import annotations

from collections import Counter
from math import isfinite
from typing import Any

import numpy as np

from qingyuan.core.problems import Problem
from qingyuan.hotspots.faults import clock_of
from qingyuan.hotspots.fixes import REASONS
from qingyuan.hotspots.network import Network
from qingyuan.hotspots.plane import Plane
from qingyuan.hotspots.roads import Bools, RoadGraph
from qingyuan.hotspots.sites import Sites, probable_sources
from qingyuan.hotspots.spots import Spot
from qingyuan.hotspots.survey import Survey

__all__ = ["answer_of", "caveats_of", "name_of", "sources_of"]

_EXHAUST = 0.4
_MANY = 0.3
_LEVEL_UNSURE = 0.05
_TOLD_REPAIRS = 200


def answer_of(
    found: Survey, graph: RoadGraph, plane: Plane, *, missing: int = 0, sites: Sites | None = None,
    network: Network | None = None,
) -> dict[str, Any]:  # fmt: skip
    """Return hot spots, faulty vehicles, gains and counts, ready for JSON.

    Parameters
    ----------
    found, graph, plane
        The survey, and the roads it was made on.
    missing : int
        Fixes that had no vehicle, place or time.
    sites : Sites, optional
        Registered dust sources; each hot spot then says which may be its source.
    network : Network, optional
        Where the roads came from; its repairs are told.
    """
    used = int((found.reason == 0).sum())
    return {
        "hotspots": [_spot(s, found, graph, plane, sites) for s in found.spots],
        "faulty_vehicles": [
            {"vehicle_id": f.vehicle_id, "fault": f.fault,
             "evidence": {**_rounded(f.evidence), "says": f.says, "says_en": f.says_en}}
            for f in found.faults
        ],
        "gains": _gains(found),
        "rejected": found.rejected,
        "fixes": {"read": len(found.fixes) + missing, "used": used, "no_place_or_time": missing},
        "position_noise_m": round(found.noise_m, 1),
        "anchored": found.pm10.anchored,
        "level_se": _levels(found),
        "humidity": _humidity(found),
        "roads": None if network is None else _roads(network, plane),
        "caveats": [p.as_dict() for p in caveats_of(found)],
        "units": {"pm10": "ug/m3", "pm25": "ug/m3", "length": "m", "time": "s, local"},
    }  # fmt: skip


def caveats_of(found: Survey) -> list[Problem]:
    """Return what the reader must know before believing the answer."""
    told: list[Problem] = []
    if not found.pm10.anchored:
        told.append(Problem("hotspots.not_anchored"))
    elif found.pm10.level_se > _LEVEL_UNSURE:
        told.append(Problem("hotspots.level_unsure", error=f"{found.pm10.level_se:.0%}"))
    off = float((found.reason == REASONS.index("off_road")).mean())
    if off > _MANY:
        told.append(Problem("hotspots.many_off_road", share=f"{off:.0%}"))
    if not np.isfinite(found.fixes.speed).any():
        told.append(Problem("hotspots.no_speed"))
    if found.pm25 is None:
        told.append(Problem("hotspots.no_fine"))
    days = len(np.unique(found.fixes.t // 86400))
    if days < 2:
        told.append(Problem("hotspots.one_day"))
    return told


def _levels(found: Survey) -> dict[str, float] | None:
    """Return the relative error all gains of a pollutant share; None without stations."""
    fits = {"pm10": found.pm10, "pm25": found.pm25}
    out = {i: round(f.level_se, 4) for i, f in fits.items() if f is not None and f.anchored}
    return out or None


def _humidity(found: Survey) -> dict[str, dict[str, float]] | None:
    """Return κ by pollutant; None where it was never damp or nothing could tell."""
    fits = {"pm10": found.pm10, "pm25": found.pm25}
    out = {
        item: {"kappa": round(fit.kappa, 3), "kappa_se": round(fit.kappa_se, 3)}
        for item, fit in fits.items() if fit is not None and isfinite(fit.kappa_se)
    }  # fmt: skip
    return out or None


def _roads(network: Network, plane: Plane) -> dict[str, Any]:
    graph, told = network.graph, network.repairs[:_TOLD_REPAIRS]
    places = plane.given_all(np.array([r.x for r in told]), np.array([r.y for r in told]))
    names = ("lon", "lat") if plane.meridian is not None else ("x", "y")
    return {
        "lines": network.lines, "edges": len(graph.u), "nodes": graph.nodes,
        "km": round(float(graph.length.sum()) / 1000, 1), "repairs": network.counts,
        "repaired": [
            {"kind": r.kind, "line": r.line_id, **dict(zip(names, place, strict=True)), "amount": round(r.amount, 1),
             "says": r.says("zh"), "says_en": r.says("en")}
            for r, *place in zip(told, *places, strict=True)
        ],
    }  # fmt: skip


def _rounded(figures: dict[str, float]) -> dict[str, float]:
    return {k: float(f"{v:.4g}") if abs(v) < 1e4 else round(v) for k, v in figures.items()}


def _gains(found: Survey) -> dict[str, Any]:
    out: dict[str, dict[str, dict[str, float]]] = {}
    moved = {f.vehicle_id: f.evidence["shift_s"] for f in found.faults if f.fault == "clock"}
    for v, vehicle in enumerate(found.fixes.vehicles):
        left, error, _ = clock_of(v, found.pm10, found.pm25)
        shift = moved.get(vehicle, 0.0) + left
        out[vehicle] = {}
        for item, fit in (("pm10", found.pm10), ("pm25", found.pm25)):
            if fit is not None and isfinite(fit.spread[v]):
                out[vehicle][item] = {
                    "gain": round(float(fit.gain[v]), 4), "gain_se": round(float(fit.gain_se[v]), 4),
                    "offset": round(float(fit.offset[v]), 2), "offset_se": round(float(fit.offset_se[v]), 2),
                    "drift_per_day": round(float(fit.drift[v]), 4),
                }  # fmt: skip
        if isfinite(error):
            out[vehicle]["clock"] = {
                "fast_s": round(shift), "se_s": round(error),
                "corrected_s": round(moved.get(vehicle, 0.0)),
            }  # fmt: skip
    return out


def _spot(
    spot: Spot, found: Survey, graph: RoadGraph, plane: Plane, sites: Sites | None
) -> dict[str, Any]:
    edges = np.unique(found.segments.edge[spot.segments])
    share = None if not isfinite(spot.coarse_share) else round(spot.coarse_share, 2)
    kind = "unknown" if share is None else "dust" if share >= _EXHAUST else "exhaust"
    return {
        "segments": graph.called(edges),
        **plane.given(spot.x, spot.y),
        "radius_m": round(spot.radius_m),
        "increment": round(spot.increment, 1),
        "increment_90": [round(spot.low, 1), round(spot.high, 1)],
        "peak": round(spot.peak, 1),
        "p_value": float(f"{spot.p_value:.3g}"),
        "active_hours": [spot.first_hour, spot.end_hour],
        "active_days": list(range(spot.first_day, spot.last_day + 1)),
        "coarse_share": share,
        "kind": kind,
        "background": round(spot.background, 1),
        "passes": spot.passes,
        "vehicles": spot.vehicles,
        "merged": spot.merged,
        "name": name_of(spot, found, graph),
        **({} if sites is None else {"sources": sources_of(spot, sites)}),
    }


def sources_of(spot: Spot, sites: Sites) -> list[dict[str, Any]]:
    """Return the registered sites that may be the source, and that none of them is, with probabilities."""
    out: list[dict[str, Any]] = []
    for s in probable_sources(spot, sites):
        if s.site is None:
            out.append({"site_id": None, "type": "unregistered", "probability": round(s.probability, 3)})  # fmt: skip
            continue
        i = s.site
        out.append({
            "site_id": sites.site_id[i], "name": sites.name[i], "type": sites.kind[i],
            "department": sites.department[i], "distance_m": round(s.distance_m),
            "probability": round(s.probability, 3),
        })  # fmt: skip
    return out


def name_of(spot: Spot, found: Survey, graph: RoadGraph) -> dict[str, str]:
    """Name a hot spot by its road and the roads that cross it on both sides; empty without names."""
    if not graph.road:
        return {"road": "", "from": "", "to": ""}
    edges = found.segments.edge[spot.segments]
    named = Counter(graph.road[e] for e in edges if graph.road[e])
    if not named:
        return {"road": "", "from": "", "to": ""}
    road = named.most_common(1)[0][0]
    own = np.array([name == road for name in graph.road])
    other = np.array([bool(name) and name != road for name in graph.road])
    crossing = np.intersect1d(
        np.concatenate([graph.u[own], graph.v[own]]), np.concatenate([graph.u[other], graph.v[other]])
    )  # fmt: skip
    if not len(crossing):
        return {"road": road, "from": "", "to": ""}
    return {"road": road, **_between(spot, graph, own, other, crossing)}


def _between(
    spot: Spot, graph: RoadGraph, own: Bools, other: Bools, crossing: Bools
) -> dict[str, str]:  # fmt: skip
    """Return the nearest named crossings on either side, along the road's own direction."""
    x, y = np.zeros(graph.nodes), np.zeros(graph.nodes)
    x[graph.u], y[graph.u] = graph.x1, graph.y1
    x[graph.v], y[graph.v] = graph.x2, graph.y2
    mine = np.flatnonzero(own)
    middle = np.hypot(
        (graph.x1 + graph.x2)[mine] / 2 - spot.x, (graph.y1 + graph.y2)[mine] / 2 - spot.y
    )
    at = mine[int(middle.argmin())]
    ux = (graph.x2[at] - graph.x1[at]) / graph.length[at]
    uy = (graph.y2[at] - graph.y1[at]) / graph.length[at]
    along = (x[crossing] - spot.x) * ux + (y[crossing] - spot.y) * uy
    away = np.hypot(x[crossing] - spot.x, y[crossing] - spot.y)
    said = {"from": "", "to": ""}
    for key, side in (("from", along < 0), ("to", along >= 0)):
        if side.any():
            node = crossing[side][int(away[side].argmin())]
            touching = np.flatnonzero(other & ((graph.u == node) | (graph.v == node)))
            said[key] = graph.road[touching[0]]
    return said
