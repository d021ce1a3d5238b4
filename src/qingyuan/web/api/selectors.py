"""Questions about tokens."""

from __future__ import annotations

from datetime import datetime

from django.db.models import QuerySet

from qingyuan.web.api.models import Token
from qingyuan.web.registry.models import Device

__all__ = ["devices", "rows", "tokens"]


def tokens() -> QuerySet[Token]:
    """Return every token, the newest first."""
    return Token.objects.select_related("issued_by__unit", "revoked_by__unit").order_by("-pk")


def rows(*, at: datetime) -> list[dict[str, object]]:
    """Return tokens with their state."""
    found = []
    for token in tokens():
        word, tone = token.state(at)
        found.append({"token": token, "state": word, "tone": tone, "holds": token.holds(at)})
    return found


def devices() -> list[str]:
    """Return the MNs a token may be issued for."""
    return list(Device.objects.filter(active=True).order_by("mn").values_list("mn", flat=True))
