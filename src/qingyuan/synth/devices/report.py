"""Reports (报告): what was sent, what was answered, how long it took."""

from __future__ import annotations

from array import array
from collections import Counter

__all__ = ["Report"]

_KEPT = 2_000_000  # latencies kept; beyond it every new one takes the place of an old one


class Report:
    """Counts and latencies of one run (运行报告)."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.results: Counter[str] = Counter()
        self._latencies = array("f")
        self._next = 0

    def answered(self, seconds: float) -> None:
        """Note an acknowledgement, so many seconds after the packet was first sent."""
        self.counts["acknowledged"] += 1
        if len(self._latencies) < _KEPT:
            self._latencies.append(seconds)
        else:
            self._latencies[self._next] = seconds
            self._next = (self._next + 1) % _KEPT

    def as_json(self, *, seconds: float) -> dict[str, object]:
        """Return the whole report; latencies in milliseconds, None when nothing was answered."""
        ordered = sorted(self._latencies)

        def at(share: float) -> float | None:
            return round(ordered[int(share * (len(ordered) - 1))] * 1000, 2) if ordered else None

        counts = self.counts
        return {
            "seconds": round(seconds, 2),
            "stations": counts["stations"],
            "connected_peak": counts["connected_peak"],
            "made": counts["made"],
            "sent": counts["sent"],
            "acknowledged": counts["acknowledged"],
            "acknowledged_per_s": round(counts["acknowledged"] / seconds, 1) if seconds else None,
            "unanswered": counts["unanswered"],
            "waiting": counts["waiting"],
            "latency_ms": {
                "median": at(0.5),
                "p95": at(0.95),
                "p99": at(0.99),
                "max": at(1.0),
            },
            "resends": counts["resends"],
            "reconnects": counts["reconnects"],
            "refused_connections": counts["refused_connections"],
            "lost_on_purpose": counts["lost"],
            "backfilled": counts["backfilled"],
            "backfill_acknowledged": counts["backfill_acknowledged"],
            "requests": counts["requests"],
            "requests_by_command": dict(sorted(self.results.items())),
            "bytes_sent": counts["bytes"],
        }
