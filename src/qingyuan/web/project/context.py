"""What every page needs besides its own rows."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest

__all__ = ["page"]


def page(request: HttpRequest) -> dict[str, object]:
    """Return city time, its rate, whether this is the demo, and who is looking."""
    return {
        "city_now": getattr(request, "at", None),
        "city_rate": getattr(request, "city_rate", 1.0),
        "demo": settings.DEMO,
        "scope": getattr(request, "scope", None),
        "user": getattr(request, "user", None),
    }
