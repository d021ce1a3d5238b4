"""Publish the devices the gateway may hear (architecture.md §2)."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime
from pathlib import Path

from django.db import transaction

from qingyuan.host.folder import write_atomically
from qingyuan.web.audit import services as audit
from qingyuan.web.audit.services import SYSTEM, Actor
from qingyuan.web.registry.models import Device

__all__ = ["VERSION", "digest_of_devices", "publish_devices"]

VERSION = 1


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
