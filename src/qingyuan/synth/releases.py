"""Releases (偷排): what somebody lets go, and what their monitor says meanwhile."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

__all__ = ["MONITORS", "Release"]

# what the discharger's own monitor does: tells the truth, repeats an old value, is dosed with
# clean water, or is switched off
MONITORS = ("honest", "flat", "diluted", "silent")


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """One hidden release at one outfall, on top of its ordinary discharge.

    ``concentration`` is that of the extra flow, mg/L by factor code.
    """

    outfall_id: str
    start: datetime
    duration_h: float
    flow_m3_s: float
    concentration: Mapping[str, float] = field(default_factory=dict)
    monitor: str = "flat"
    cause: str = "release"

    @property
    def end(self) -> datetime:
        """The instant it stops."""
        return self.start + timedelta(hours=self.duration_h)

    def as_truth(self) -> dict[str, object]:
        """Return the rows of ``truth.toml`` of the event format."""
        return {
            "outfall_id": self.outfall_id,
            "release_start": self.start.isoformat(),
            "duration_h": self.duration_h,
            "flow_m3_s": self.flow_m3_s,
            "cause": self.cause,
            "concentration": dict(self.concentration),
        }
