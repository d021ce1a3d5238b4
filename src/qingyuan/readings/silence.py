"""Silence (静默): a station that should have spoken and has not.

What counts is when something was last received, whatever instant it was dated: a logger that
re-sends yesterday is not silent.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from qingyuan.readings.model import Finding
from qingyuan.readings.rules import RuleSet

__all__ = ["Silences"]


@dataclass(slots=True)
class Silences:
    """When each station was last heard, and which are being told as silent."""

    heard: dict[str, datetime] = field(default_factory=dict)
    silent: dict[str, datetime] = field(default_factory=dict)

    def hear(
        self, station: str, received_at: datetime, *, interval_s: int | None, rules: RuleSet
    ) -> list[Finding]:
        """Note that *station* was heard; return the finding that its silence is over."""
        before = self.heard.get(station)
        if before is not None and received_at <= before:
            return []
        self.heard[station] = received_at
        since = self.silent.pop(station, None)
        if since is None:
            return []
        return [_finding("cleared", station, since, received_at, interval_s, rules)]

    def tick(self, at: datetime, intervals: Mapping[str, int], *, rules: RuleSet) -> list[Finding]:
        """Return the stations that have become silent by *at*; one never heard waits from now."""
        found = []
        for station, interval_s in intervals.items():
            since = self.heard.setdefault(station, at)
            allowed = rules.silence.allowed_s(interval_s)
            if station not in self.silent and (at - since).total_seconds() > allowed:
                self.silent[station] = since
                found.append(_finding("raised", station, since, at, interval_s, rules))
        return found

    def forget(self, stations: Iterable[str]) -> None:
        """Forget stations that were taken out of service."""
        for station in stations:
            self.heard.pop(station, None)
            self.silent.pop(station, None)

    def as_json(self) -> dict[str, Any]:
        """Return the state as plain JSON values."""
        return {
            "heard": {station: at.isoformat() for station, at in self.heard.items()},
            "silent": {station: at.isoformat() for station, at in self.silent.items()},
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Mapping[str, str]]) -> Silences:
        """Return the state that `as_json` wrote."""
        return cls(
            {station: datetime.fromisoformat(at) for station, at in data["heard"].items()},
            {station: datetime.fromisoformat(at) for station, at in data["silent"].items()},
        )


def _finding(
    state: str,
    station: str,
    since: datetime,
    at: datetime,
    interval_s: int | None,
    rules: RuleSet,
) -> Finding:
    allowed = rules.silence.allowed_s(interval_s or 0)
    return Finding(
        key=f"silence|{station}||{since.isoformat()}",
        kind="silence",
        state=state,
        station=station,
        factor="",
        first_at=since,
        last_at=at,
        peak_at=at,
        value=Decimal(int((at - since).total_seconds())),
        limit=Decimal(allowed),
        multiple=None,
        level=1,
        count=1,
        rule=rules.id,
        document="",
        clause="",
        cleared_at=at if state == "cleared" else None,
    )
