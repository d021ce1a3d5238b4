"""Where data comes from, and what was set aside."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language

from qingyuan.web.monitoring import selectors


def sources(request: HttpRequest) -> HttpResponse:
    """List devices by whether they are heard, and how late the platform reads."""
    rows = selectors.sources(request.scope, at=request.at, store=settings.FOLDER.store)
    wanted = request.GET.get("state", "")
    counts = {
        state: sum(r.state == state for r in rows) for state in ("late", "never", "online", "off")
    }
    context = {
        "rows": [r for r in rows if not wanted or r.state == wanted],
        "counts": counts,
        "total": len(rows),
        "wanted": wanted,
        "follower": selectors.follower(),
    }
    return render(request, "monitoring/sources.html", context)


def quarantine(request: HttpRequest) -> HttpResponse:
    """Show what was set aside: counts by reason and device, the newest packets explained."""
    given = {name: request.GET.get(name, "").strip() for name in ("mn", "reason")}
    english = (get_language() or "").startswith("en")
    view = selectors.quarantine(settings.FOLDER.store, at=request.at, english=english, **given)
    context = {"view": view, "given": given, "english": english}
    return render(request, "monitoring/quarantine.html", context)
