"""Scoring of traces against the truth (评测): pure functions of answers and truths.

A truth is what ``truth.toml`` holds; it is read here and nowhere in the tracer.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np

from qingyuan.core.problems import Problem
from qingyuan.river.answer import Trace

__all__ = ["Score", "Truth", "read_truth", "score", "summarise"]

_LEAST = 1e-6  # a probability of zero for the truth is scored as this


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
    p ≥ 0.8. ``mass_ratio`` is median inferred over true mass of the alarmed factor.
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
    seconds: float | None = None
    peak_mb: float | None = None


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


def score(answer: Trace, truth: Truth, *, name: str = "") -> Score:
    """Score one answer."""
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
        seconds=answer.seconds,
        peak_mb=answer.peak_mb,
    )


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
    """Return the figures by kind of event (``one``, ``several``, ``none``) and ``all``."""
    found = {}
    for kind in ("one", "several", "none", "all"):
        rows = [s for s in scores if kind in (s.kind, "all")]
        if rows:
            found[kind] = _figures(rows, kind)
    return found


def _figures(rows: Sequence[Score], kind: str) -> dict[str, float]:
    figures: dict[str, float] = {"events": len(rows)}
    ranked = [s.rank for s in rows if s.rank is not None]
    if kind == "one":
        for k in (1, 3, 10):
            figures[f"top{k}"] = _share(r <= k for r in ranked)
    if kind == "several":
        figures["both_in_5"] = _share(r <= 5 for r in ranked)
    if kind in ("several", "none"):
        figures["recognised"] = _share(s.recognised for s in rows)
    figures["cover50"] = _share(s.in50 for s in rows)
    figures["cover90"] = _share(s.in90 for s in rows)
    figures["size50"] = float(np.mean([s.size50 for s in rows]))
    figures["size90"] = float(np.mean([s.size90 for s in rows]))
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
    seconds = [s.seconds for s in rows if s.seconds is not None]
    if seconds:
        figures["seconds_median"] = float(np.median(seconds))
        figures["seconds_max"] = float(np.max(seconds))
    peaks = [s.peak_mb for s in rows if s.peak_mb is not None]
    if peaks:
        figures["peak_mb"] = float(np.max(peaks))
    return figures


def _share(values: Any) -> float:
    found = list(values)
    return sum(found) / len(found) if found else float("nan")
