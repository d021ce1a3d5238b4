"""Questions about traces: the newest answer of an alarm, its suspects as rows, its map layer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from qingyuan.core.factors import factor
from qingyuan.web.accounts.scope import Scope
from qingyuan.web.registry.models import Outfall, RiverReach
from qingyuan.web.registry.models.geometry import in_language
from qingyuan.web.signals import selectors as signals
from qingyuan.web.signals.models import Signal
from qingyuan.web.tracing.models import GrabSample, Trace

__all__ = [
    "KINDS",
    "Suspect",
    "headline",
    "names_of",
    "newest_answer",
    "next_sample",
    "samples_of",
    "sampling_reaches",
    "suspects",
    "suspects_geojson",
    "traceable_signals",
    "traces",
]

KINDS = {
    "topology": gettext_noop("河网"),
    "timing": gettext_noop("到达时间"),
    "shape": gettext_noop("过程形状"),
    "profile": gettext_noop("污染物构成"),
    "mass": gettext_noop("水量能力"),
    "capacity": gettext_noop("水量能力"),
    "clean": gettext_noop("其他断面"),
    "online": gettext_noop("自身在线数据"),
    "monitor": gettext_noop("自身在线数据"),
    "prior": gettext_noop("先验"),
    "rain": gettext_noop("降雨"),
    "sample": gettext_noop("加密采样"),
    "samples": gettext_noop("加密采样"),
}


@dataclass(frozen=True, slots=True)
class Suspect:
    """One row of the suspects table."""

    rank: int
    code: str
    name: str
    enterprise: str
    enterprise_code: str
    trade: str
    probability: float
    involved: float
    release: Mapping[str, datetime] | None
    bits: list[tuple[str, float]]
    says: list[str]
    monitor: str
    undated: bool
    in_set90: bool
    outfall: Outfall | None

    @property
    def total_bits(self) -> float:
        """All evidence together."""
        return sum(bits for _, bits in self.bits)


def traceable_signals(scope: Scope) -> QuerySet[Signal]:
    """Return the section exceedances a person may see."""
    return signals.signals(scope).filter(object_kind="section", kind=Signal.Kind.EXCEEDANCE)


def traces(scope: Scope) -> QuerySet[Trace]:
    """Return the traces a person may see, newest first."""
    return (
        Trace.objects.filter(signal__in=traceable_signals(scope))
        .select_related("signal")
        .order_by("-requested_at", "-round")
    )


def newest_answer(signal: Signal) -> Trace | None:
    """Return the latest finished trace of an alarm."""
    return signal.traces.filter(state=Trace.State.DONE).order_by("-round").first()


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text)


def suspects(trace: Trace, *, most: int = 12, english: bool = False) -> list[Suspect]:
    """Return the suspects of an answer with the names a reader knows, the likeliest first."""
    rows = (trace.answer or {}).get("candidates", [])[:most]
    known = {
        o.code: o
        for o in Outfall.objects.filter(code__in=[r["outfall_id"] for r in rows]).select_related(
            "enterprise", "district"
        )
    }
    credible = set((trace.answer or {}).get("set90", []))
    return [_suspect(row, known.get(row["outfall_id"]), credible, english=english) for row in rows]


def _suspect(
    row: Mapping[str, Any], outfall: Outfall | None, credible: set[str], *, english: bool
) -> Suspect:
    span = row.get("release_start")
    enterprise = outfall.enterprise if outfall else None
    return Suspect(
        rank=row["rank"],
        code=row["outfall_id"],
        name=outfall.name if outfall else row["outfall_id"],
        enterprise=enterprise.name if enterprise else "",
        enterprise_code=enterprise.code if enterprise else "",
        trade=enterprise.trade_zh if enterprise else "",
        probability=row["probability"],
        involved=row["involved"],
        release={k: _time(v) for k, v in span.items()} if span and span.get("p50") else None,
        bits=[(_(KINDS.get(e["kind"], e["kind"])), e["bits"]) for e in row["evidence"]],
        says=[(e.get("says_en") if english else e["says"]) or e["says"] for e in row["evidence"]],
        monitor=row.get("monitor", ""),
        undated=bool(row.get("undated")),
        in_set90=row["outfall_id"] in credible,
        outfall=outfall,
    )


def names_of(codes: Iterable[str]) -> dict[str, str]:
    """Return the reader's name of each outfall; *none* and *several* in words, others as they are."""
    wanted = list(dict.fromkeys(codes))
    known = {o.code: o.name for o in Outfall.objects.filter(code__in=wanted)}
    words = {"none": _("无单一来源"), "several": _("两个以上")}
    return {code: known.get(code) or words.get(code, code) for code in wanted}


def headline(trace: Trace) -> str:
    """Return the one sentence that says how sure the answer is."""
    answer = trace.answer or {}
    top = answer.get("candidates", [])[:3]
    values = {
        "n": len(top),
        "p": f"{sum(c['probability'] for c in top):.2f}",
        "none": f"{answer.get('none', 0):.2f}",
        "several": f"{answer.get('several', 0):.2f}",
    }
    return (
        _("最可能的 %(n)s 个排污口合计 %(p)s；两个以上同时排放 %(several)s；无单一来源 %(none)s。")
        % values
    )


def next_sample(trace: Trace) -> dict[str, Any] | None:
    """Return where, when and what to sample next, with names and the place on the map."""
    row = (trace.answer or {}).get("next_sample")
    if not row:
        return None
    reach = RiverReach.objects.filter(code=row["reach_id"]).first()
    place = None
    if reach is not None and reach.shape is not None:
        point = reach.shape.interpolate(
            min(row["position_m"] / reach.length_m, 1.0), normalized=True
        )
        place = (point.x, point.y)
    return {
        **row,
        "time": _time(row["time"]),
        "factor_name": in_language(factor(row["factor"]).zh, factor(row["factor"]).en),
        "reach": reach,
        "river": reach.river if reach else row["reach_id"],
        "place": place,
    }


def samples_of(signal: Signal) -> list[tuple[GrabSample, str]]:
    """Return the samples entered for an alarm, newest first, with the factor's name."""
    rows = GrabSample.objects.filter(signal=signal).select_related("entered_by")
    return [
        (row, in_language(factor(row.factor).zh, factor(row.factor).en))
        for row in rows.order_by("-taken_at", "-pk")
    ]


def sampling_reaches() -> QuerySet[RiverReach]:
    """Return the reaches a sample can be entered on."""
    return RiverReach.objects.order_by("river_zh", "code")


def suspects_geojson(trace: Trace) -> dict[str, Any]:
    """Return the suspects and the next sample as a map layer; ``p`` shades them."""
    features = [
        {
            "type": "Feature",
            "geometry": {"type": "Point", "coordinates": [s.outfall.lon, s.outfall.lat]},
            "properties": {
                "id": s.code,
                "name": s.name,
                "kind": s.outfall.outfall_class,
                "p": round(s.probability, 4),
                "rank": s.rank,
            },
        }
        for s in suspects(trace, most=50)
        if s.outfall is not None
    ]
    return {"type": "FeatureCollection", "features": features}
