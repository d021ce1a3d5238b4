"""Stations (站点): the devices the registry publishes, as far as a feed needs them.

The file is ``devices.json`` (architecture.md §2), read again whenever it changes.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

__all__ = ["Station", "Stations", "StationsFile"]

_log = logging.getLogger("qingyuan.feeds")


@dataclass(frozen=True, slots=True)
class Station:
    """One registered device: the station it stands for, and the unit of each factor."""

    mn: str
    station: str
    units: Mapping[str, str] = field(default_factory=dict)
    active: bool = True


Stations = Mapping[str, Station]


class StationsFile:
    """The published devices by MN; what cannot be read leaves the old list in force."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._seen: tuple[int, int, int] | None = None
        self._stations: Stations = {}

    def __call__(self) -> Stations:
        """Return the list in force now."""
        try:
            stat = self._path.stat()
            seen = (stat.st_mtime_ns, stat.st_size, stat.st_ino)
            if seen != self._seen:
                self._stations = _read(json.loads(self._path.read_text("utf-8")))
                self._seen = seen
        except FileNotFoundError:
            pass
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as fault:
            _log.error("stations_unreadable cause=%s", fault)
        return self._stations


def _read(data: Mapping[str, Any]) -> Stations:
    return {
        row["mn"]: Station(
            row["mn"],
            row["station"],
            {code: of.get("unit", "") for code, of in row.get("factors", {}).items()},
            bool(row.get("active", True)),
        )
        for row in data["devices"]
    }
