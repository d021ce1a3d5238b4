"""Questions about traces: the newest answer of an alarm, its suspects as rows, its map layer."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from qingyuan.core.factors import factor, factors
from qingyuan.web.accounts.scope import Scope
from qingyuan.web.registry.models import Outfall, RiverReach, Section
from qingyuan.web.registry.models.geometry import in_language
from qingyuan.web.signals import selectors as signals
from qingyuan.web.signals.models import TRACEABLE, Signal
from qingyuan.web.tracing.models import GrabSample, Trace
from qingyuan.web.ui.templatetags.ui import probability

__all__ = [
    "KINDS",
    "Credible",
    "Suspect",
    "credible",
    "headline",
    "in_words",
    "names_of",
    "newest_answer",
    "next_sample",
    "samples_of",
    "sampling_reaches",
    "suspects",
    "suspects_geojson",
    "traceable_signals",
    "traces",
    "why_of",
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


_LIKELY = 0.5
_SURE = 0.8
_TAKES_PART = 0.1  # an outfall this likely among several is shown with the credible set


@dataclass(frozen=True, slots=True)
class Suspect:
    """One row of the suspects table: the likeliest to take part, alone or among several, first."""

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
    """Return the exceedances and steps of sections a person may see."""
    return signals.signals(scope).filter(object_kind="section", kind__in=TRACEABLE)


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
    """Return the suspects of an answer with the names a reader knows, the likeliest first.

    Likeliest is whoever most probably takes part: alone, or as one of several.
    """
    candidates = (trace.answer or {}).get("candidates", [])
    rows = sorted(candidates, key=lambda r: (-r["involved"], r["rank"]))[:most]
    known = {
        o.code: o
        for o in Outfall.objects.filter(code__in=[r["outfall_id"] for r in rows]).select_related(
            "enterprise", "district"
        )
    }
    credible = set((trace.answer or {}).get("set90", []))
    return [
        _suspect(n, row, known.get(row["outfall_id"]), credible, english=english)
        for n, row in enumerate(rows, 1)
    ]


def _suspect(
    rank: int, row: Mapping[str, Any], outfall: Outfall | None, credible: set[str], *, english: bool
) -> Suspect:
    span = row.get("release_start")
    enterprise = outfall.enterprise if outfall else None
    return Suspect(
        rank=rank,
        code=row["outfall_id"],
        name=outfall.name if outfall else row["outfall_id"],
        enterprise=enterprise.name if enterprise else "",
        enterprise_code=enterprise.code if enterprise else "",
        trade=enterprise.trade_zh if enterprise else "",
        probability=row["probability"],
        involved=row["involved"],
        release={k: _time(v) for k, v in span.items()} if span and span.get("p50") else None,
        bits=[(_(KINDS.get(e["kind"], e["kind"])), e["bits"]) for e in row["evidence"]],
        says=in_words(
            [(e.get("says_en") if english else e["says"]) or e["says"] for e in row["evidence"]]
        ),
        monitor=row.get("monitor", ""),
        undated=bool(row.get("undated")),
        in_set90=row["outfall_id"] in credible
        or ("several" in credible and row["involved"] >= _TAKES_PART),
        outfall=outfall,
    )


def names_of(codes: Iterable[str]) -> dict[str, str]:
    """Return the reader's name of each outfall; *none* and *several* in words, others as they are."""
    wanted = list(dict.fromkeys(codes))
    known = {o.code: o.name for o in Outfall.objects.filter(code__in=wanted)}
    words = {"none": _("无单一来源"), "several": _("两个以上")}
    return {code: known.get(code) or words.get(code, code) for code in wanted}


_CODE = re.compile(r"(?<![0-9A-Za-z])[A-Za-z]+[0-9]+(?![0-9A-Za-z])")


