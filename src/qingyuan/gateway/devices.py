"""Devices (数采仪): who may send, and how each is treated.

``devices.json`` is published by the registry (architecture.md §2) with an atomic rename; the gateway
reads it again when it changes and needs nothing else of the platform.
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from pathlib import Path
from typing import Any

from qingyuan.core.problems import Problem
from qingyuan.hj212 import Key

__all__ = ["Device", "Devices", "DevicesFile", "canonical_sha256"]

_log = logging.getLogger("qingyuan.gateway")
_FLAGS = {"2005": 1, "2017": 5, "2025": 9, "surface-water": 9}  # version bits and the answer bit

Network = IPv4Network | IPv6Network


@dataclass(frozen=True, slots=True)
class Device:
    """One registered logger unit (数采仪) and its policy."""

    mn: str
    station: str
    password: str = ""
    crc: frozenset[str] = frozenset({"standard"})
    repairs: frozenset[str] = frozenset()
    answer: str = "flag"
    label: str = "start"
    interval_minutes: int = 10
    units: Mapping[str, str] = field(default_factory=dict)
    active: bool = True
    st: str = ""
    dialect: str = "2017"
    encoding: str = "utf-8"
    interval_s: int = 30
    networks: tuple[Network, ...] = ()
    overtime_s: float = 5
    recount: int = 3
    heartbeat_s: float = 0
    clock_tolerance_s: float = 0
    backfill: str = "auto"
    key: Key | None = None
    tls: bool = False
    max_per_s: float = 50

    def admits(self, host: str) -> bool:
        """Whether it may call from the address *host*."""
        return not self.networks or _within(host, self.networks)

    @property
    def flag(self) -> int:
        """The Flag of what the platform asks: the edition's version bits and the answer bit."""
        return _FLAGS.get(self.dialect, 5)


Devices = Mapping[str, Device]


@lru_cache(maxsize=20_000)
def _within(host: str, networks: tuple[Network, ...]) -> bool:
    try:
        address = ip_address(host)
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None)
    return any((mapped or address) in network for network in networks)


def canonical_sha256(devices: list[Any]) -> str:
    """Return the SHA-256 of the devices list: sorted keys, no spaces, UTF-8."""
    text = json.dumps(devices, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


class DevicesFile:
    """``devices.json``, read again whenever it changes (设备清单)."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._seen: tuple[int, int, int] | None = None
        self.devices: Devices = {}

    def refresh(self) -> bool:
        """Read the file if it has changed; a file that cannot be read leaves the old list in force."""
        try:
            stat = self._path.stat()
        except FileNotFoundError:
            return False
        seen = (stat.st_mtime_ns, stat.st_size, stat.st_ino)
        if seen == self._seen:
            return False
        self._seen = seen
        try:
            self.devices = _read(self._path)
        except Problem as problem:
            _log.error("devices_unreadable code=%s %s", problem.code, problem.values)
            return False
        _log.info("devices_loaded count=%d", len(self.devices))
        return True


def _read(path: Path) -> Devices:
    try:
        published = json.loads(path.read_text("utf-8"))
        rows = published["devices"]
        devices = {row["mn"]: _device(row) for row in rows}
    except (ValueError, KeyError, TypeError, AttributeError) as fault:
        raise Problem("gateway.devices_unreadable", path=path, cause=repr(fault)) from fault
    if published.get("sha256") not in (None, canonical_sha256(rows)):
        _log.warning("devices_hash_differs path=%s", path)
    return devices


def _device(row: Mapping[str, Any]) -> Device:
    return Device(
        mn=row["mn"],
        station=row["station"],
        password=row.get("password") or "",
        crc=frozenset(row.get("crc") or ["standard"]),
        repairs=frozenset(row.get("repairs") or []),
        answer=row.get("answer") or "flag",
        label=row.get("hour_label") or row.get("label") or "start",
        interval_minutes=int(row.get("interval_minutes") or 10),
        units={code: said.get("unit", "") for code, said in (row.get("factors") or {}).items()},
        active=row.get("active", True),
        st=str(row.get("st") or ""),
        dialect=row.get("dialect") or "2017",
        encoding=row.get("encoding") or "utf-8",
        interval_s=int(row.get("interval_s") or 30),
        networks=tuple(ip_network(text, strict=False) for text in row.get("networks") or []),
        overtime_s=float(row.get("overtime_s") or 5),
        recount=int(row.get("recount", 3)),
        heartbeat_s=float(row.get("heartbeat_s") or 0),
        clock_tolerance_s=float(row.get("clock_tolerance_s") or 0),
        backfill=row.get("backfill") or "auto",
        key=Key(bytes.fromhex(row["sm4"]["key"])) if row.get("sm4") else None,
        tls=bool(row.get("tls")),
        max_per_s=float(row.get("max_per_s") or 50),
    )
