"""Explaining (为什么不是它): one outfall's evidence in bits and words, and two answers side by side."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from qingyuan.core.problems import Problem
from qingyuan.river.answer import Trace
from qingyuan.river.candidates import candidate_of
from qingyuan.river.tracing import Inquiry

__all__ = ["compare", "explain_outfall"]

_LEAST_MOVED = 0.005


def explain_outfall(inquiry: Inquiry, code: str) -> dict[str, Any]:
    """Say for any outfall of the event why it is suspected, or why not (为什么不是它).

    Parameters
    ----------
    inquiry : Inquiry
        From ``investigate(event, seed=…)``.
    code : str
        Any outfall of the event, upstream or not.

    Returns
    -------
    dict
        ``outfall_id, upstream, probability, involved, rank, suspects, in_set50, in_set90``; the
        fields of a candidate where it is one (``release_start, duration_h, mass_kg, evidence,
        undated, monitor``); ``bits_total``; ``against``: ``{"outfall_id", "bits"}`` of the likeliest
        outfall and how many bits of each kind (``by_kind``) this one lies behind it; ``profile``:
        per factor the rise expected of its usual effluent at the fitted load, the rise seen and
        their distance in standard deviations (``[{"factor", "name", "unit", "expected", "seen",
        "z"}]``); ``says`` and ``says_en``: one sentence each.

    Raises
    ------
    Problem
        ``river.unknown_outfall`` if the event has no such outfall.
    """
    event = inquiry.scene.event
    if all(o.outfall_id != code for o in event.outfalls):
        raise Problem("river.unknown_outfall", outfall=code)
    names = [o.outfall_id for o in inquiry.suspects.outfalls]
    section = event.alarm.section
    head: dict[str, Any] = {"outfall_id": code, "section": section, "suspects": len(names)}
    if code not in names:
        return head | {
            "upstream": False,
            "probability": 0.0,
            "involved": 0.0,
            "rank": None,
            "in_set50": False,
            "in_set90": False,
            "evidence": [],
            "bits_total": None,
            "against": None,
            "profile": [],
            "says": f"它不在断面 {section} 上游，水不会从它流到该断面。",
            "says_en": f"It does not lie upstream of section {section}: no water flows from it there.",
        }
    i = names.index(code)
    p = inquiry.probability
    order = sorted(range(len(names)), key=lambda k: (-p[k], names[k]))
    rank = order.index(i) + 1
    told = candidate_of(
        inquiry.scene,
        inquiry.suspects,
        inquiry.weights,
        i,
        rank,
        p,
        inquiry.involved,
        inquiry.centre,
    ).as_json()
    first = order[0] if order[0] != i else (order[1] if len(order) > 1 else None)
    against = None
    if first is not None:
        by_kind = {
            kind: round(float(values[i] - values[first]) / float(np.log(2)), 3)
            for kind, values in inquiry.weights.by_kind.items()
        }
        against = {
            "outfall_id": names[first],
            "bits": round(sum(by_kind.values()), 3),
            "by_kind": by_kind,
        }
    says, says_en = _verdict(told, rank, against)
    return (
        head
        | told
        | {
            "upstream": True,
            "in_set50": code in inquiry.trace.set50,
            "in_set90": code in inquiry.trace.set90,
            "bits_total": round(sum(e["bits"] for e in told["evidence"]), 3),
            "against": against,
            "profile": _profile(inquiry, i),
            "says": says,
            "says_en": says_en,
        }
    )


_KINDS = {
    "prior": ("先验", "the prior"),
    "timing": ("到达时间与过程形态", "arrival and shape"),
    "clean": ("其余断面的读数", "the other sections"),
    "profile": ("各因子升幅比例", "the proportions of the rises"),
    "mass": ("所需负荷", "the load needed"),
    "online": ("自动监测", "its monitor"),
}


def _verdict(
    told: Mapping[str, Any], rank: int, against: Mapping[str, Any] | None
) -> tuple[str, str]:
    if against is None:
        return "它是上游唯一的排污口。", "It is the only outfall upstream."
    kinds = against["by_kind"]
    if rank == 1:
        best = max(kinds, key=lambda k: (kinds[k], k))
        return (
            f"它排在第一；与第二名 {against['outfall_id']} 相比，最有利的是{_KINDS[best][0]}"
            f"（{kinds[best]:+.1f} 比特）。",
            f"It ranks first; against the second, {against['outfall_id']}, "
            f"most for it: {_KINDS[best][1]} ({kinds[best]:+.1f} bits).",
        )
    worst = min(kinds, key=lambda k: (kinds[k], k))
    return (
        f"它排在第 {rank} 位；与第一名 {against['outfall_id']} 相比共 {against['bits']:+.1f} 比特，"
        f"最不利的是{_KINDS[worst][0]}（{kinds[worst]:+.1f} 比特）。",
        f"It ranks {rank}; against the first, {against['outfall_id']}, it has {against['bits']:+.1f}"
        f" bits in all; most against it: {_KINDS[worst][1]} ({kinds[worst]:+.1f} bits).",
    )


def _profile(inquiry: Inquiry, i: int) -> list[dict[str, Any]]:
    """Return, per factor, the rise its usual effluent would give at one common multiple."""
    scene, signature = inquiry.scene, inquiry.scene.signature
    if signature is None:
        return []
    fit = inquiry.suspects.fit_of(i)
    travel = float(inquiry.suspects.travel_h[i])
    if fit is not None:
        travel = float(np.sum(fit.weight * fit.travel_h))
    rates = np.array([scene.event.factors[f].decay_per_day for f in scene.factors]) / 24
    mean, sd = inquiry.effluents.mean[i] - rates * travel, inquiry.effluents.sd[i]
    rise, error = signature.rise, signature.rise_sd
    sure = np.isfinite(rise) & np.isfinite(mean) & (rise > 2 * error)
    if not sure.any():
        return []
    spread = np.sqrt(sd[sure] ** 2 + (error[sure] / rise[sure]) ** 2)
    weight = 1 / spread**2
    level = float(np.sum(weight * (np.log(rise[sure]) - mean[sure])) / weight.sum())
    rows = []
    for f, code in enumerate(scene.factors):
        if not (np.isfinite(rise[f]) and np.isfinite(mean[f])):
            continue
        expected = float(np.exp(level + mean[f]))
        total = float(np.hypot(sd[f] * expected, error[f]))
        z = (float(rise[f]) - expected) / total
        if sure[f]:
            z = float(np.log(rise[f] / expected) / np.hypot(sd[f], error[f] / rise[f]))
        rows.append(
            {
                "factor": code,
                "name": scene.event.factors[code].name,
                "unit": scene.event.factors[code].unit,
                "expected": float(f"{expected:.4g}"),
                "seen": float(f"{float(rise[f]):.4g}"),
                "z": round(z, 2),
                "own_history": bool(inquiry.effluents.own_history[i]),
            }
        )
    return rows


def compare(before: Trace | Mapping[str, Any], after: Trace | Mapping[str, Any]) -> dict[str, Any]:
    """Set two answers about the same alarm side by side (两次溯源对比).

    Parameters
    ----------
    before, after : Trace or its JSON
        Answers of two rounds; of a JSON only the outfalls it lists are known.

    Returns
    -------
    dict
        ``same_inputs``; ``none, several, rest`` and ``entropy_bits`` (over what is listed) as
        ``{"before", "after"}``; ``set90``: ``{"before", "after"}`` sizes with ``entered`` and
        ``left``; ``outfalls``: ``[{"outfall_id", "before", "after", "rank_before", "rank_after",
        "evidence": {kind: {"before", "after"}}}]``, the most moved first. None = not listed.
    """
    old, new = (a.as_json() if isinstance(a, Trace) else a for a in (before, after))
    first = {c["outfall_id"]: c for c in old["candidates"]}
    second = {c["outfall_id"]: c for c in new["candidates"]}
    rows = []
    for code in sorted({*first, *second}):
        a, b = first.get(code), second.get(code)
        rows.append(
            {
                "outfall_id": code,
                "before": a["probability"] if a else None,
                "after": b["probability"] if b else None,
                "rank_before": a["rank"] if a else None,
                "rank_after": b["rank"] if b else None,
                "evidence": _evidence(a, b),
            }
        )
    rows.sort(key=lambda r: (-abs((r["after"] or 0.0) - (r["before"] or 0.0)), r["outfall_id"]))
    rows = [
        r
        for r in rows
        if max(r["before"] or 0.0, r["after"] or 0.0) > _LEAST_MOVED
        or r["outfall_id"] in _leaders(old, new)
    ]
    was, now = set(old["set90"]), set(new["set90"])
    return {
        "same_inputs": old.get("inputs_sha256") == new.get("inputs_sha256"),
        **{k: {"before": old[k], "after": new[k]} for k in ("none", "several", "rest")},
        "entropy_bits": {"before": _entropy(old), "after": _entropy(new)},
        "set90": {
            "before": len(was),
            "after": len(now),
            "entered": sorted(now - was),
            "left": sorted(was - now),
        },
        "outfalls": rows,
    }


def _leaders(*answers: Mapping[str, Any]) -> set[str]:
    return {a["candidates"][0]["outfall_id"] for a in answers if a["candidates"]}


def _evidence(
    a: Mapping[str, Any] | None, b: Mapping[str, Any] | None
) -> dict[str, dict[str, float | None]]:
    bits = [{e["kind"]: e["bits"] for e in c["evidence"]} if c else {} for c in (a, b)]
    kinds = list(dict.fromkeys([*bits[0], *bits[1]]))
    return {k: {"before": bits[0].get(k), "after": bits[1].get(k)} for k in kinds}


def _entropy(answer: Mapping[str, Any]) -> float:
    p = np.array(
        [c["probability"] for c in answer["candidates"]]
        + [answer["none"], answer["several"], answer["rest"]]
    )
    p = p[p > 0]
    return round(float(-(p * np.log2(p)).sum()), 3)