def in_words(texts: Iterable[str]) -> list[str]:
    """Return sentences of the tracer with names in place of the codes it speaks in."""
    told = list(texts)
    codes = {code for text in told for code in _CODE.findall(text)}
    if not codes:
        return told
    names = {row.code: row.name for row in Outfall.objects.filter(code__in=codes)}
    names |= {row.code: row.name for row in Section.objects.filter(code__in=codes)}
    for code in codes - names.keys():
        known = factors().get(code)
        if known is not None:
            names[code] = in_language(known.zh, known.en)
    return [_CODE.sub(lambda m: names.get(m[0], m[0]), text) for text in told]


def why_of(trace: Trace) -> str:
    """Return why a round was asked for, in the reader's language."""
    sample, _gap, place = trace.why.partition(" ")
    return (
        _("加密采样 %(place)s") % {"place": place}
        if sample == "加密采样" and place
        else _(trace.why)
    )


@dataclass(frozen=True, slots=True)
class Credible:
    """The 90 % credible set as a reader counts it: outfalls, and what else it holds, in words."""

    outfalls: int
    others: str


def credible(trace: Trace) -> Credible:
    """Return the 90 % credible set of an answer."""
    held = (trace.answer or {}).get("set90", [])
    words = {"none": _("无单一来源"), "several": _("两个以上")}
    others = [words[code] for code in held if code in words]
    return Credible(len(held) - len(others), _("、").join(others))


_NONE_KINDS = {
    "washoff": gettext_noop("面源冲刷"),
    "sensor": gettext_noop("仪器异常"),
    "boundary": gettext_noop("上游界外来水"),
}


def headline(trace: Trace) -> str:
    """Return the one sentence that says how sure the answer is."""
    answer = trace.answer or {}
    rows = suspects(trace, most=3)
    several, none = answer.get("several", 0.0), answer.get("none", 0.0)
    first = rows[0] if rows else None
    if none >= _LIKELY or first is None:
        kinds = answer.get("none_kind") or {}
        kind = max(kinds, key=lambda k: kinds[k], default="")
        likeliest = _(_NONE_KINDS[kind]) if kind in _NONE_KINDS else _("来源不明")
        return _("很可能没有单一来源（%(p)s），最可能是%(kind)s。") % {
            "p": probability(none), "kind": likeliest,
        }  # fmt: skip
    values = {
        "name": first.name,
        "p": probability(first.involved),
        "n": credible(trace).outfalls,
        "several": probability(several),
    }
    if several >= _LIKELY:
        taking = [f"{s.name} {probability(s.involved)}" for s in rows if s.involved >= _LIKELY]
        values["names"] = _("、").join(taking)
        if len(taking) > 1:
            return _("很可能不止一个排污口同时排放（%(several)s），参与概率：%(names)s。") % values
        if taking:
            return (
                _(
                    "很可能不止一个排污口同时排放（%(several)s）；参与概率：%(names)s，其余未能确定。"
                )
                % values
            )
        return (
            _(
                "很可能不止一个排污口同时排放（%(several)s），还分不清是哪几个；最可能参与的是%(name)s（%(p)s）。"
            )
            % values
        )
    if first.probability >= _SURE:
        return _("很可能是%(name)s，概率 %(p)s。") % values
    if first.involved >= _SURE:
        return _("很可能有%(name)s参与（%(p)s）；另有排污口同时排放的可能为 %(several)s。") % values
    return (
        _("还不能定到一个排污口：90 %% 可信集有 %(n)s 个，最可能的是%(name)s（%(p)s）。") % values
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
    """Return the suspects as a map layer; ``p``, the chance of taking part, shades them."""
    features = [
        {
            "type": "Feature",
            "geometry": {"type": "Point", "coordinates": [s.outfall.lon, s.outfall.lat]},
            "properties": {
                "id": s.code,
                "name": s.name,
                "kind": s.outfall.outfall_class,
                "p": round(s.involved, 4),
                "rank": s.rank,
            },
        }
        for s in suspects(trace, most=50)
        if s.outfall is not None
    ]
    return {"type": "FeatureCollection", "features": features}
