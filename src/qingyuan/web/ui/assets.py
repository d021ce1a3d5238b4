"""Built assets (前端产物): logical names to hashed files, from the build's manifest."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from django.conf import settings

__all__ = ["DIST", "address", "manifest"]

DIST = Path(__file__).resolve().parent / "static" / "dist"

_read: tuple[float, Mapping[str, str]] = (0.0, {})


def manifest() -> Mapping[str, str]:
    """Return logical name → file name; empty while nothing is built. Re-read when it changes."""
    global _read
    path = DIST / "manifest.json"
    try:
        stamp = path.stat().st_mtime
    except FileNotFoundError:
        return {}
    if stamp != _read[0]:
        _read = (stamp, json.loads(path.read_text("utf-8")))
    return _read[1]


def address(name: str) -> str:
    """Return the address of a built file; its name carries the hash, so it may be cached for ever."""
    return f"{settings.STATIC_URL}dist/{manifest().get(name, name)}"
