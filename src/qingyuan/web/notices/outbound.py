"""Which hosts may be called from here (外呼白名单): none that the settings do not name."""

from __future__ import annotations

from urllib.parse import urlsplit

from django.conf import settings

__all__ = ["is_allowed"]


def is_allowed(address: str) -> bool:
    """Whether *address* is http(s), carries no password and its host stands in QINGYUAN_OUTBOUND."""
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError:
        return False
    if parts.scheme not in ("http", "https") or not parts.hostname or "@" in parts.netloc:
        return False
    host = parts.hostname.lower()
    named = host if port is None else f"{host}:{port}"
    return named in settings.HOST.outbound
