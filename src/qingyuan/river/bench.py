"""Scoring of traces against the truth (评测): pure functions of answers and truths.

A truth is what ``truth.toml`` holds; it is read here and nowhere in the tracer.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from qingyuan.core.problems import Problem
from qingyuan.river.answer import Trace
from qingyuan.river.event import Event

__all__ = ["Score", "Truth", "read_truth", "reliability", "score", "summarise"]

_LEAST = 1e-6  # a probability of zero for the truth is scored as this
_EDGES = (0.0, 0.01, 0.03, 0.1, 0.2, 0.4, 0.7, 0.9, 0.98, 1.0)
_GROUPS = ("one", "one, all with history", "one, some without", "culprit without history")


@dataclass(frozen=True)
class Truth:
    """What really happened: no outfall, one, or several."""

    outfalls: tuple[str, ...]
    cause: str
    release_start: tuple[datetime, ...] = ()
    duration_h: tuple[float, ...] = ()
    flow_m3_s: tuple[float, ...] = ()
    concentration: Mapping[str, Mapping[str, float]] | None = None

    @property
    def kind(self) -> str:
        """``one``, ``several`` or ``none``."""
        return {0: "none", 1: "one"}.get(len(self.outfalls), "several")

    @property
    def hypothesis(self) -> str:
        """The name under which a trace carries the truth."""
        return self.outfalls[0] if self.kind == "one" else self.kind


@dataclass(frozen=True)
class Score:
    """One answer against its truth; None where the figure does not apply.

    ``rank`` is among the outfalls; for several it is the rank of the worse placed of the first
    two. ``in50``/``in90`` ask for the true hypothesis. ``false_name`` is a wrong outfall named at
    p ≥ 0.8. ``mass_ratio`` is median inferred over true mass of the alarmed factor. ``both_involved``
    asks whether two culprits are among the first five by *involved*. ``groups`` are the kinds of
    event it counts for. ``stated`` holds every stated probability and whether it was true.
    ``samples`` is how many proposed samples named the culprit (None: not within
    ``samples_allowed``, or nobody could say what they would read: then that is None too).
    """

    name: str
    kind: str
    rank: int | None
    probability: float
    in50: bool
    in90: bool
    size50: int
    size90: int
    suspects: int
    ln_score: float
    ln_guess: float
    false_name: bool
    recognised: bool
    start_error_h: float | None
    mass_ratio: float | None
    both_involved: bool | None = None
    groups: tuple[str, ...] = ()
    stated: tuple[tuple[float, bool], ...] = ()
    seconds: float | None = None
    peak_mb: float | None = None
    samples: int | None = None
    samples_allowed: int | None = None


def read_truth(folder: Path | str) -> Truth:
    """Read ``truth.toml``; raises ``river.no_truth`` if there is none."""
    path = Path(folder) / "truth.toml"
    try:
        raw = tomllib.loads(path.read_text("utf-8"))
    except OSError:
        raise Problem("river.no_truth", folder=Path(folder).name) from None
    named = raw["outfall_id"]
    if named == "none":
        return Truth((), str(raw.get("cause", "")))
    several = isinstance(named, list)

    def each(key: str) -> list[Any]:
        value = raw[key]
        return list(value) if several else [value]

    outfalls = tuple(str(o) for o in (named if several else [named]))
    strength = raw.get("concentration", {})
    return Truth(
        outfalls=outfalls,
        cause=str(raw.get("cause", "")),
        release_start=tuple(datetime.fromisoformat(str(t)) for t in each("release_start")),
        duration_h=tuple(float(v) for v in each("duration_h")),
        flow_m3_s=tuple(float(v) for v in each("flow_m3_s")),
        concentration=strength if several else {outfalls[0]: strength},
    )


def score(answer: Trace, truth: Truth, *, name: str = "", event: Event | None = None) -> Score:
    """Score one answer; with its *event* it also counts for the kinds told apart by histories."""
    p = answer.probabilities
    right = p.get(truth.hypothesis, 0.0)
    singles = {k: v for k, v in p.items() if k not in ("none", "several")}
    best = max(singles.items(), key=lambda row: row[1], default=("", 0.0))
    wrong = best[0] not in truth.outfalls
    kind = truth.kind
    ranks = [_rank(singles, o) for o in truth.outfalls]
    start_error = mass_ratio = None
    if kind == "one":
        found = next((c for c in answer.candidates if c.outfall == truth.outfalls[0]), None)
        if found is not None and found.release_start is not None:
            start_error = abs((found.release_start.p50 - truth.release_start[0]).total_seconds())
            start_error /= 3600
        if found is not None and answer.factor in found.mass_kg:
            mass_ratio = found.mass_kg[answer.factor].p50 / _mass(truth, answer.factor)
    recognised = {"none": answer.none, "several": answer.several}.get(kind, 1.0) >= 0.5
    return Score(
        name=name,
        kind=kind,
        rank=max(ranks) if ranks else None,
        probability=right,
        in50=truth.hypothesis in answer.set50,
        in90=truth.hypothesis in answer.set90,
        size50=len(answer.set50),
        size90=len(answer.set90),
        suspects=answer.suspects,
        ln_score=float(np.log(max(right, _LEAST))),
        ln_guess=float(-np.log(max(answer.suspects, 1))),
        false_name=wrong and best[1] >= 0.8,
        recognised=recognised,
        start_error_h=start_error,
        mass_ratio=mass_ratio,
        both_involved=_both_involved(answer, truth) if kind == "several" else None,
        groups=_groups(truth, event),
        stated=tuple((v, k == truth.hypothesis) for k, v in p.items()),
        seconds=answer.seconds,
        peak_mb=answer.peak_mb,
    )


def _both_involved(answer: Trace, truth: Truth) -> bool:
    ranked = sorted(answer.candidates, key=lambda c: (-c.involved, c.outfall))
    return set(truth.outfalls) <= {c.outfall for c in ranked[:5]}


def _groups(truth: Truth, event: Event | None) -> tuple[str, ...]:
    """Return the kinds of event: one / several / none, its cause, and who has a history."""
    kind = truth.kind
    if kind == "none":
        return (kind, f"none: {truth.cause}")
    if kind == "several" or event is None:
        return (kind,)
    known = {row.outfall_id for row in event.profiles}
    every = all(o.outfall_id in known for o in event.outfalls)
    found = [kind, _GROUPS[1] if every else _GROUPS[2]]
    if truth.outfalls[0] not in known:
        found.append(_GROUPS[3])
    return tuple(found)


def reliability(stated: Iterable[tuple[float, bool]]) -> list[dict[str, float]]:
    """Return the reliability diagram (可靠性图): in bins of stated probability, the share that was true.

    Rows have ``low, high, n, stated`` (mean) and ``true`` (share); empty bins are left out.
    """
    rows = list(stated)
    p = np.array([r[0] for r in rows])
    hit = np.array([r[1] for r in rows], dtype=float)
    found = []
    for low, high in pairwise(_EDGES):
        inside = (p >= low) & ((p < high) if high < 1 else (p <= high))
        if inside.any():
            found.append(
                {
                    "low": low,
                    "high": high,
                    "n": int(inside.sum()),
                    "stated": round(float(p[inside].mean()), 5),
                    "true": round(float(hit[inside].mean()), 5),
                }
            )
    return found


def _rank(singles: Mapping[str, float], outfall: str) -> int:
    if outfall not in singles:
        return len(singles) + 1
    return 1 + sum(
        1 for k, v in singles.items() if (v, outfall) > (singles[outfall], k) and k != outfall
    )


def _mass(truth: Truth, factor: str) -> float:
    """Return the released mass in kg: m³/s · mg/L is g/s."""
    strength = (truth.concentration or {}).get(truth.outfalls[0], {})
    return truth.flow_m3_s[0] * strength.get(factor, np.nan) * truth.duration_h[0] * 3.6


def summarise(scores: Sequence[Score]) -> dict[str, dict[str, float]]:
    """Return the figures by kind of event and for ``all``; kinds that did not occur are left out."""
    names = dict.fromkeys([*_GROUPS, "several", "none"])
    names |= dict.fromkeys(sorted({g for s in scores for g in s.groups}))
    found = {}
    for name in (*names, "all"):
        rows = [s for s in scores if name == "all" or name in (s.kind, *s.groups)]
        if rows:
            found[name] = _figures(rows, rows[0].kind if name != "all" else "all")
    return found


def _figures(rows: Sequence[Score], kind: str) -> dict[str, float]:
    figures: dict[str, float] = {"events": len(rows)}
    ranked = [s.rank for s in rows if s.rank is not None]
    if kind == "one":
        for k in (1, 3, 10):
            figures[f"top{k}"] = _share(r <= k for r in ranked)
    if kind == "several":
        figures["both_in_5"] = _share(r <= 5 for r in ranked)
        figures["both_involved_in_5"] = _share(bool(s.both_involved) for s in rows)
    if kind in ("several", "none"):
        figures["recognised"] = _share(s.recognised for s in rows)
    figures["cover50"] = _share(s.in50 for s in rows)
    figures["cover90"] = _share(s.in90 for s in rows)
    figures["size50"] = float(np.mean([s.size50 for s in rows]))
    figures["size90"] = float(np.mean([s.size90 for s in rows]))
    figures["set90_of_suspects"] = float(np.median([s.size90 / max(s.suspects, 1) for s in rows]))
    figures["ln_score"] = float(np.mean([s.ln_score for s in rows]))
    if kind == "one":
        figures["ln_guess"] = float(np.mean([s.ln_guess for s in rows]))
    figures["false_name"] = _share(s.false_name for s in rows)
    starts = [s.start_error_h for s in rows if s.start_error_h is not None]
    masses = [s.mass_ratio for s in rows if s.mass_ratio is not None and np.isfinite(s.mass_ratio)]
    if kind == "one" and starts:
        figures["start_error_h"] = float(np.median(starts))
    if kind == "one" and masses:
        figures["mass_in_1.5"] = _share(1 / 1.5 <= m <= 1.5 for m in masses)
        figures["mass_median_ratio"] = float(np.median(masses))
    probed = [s for s in rows if s.samples_allowed is not None]
    if kind == "one" and probed:
        figures["sampled"] = len(probed)
        figures["sure_in_time"] = _share(s.samples is not None for s in probed)
        unsure = [s for s in probed if s.samples != 0]
        figures["sure_after_sampling"] = _share(s.samples is not None for s in unsure)
        taken = [s.samples for s in unsure if s.samples is not None]
        if taken:
            figures["samples_mean"] = float(np.mean(taken))
    seconds = [s.seconds for s in rows if s.seconds is not None]
    if seconds:
        figures["seconds_median"] = float(np.median(seconds))
        figures["seconds_p95"] = float(np.percentile(seconds, 95))
        figures["seconds_max"] = float(np.max(seconds))
    peaks = [s.peak_mb for s in rows if s.peak_mb is not None]
    if peaks:
        figures["peak_mb"] = float(np.max(peaks))
    return figures


def _share(values: Any) -> float:
    found = list(values)
    return sum(found) / len(found) if found else float("nan")
