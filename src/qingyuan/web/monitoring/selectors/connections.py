"""What the gateways say of their connections (``store/connections*.json``): who speaks, and how."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

__all__ = ["Habit", "Line", "Lines", "connections"]

_FRESH = timedelta(minutes=2)  # a gateway that wrote nothing for so long is not running


@dataclass(frozen=True, slots=True)
class Line:
    """One connection as its gateway describes it (连接)."""

    conn: int
    peer: str
    since: datetime | None
    last: datetime | None
    packets: int
    accepted: int
    acknowledged: int
    quarantined: int
    reasons: Mapping[str, int] = field(default_factory=dict)
    shared: bool = False  # several devices on one connection: the counts are of all of them


@dataclass(frozen=True, slots=True)
class Habit:
    """What a gateway saw of one device: what its last packets agree in, and its departures (习惯)."""

    packets: int = 0
    crc: str = ""
    dialect: str = ""
    encoding: str = ""
    deviations: Mapping[str, int] = field(default_factory=dict)  # of accepted packets


@dataclass(frozen=True, slots=True)
class Lines:
    """All gateways together: when they wrote, and the connections by MN."""

    at: datetime | None = None
    states: tuple[str, ...] = ()
    by_mn: Mapping[str, tuple[Line, ...]] = field(default_factory=dict)
    heard: Mapping[str, datetime] = field(default_factory=dict)
    habits: Mapping[str, Habit] = field(default_factory=dict)

    def is_fresh(self, at: datetime) -> bool:
        """Whether a gateway wrote lately, so that an absent device is known to be absent."""
        return self.at is not None and at - self.at < _FRESH

    def reasons(self, mn: str) -> Counter[str]:
        """Return how often each reason came on the device's own connections."""
        total: Counter[str] = Counter()
        for line in self.by_mn.get(mn, ()):
            if not line.shared:
                total.update(line.reasons)
        return total


def connections(store: Path) -> Lines:
    """Read what every gateway wrote; a file that is not there or half written is left out."""
    newest: datetime | None = None
    states: list[str] = []
    by_mn: dict[str, list[Line]] = {}
    heard: dict[str, datetime] = {}
    habits: dict[str, Habit] = {}
    for path in sorted(store.glob("connections*.json")):
        told = _read(path)
        at = _instant(told.get("at"))
        if at is None:
            continue
        newest = max(at, newest) if newest else at
        states.append(str(told.get("state", "")))
        for mn, text in dict(told.get("last_seen") or {}).items():
            seen = _instant(text)
            if seen is not None and (mn not in heard or heard[mn] < seen):
                heard[mn] = seen
        for mn, said in dict(told.get("habits") or {}).items():
            found = _habit(said)
            if mn not in habits or habits[mn].packets < found.packets:
                habits[mn] = found
        for one in told.get("connections") or []:
            mns = [str(mn) for mn in one.get("mn") or []]
            line = _line(one, shared=len(mns) > 1)
            for mn in mns:
                by_mn.setdefault(mn, []).append(line)
                if line.last and (mn not in heard or heard[mn] < line.last):
                    heard[mn] = line.last
    lines = {mn: tuple(some) for mn, some in by_mn.items()}
    return Lines(newest, tuple(states), lines, heard, habits)


def _read(path: Path) -> dict[str, list[dict[str, object]]]:
    try:
        told = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return told if isinstance(told, dict) else {}


def _instant(text: object) -> datetime | None:
    try:
        made = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return made if made.tzinfo else None


def _habit(told: Mapping[str, Any]) -> Habit:
    names = ("crc", "dialect", "encoding")
    said = {name: str(told.get(name) or "") for name in names}
    counts = {str(code): int(n) for code, n in (told.get("deviations") or {}).items()}
    return Habit(packets=int(told.get("packets") or 0), **said, deviations=counts)


def _line(told: Mapping[str, object], *, shared: bool) -> Line:
    names = ("conn", "packets", "accepted", "acknowledged", "quarantined")
    numbers = {name: int(told.get(name) or 0) for name in names}  # type: ignore[call-overload]  # numbers as the gateway wrote them
    return Line(
        **numbers,
        peer=str(told.get("peer", "")),
        since=_instant(told.get("since")),
        last=_instant(told.get("last")),
        reasons=dict(told.get("reasons") or {}),  # type: ignore[call-overload]  # a mapping as written
        shared=shared,
    )
