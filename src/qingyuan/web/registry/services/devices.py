"""Register and change devices, and publish them to the gateway (architecture.md §2)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from django.db import IntegrityError, connection, transaction

from qingyuan.core.problems import Problem
from qingyuan.host.folder import write_atomically
from qingyuan.web.audit import services as audit
from qingyuan.web.audit.services import SYSTEM, Actor
from qingyuan.web.registry.models import AirStation, Device, Outfall, Section

__all__ = [
    "TERMS",
    "VERSION",
    "add_device",
    "change_device",
    "digest_of_devices",
    "publish_devices",
]

VERSION = 2
#: What a person may change of a device; its MN is its name and stays.
TERMS = (
    "station", "st", "dialect", "crc", "repairs", "answer", "label", "encoding", "factors",
    "interval_s", "interval_minutes", "networks", "overtime_s", "recount", "heartbeat_s",
    "clock_tolerance_s", "backfill", "tls", "max_per_s", "active", "password", "sm4_key",
)  # fmt: skip
_SECRET = frozenset({"password", "sm4_key"})
_PUBLISHING = 0x5159_4456  # who publishes later has read what the other committed
_STATIONS = {"section": Section, "outfall": Outfall, "air": AirStation}


def digest_of_devices(devices: list[dict[str, object]]) -> str:
    """Return the SHA-256 of the list as canonical JSON."""
    text = json.dumps(devices, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _published(path: Path) -> str | None:
    try:
        return str(json.loads(path.read_text("utf-8"))["sha256"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


@transaction.atomic
def publish_devices(path: Path, *, at: datetime, by: Actor = SYSTEM) -> str:
    """Write ``devices.json`` whole or not at all, and return its hash (发布设备名册).

    The file holds passwords: it is for its owner's eyes (0600). Where the list has not changed,
    nothing is written and the gateway has nothing to read again.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_PUBLISHING])
    devices = [device.as_published for device in Device.objects.order_by("mn")]
    digest = digest_of_devices(devices)
    if _published(path) == digest:
        return digest
    document = {
        "version": VERSION,
        "published_at": at.isoformat(),
        "sha256": digest,
        "devices": devices,
    }
    audit.record(
        actor=by,
        deed="registry.publish_devices",
        target="registry:devices",
        at=at,
        clause="HJ 212-2017 6.3.2",
        detail={"devices": len(devices), "sha256": digest},
    )
    write_atomically(path, json.dumps(document, ensure_ascii=False, indent=1) + "\n", mode=0o600)
    return digest


@transaction.atomic
def change_device(
    mn: str,
    *,
    changes: Mapping[str, object],
    reason: str,
    by: Actor,
    at: datetime,
    path: Path,
    clause: str = "",
) -> Device:
    """Change the terms of a device (变更设备档案) and publish the list once that is committed.

    The audit entry holds what each term was and is; of a password or a key only that it changed.

    Raises
    ------
    Problem
        ``registry.device_unchanged`` when everything is as it was; ``registry.unknown_station``.
    """
    device = Device.objects.select_for_update().get(mn=mn)
    different = {
        name: value
        for name, value in changes.items()
        if name in TERMS and getattr(device, name) != value
    }
    if not different:
        raise Problem("registry.device_unchanged", mn=mn)
    if "station" in different:
        _check_station(str(different["station"]))
    detail = {
        name: "changed" if name in _SECRET else {"was": getattr(device, name), "is": value}
        for name, value in different.items()
    }
    for name, value in different.items():
        setattr(device, name, value)
    device.save(update_fields=sorted(different))
    audit.record(
        actor=by,
        deed="registry.change_device",
        target=f"device:{mn}",
        at=at,
        clause=clause,
        detail={"reason": reason, "terms": detail},
    )
    transaction.on_commit(lambda: publish_devices(path, at=at, by=by))
    return device


@transaction.atomic
def add_device(
    mn: str, *, terms: Mapping[str, object], reason: str, by: Actor, at: datetime, path: Path
) -> Device:
    """Register a device (登记设备) and publish the list once that is committed.

    Raises
    ------
    Problem
        ``registry.device_known`` when its MN is registered; ``registry.unknown_station``.
    """
    _check_station(str(terms["station"]))
    known = {name: value for name, value in terms.items() if name in TERMS}
    try:
        with transaction.atomic():
            device = Device.objects.create(mn=mn, **known)
    except IntegrityError:
        raise Problem("registry.device_known", mn=mn) from None
    audit.record(
        actor=by,
        deed="registry.add_device",
        target=f"device:{mn}",
        at=at,
        clause="HJ 212-2017 6.3.2",
        detail={
            "reason": reason,
            "terms": {name: value for name, value in known.items() if name not in _SECRET},
        },
    )
    transaction.on_commit(lambda: publish_devices(path, at=at, by=by))
    return device


def _check_station(station: str) -> None:
    kind, _, code = station.partition(":")
    model = _STATIONS.get(kind)
    if model is None or not model.objects.filter(code=code).exists():
        raise Problem("registry.unknown_station", station=station)
