"""The answer of a trace (溯源结果): probabilities, evidence, sets, next sample; and its JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

__all__ = ["Candidate", "Evidence", "NextSample", "Pair", "Span", "Trace"]


@dataclass(frozen=True, slots=True)
class Span:
    """The 5, 50 and 95 % points of something uncertain."""

    p05: Any
    p50: Any
    p95: Any

    def as_json(self) -> dict[str, Any]:
        """Return the three points; times as ISO text."""
        return {
            name: value.isoformat(timespec="seconds") if isinstance(value, datetime) else value
            for name, value in (("p05", self.p05), ("p50", self.p50), ("p95", self.p95))
        }


@dataclass(frozen=True, slots=True)
class Evidence:
    """One kind of evidence (证据): log2 of the likelihood ratio to the average suspect."""

    kind: str
    bits: float
    says: str
    says_en: str


@dataclass(frozen=True, slots=True)
class Candidate:
    """One outfall under suspicion (嫌疑排污口).

    ``undated`` marks a suspect behind still water: connected, but no travel time can be given.
    ``monitor`` is what its own monitor showed (``silent`` if it has one that says nothing).
    """

    outfall: str
    rank: int
    probability: float
    involved: float
    release_start: Span | None
    duration_h: Span | None
    mass_kg: Mapping[str, Span]
    evidence: tuple[Evidence, ...]
    undated: bool = False
    monitor: str = ""

    def as_json(self) -> dict[str, Any]:
        """Return the candidate as the exchange format has it."""
        return {
            "outfall_id": self.outfall,
            "rank": self.rank,
            "probability": self.probability,
            "involved": self.involved,
            "release_start": self.release_start.as_json() if self.release_start else None,
            "duration_h": self.duration_h.as_json() if self.duration_h else None,
            "mass_kg": {code: span.as_json() for code, span in self.mass_kg.items()},
            "evidence": [
                {"kind": e.kind, "bits": e.bits, "says": e.says, "says_en": e.says_en}
                for e in self.evidence
            ],
            "undated": self.undated,
            "monitor": self.monitor,
        }


@dataclass(frozen=True, slots=True)
class Pair:
    """Two outfalls that together explain the alarm."""

    outfalls: tuple[str, str]
    probability: float


@dataclass(frozen=True, slots=True)
class NextSample:
    """Where, when and what to sample next (下一个采样点), and the bits it should bring."""

    reach_id: str
    position_m: float
    time: datetime
    factor: str
    expected_bits: float

    def as_json(self) -> dict[str, Any]:
        """Return the sample as the exchange format has it."""
        return {
            "reach_id": self.reach_id,
            "position_m": self.position_m,
            "time": self.time.isoformat(timespec="seconds"),
            "factor": self.factor,
            "expected_bits": self.expected_bits,
        }


@dataclass(frozen=True)
class Trace:
    """Probabilities of each outfall alone, of *several* and of *none*; they sum to one.

    ``seconds`` and ``peak_mb`` are filled by whoever runs the trace (the craft reads no clock).
    """

    section: str
    factor: str
    none: float
    none_kind: Mapping[str, float]
    several: float
    several_pairs: tuple[Pair, ...]
    candidates: tuple[Candidate, ...]
    rest: float
    set50: tuple[str, ...]
    set90: tuple[str, ...]
    next_sample: NextSample | None
    caveats: tuple[tuple[str, str], ...]
    probabilities: Mapping[str, float] = field(repr=False)
    inputs_sha256: str = ""
    version: str = ""
    seed: int = 0
    suspects: int = 0
    seconds: float | None = None
    peak_mb: float | None = None

    def as_json(self) -> dict[str, Any]:
        """Return the answer as the exchange format has it (JSON-ready, no NaN)."""
        return {
            "alarm": {"section": self.section, "factor": self.factor},
            "none": self.none,
            "none_kind": dict(self.none_kind),
            "several": self.several,
            "several_pairs": [
                {"outfalls": list(p.outfalls), "probability": p.probability}
                for p in self.several_pairs
            ],
            "candidates": [c.as_json() for c in self.candidates],
            "rest": self.rest,
            "set50": list(self.set50),
            "set90": list(self.set90),
            "next_sample": self.next_sample.as_json() if self.next_sample else None,
            "caveats": [zh for zh, _ in self.caveats],
            "caveats_en": [en for _, en in self.caveats],
            "suspects": self.suspects,
            "seed": self.seed,
            "seconds": self.seconds,
            "peak_mb": self.peak_mb,
            "version": self.version,
            "inputs_sha256": self.inputs_sha256,
        }
