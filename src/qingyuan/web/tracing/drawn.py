"""What the trace page shows besides the list: fitted curves, the plume, reasons, two rounds compared."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _
from shapely import get_coordinates
from shapely.ops import substring

from qingyuan import river
from qingyuan.core.factors import factor as factor_of
from qingyuan.core.problems import Problem, Problems
from qingyuan.web.registry.models import Outfall, RiverReach, Section
from qingyuan.web.registry.models.geometry import in_language
from qingyuan.web.tracing.models import Trace
from qingyuan.web.tracing.selectors import KINDS, Suspect, in_words, names_of
from qingyuan.web.tracing.services.drawings import read_drawings

__all__ = [
    "Drawn",
    "Matrix",
    "Reason",
    "SectionChart",
    "charts",
    "comparison",
    "drawings_of",
    "evidence_matrix",
    "plume_geojson",
    "plume_span",
    "reason",
    "round_rows",
]

Drawn = Mapping[str, Any]
_CHARTS = 4
_COMPARED = 10
_FAINT = 0.02  # of the plume's greatest rise: below it nothing is drawn


@dataclass(frozen=True, slots=True)
class SectionChart:
    """One section's readings with what the suspect would have given there."""

    section: Section | None
    name: str
    alarmed: bool
    distance_m: float
    travel_h: float
    config: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Reason:
    """Why an outfall is suspected, or why not, in words, bits and expected proportions."""

    outfall: Outfall
    told: Mapping[str, Any]
    says: str
    bits: list[tuple[str, float]]
    against: list[tuple[str, float]]
    leader: str
    leader_bits: float | None
    reach: float


@dataclass(frozen=True, slots=True)
class Matrix:
    """The evidence of the likeliest suspects, one column per kind, in bits."""

    kinds: list[str]
    rows: list[tuple[Suspect, list[float | None]]]


def drawings_of(trace: Trace | None) -> Drawn | None:
    """Return the drawings of an answered trace; None where there is nothing to draw from."""
    if trace is None or trace.state != Trace.State.DONE:
        return None
    try:
        return read_drawings(settings.FOLDER.events / trace.folder_name, seed=trace.seed)
    except (Problem, Problems):
        return None


def _ms(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp() * 1000)


def _line(times: Iterable[str], values: Iterable[float]) -> list[list[float]]:
    return [[_ms(t), v] for t, v in zip(times, values, strict=True)]


def charts(
    drawn: Drawn, code: str, *, limit: Mapping[str, Any] | None, until: datetime
) -> list[SectionChart]:
    """Return the sections below a suspect with its fitted curve, and the next suspect's for contrast.

    *until* is where the readings end and the forecast begins.
    """
    curves = drawn["curves"]
    chosen = curves.get(code)
    if not chosen or not chosen["sections"]:
        return []
    rival = next((c for c in curves if c != code and curves[c]["sections"]), None)
    others = {s["section_id"]: s for s in curves[rival]["sections"]} if rival else {}
    wanted = _nearest_alarm(chosen["sections"])
    sections = {
        s.code: s for s in Section.objects.filter(code__in=[r["section_id"] for r in wanted])
    }
    names = names_of([code, *([rival] if rival else [])])
    unit, times = chosen["unit"], chosen["times"]
    made = []
    for row in wanted:
        held = sections.get(row["section_id"])
        name = held.name if held else row["section_id"]
        fits = [
            {
                "name": names[code],
                "mean": _line(times, row["median"]),
                "low": _line(times, row["p05"]),
                "high": _line(times, row["p95"]),
            }
        ]
        if rival and row["section_id"] in others:
            mean = _line(curves[rival]["times"], others[row["section_id"]]["median"])
            fits.append({"name": names[rival], "mean": mean})
        first = _ms(times[0])
        made.append(
            SectionChart(
                section=held,
                name=name,
                alarmed=row["alarmed"],
                distance_m=row["distance_m"],
                travel_h=row["travel_h"],
                config={
                    "title": f"{name} {_factor(chosen['factor'])}",
                    "unit": unit,
                    "limit": limit if row["alarmed"] else None,
                    "until": int(until.timestamp() * 1000),
                    "observed": [
                        [_ms(r["time"]), r["value"], r["flag"]]
                        for r in row["readings"]
                        if r["value"] is not None and _ms(r["time"]) >= first
                    ],
                    "fits": fits,
                },
            )
        )
    return made


