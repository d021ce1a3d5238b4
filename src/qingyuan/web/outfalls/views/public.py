"""The page behind the QR code on the sign: what the public may know, and whom to call."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from qingyuan.core.periods import city_date
from qingyuan.web.outfalls import selectors


def sign(request: HttpRequest, token: str) -> HttpResponse:
    """Show the public facts of one outfall; a revoked or unknown code is 404 alike."""
    found = selectors.public_sign(token)
    if found is None:
        raise Http404
    outfall = found.outfall
    record, _ = selectors.current(outfall, at=request.at)
    today = city_date(request.at)
    context = {
        "outfall": outfall,
        "record": record,
        "limits": [row for row in selectors.limits(outfall, on=today) if row[2]],
        "today": today,
    }
    answer = render(request, "outfalls/public.html", context)
    answer["Cache-Control"] = "no-store"
    answer["X-Robots-Tag"] = "noindex"
    return answer