def _nearest_alarm(sections: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return at most four sections round the alarmed one, in the order of the water."""
    at = next((i for i, s in enumerate(sections) if s["alarmed"]), 0)
    start = max(0, min(at - 2, len(sections) - _CHARTS))
    return sections[start : start + _CHARTS]


def _factor(code: str) -> str:
    known = factor_of(code)
    return in_language(known.zh, known.en)


def evidence_matrix(suspects: list[Suspect], *, most: int = 8) -> Matrix:
    """Return the evidence of the first suspects as one table of bits."""
    shown = suspects[:most]
    kinds = list(dict.fromkeys(kind for s in shown for kind, _bits in s.bits))
    held = [{kind: round(bits, 1) for kind, bits in s.bits} for s in shown]
    return Matrix(
        kinds, [(s, [own.get(kind) for kind in kinds]) for s, own in zip(shown, held, strict=True)]
    )


def reason(trace: Trace, drawn: Drawn | None, code: str) -> Reason | None:
    """Return why one outfall is or is not suspected; None for a code that is no outfall."""
    outfall = Outfall.objects.filter(code=code).select_related("enterprise", "district").first()
    if outfall is None:
        return None
    told = (drawn or {}).get("reasons", {}).get(code)
    if told is None:
        says = _("它不在断面上游，或距离太远、可能性太小，未逐项列出。")
        return Reason(outfall, {}, says, [], [], "", None, 1.0)
    against = told["against"]
    by_kind = [(KINDS.get(k, k), v) for k, v in (against or {}).get("by_kind", {}).items()]
    bits = [(KINDS.get(e["kind"], e["kind"]), e["bits"]) for e in told["evidence"]]
    leader = against["outfall_id"] if against else ""
    (says,) = in_words([in_language(told["says"], told["says_en"])])
    told = told | {"profile": [r | {"name": _factor(r["factor"])} for r in told["profile"]]}
    return Reason(
        outfall=outfall,
        told=told,
        says=says,
        bits=[(_(k), v) for k, v in bits],
        against=[(_(k), v) for k, v in by_kind],
        leader=names_of([leader])[leader] if leader else "",
        leader_bits=against["bits"] if against else None,
        reach=max([abs(v) for _k, v in (*bits, *by_kind)], default=1.0) or 1.0,
    )


def plume_span(
    drawn: Drawn | None, code: str, *, now: datetime, alarm: tuple[datetime, str] | None = None
) -> dict[str, Any] | None:
    """Return the time bar of a suspect's plume: from its release on, with now and the alarm on it."""
    plume = (drawn or {}).get("plumes", {}).get(code)
    if not plume or len(plume["times"]) < 2:
        return None
    return {
        "from": plume["times"][0],
        "to": plume["times"][-1],
        "now": now.isoformat(),
        "step_minutes": 60,
        "alarms": [{"at": alarm[0].isoformat(), "label": alarm[1]}] if alarm else [],
    }


def plume_geojson(drawn: Drawn | None, code: str, *, at: datetime) -> dict[str, Any]:
    """Return where the release is at a moment: runs of river with the rise as a share of its greatest.

    ``p`` is the median share, ``p95`` its upper 95 % bound; ``rise`` in the factor's unit.
    """
    empty: dict[str, Any] = {"type": "FeatureCollection", "features": []}
    plume = (drawn or {}).get("plumes", {}).get(code)
    if not plume or not plume["times"]:
        return empty
    times = [_ms(t) for t in plume["times"]]
    i = max(bisect_right(times, at.timestamp() * 1000) - 1, 0)
    greatest = max((max(row) for row in plume["median"] if row), default=0.0)
    if greatest <= 0:
        return empty
    places = plume["places"]
    rows = {r.code: r for r in RiverReach.objects.filter(code__in={p["reach_id"] for p in places})}
    lines = {code: (row.shape, row.length_m) for code, row in rows.items()}
    features = []
    for k in range(len(places) - 1):
        a, b = places[k], places[k + 1]
        high = plume["p95"][i][k]
        if a["reach_id"] not in lines or high < _FAINT * greatest:
            continue
        line, length = lines[a["reach_id"]]
        end = b["position_m"] if b["reach_id"] == a["reach_id"] else length
        part = substring(line, a["position_m"] / length, min(end / length, 1.0), normalized=True)
        if part.geom_type != "LineString":
            continue
        features.append(
            {
                "type": "Feature",
                "geometry": {
                    "type": "LineString",
                    "coordinates": get_coordinates(part).round(6).tolist(),
                },
                "properties": {
                    "code": f"{a['reach_id']}+{a['position_m']:.0f}",
                    "name": f"{plume['median'][i][k]:g} {plume['unit']}",
                    "p": round(min(plume["median"][i][k] / greatest, 1.0), 3),
                    "p95": round(min(high / greatest, 1.0), 3),
                    "rise": plume["median"][i][k],
                },
            }
        )
    return {"type": "FeatureCollection", "features": features}


def round_rows(drawn: Drawn | None) -> list[dict[str, Any]]:
    """Return the samples of one round with river, place on the map and time."""
    rows = (drawn or {}).get("round", [])
    reaches = {r.code: r for r in RiverReach.objects.filter(code__in={r["reach_id"] for r in rows})}
    made = []
    for row in rows:
        reach = reaches.get(row["reach_id"])
        if reach is None:
            continue
        point = reach.shape.interpolate(
            min(row["position_m"] / reach.length_m, 1.0), normalized=True
        )
        made.append(
            {
                **row,
                "at": datetime.fromisoformat(row["time"]),
                "factor_name": _factor(row["factor"]),
                "reach": reach,
                "lon": point.x,
                "lat": point.y,
            }
        )
    return made


def comparison(before: Trace, after: Trace) -> dict[str, Any]:
    """Return two rounds side by side with the names a reader knows."""
    first, second = before.answer or {}, after.answer or {}
    told = river.compare(first, second)
    held = [
        {c["outfall_id"]: c for c in answer.get("candidates", [])} for answer in (first, second)
    ]

    def pair(code: str, what: str) -> tuple[float | None, ...]:
        return tuple(answer[code][what] if code in answer else None for answer in held)

    codes = sorted(
        held[0].keys() | held[1].keys(),
        key=lambda code: (-max(p or 0.0 for p in pair(code, "involved")), code),
    )[:_COMPARED]
    names = names_of([*codes, *told["set90"]["entered"], *told["set90"]["left"]])
    return {
        **told,
        "first": before,
        "second": after,
        "outfalls": [
            {
                "code": code,
                "name": names[code],
                "involved": pair(code, "involved"),
                "alone": pair(code, "probability"),
            }
            for code in codes
        ],
        "whole": [
            (name, (first.get(code), second.get(code)))
            for code, name in names_of(["several", "none"]).items()
        ],
        "entered": [names[c] for c in told["set90"]["entered"]],
        "left": [names[c] for c in told["set90"]["left"]],
    }
