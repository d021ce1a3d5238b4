"""Packets explained, and what was set aside."""

from __future__ import annotations

from datetime import date

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from qingyuan.hj212 import Key
from qingyuan.web.monitoring import selectors
from qingyuan.web.monitoring.forms import PacketForm
from qingyuan.web.monitoring.selectors.devices import KEEPERS
from qingyuan.web.monitoring.selectors.packets import PacketView
from qingyuan.web.monitoring.views.devices import english

_DAYS = (1, 7, 31)
#: HJ 212-2017 附录A, the standard's own example; its CRC recomputed and right.
EXAMPLE = (
    "##0101QN=20160801085857223;ST=32;CN=1062;PW=100000;MN=010000A8900016F000169DC0;Flag=5;"
    "CP=&&RtdInterval=30&&1C80"
)
WORN = (
    "##0113ST=32;CN=2011;PW=123456;MN=88888880000001;CP=&&DataTime=20260922083000;"
    "w01018-Rtd=31.5,w01018-Flag=N;LA-td=50.1&&0759"
)


def packets(request: HttpRequest) -> HttpResponse:
    """Explain what is pasted or handed in as a file; nothing of it is kept."""
    form = PacketForm(request.POST or None, request.FILES or None)
    views: list[PacketView] = []
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        given = data["file"].read() if data["file"] else data["text"]
        key = Key(bytes.fromhex(data["key"])) if data["key"] else None
        views = selectors.packet_views(given, dialect=data["dialect"], key=key)
    context = {
        "form": form, "views": views, "english": english(), "examples": (EXAMPLE, WORN),
        "asked": request.method == "POST",
    }  # fmt: skip
    status = 422 if request.method == "POST" and form.errors else 200
    return render(request, "monitoring/packets.html", context, status=status)


def quarantined(request: HttpRequest, segment: int, offset: int) -> HttpResponse:
    """Explain one packet that was set aside, its password covered."""
    found = selectors.set_aside(settings.FOLDER.store, segment, offset, english=english())
    if found is None:
        raise Http404
    views = selectors.packet_views(found.raw, hide=True)
    context = {
        "packet": found, "views": views, "english": english(),
        "keeps": bool(request.scope.roles & KEEPERS),
    }  # fmt: skip
    return render(request, "monitoring/packets.html", context)


def quarantine(request: HttpRequest) -> HttpResponse:
    """Show what was set aside: counts by reason, device and day, the newest packets."""
    given = {name: request.GET.get(name, "").strip() for name in ("mn", "reason")}
    text = request.GET.get("days", "")
    days = int(text) if text.isdecimal() and int(text) in _DAYS else 7
    try:
        day = date.fromisoformat(request.GET.get("day", ""))
    except ValueError:
        day = None
    view = selectors.quarantine(
        settings.FOLDER.store, at=request.at, english=english(), days=days, day=day, **given
    )
    context = {
        "view": view, "given": given, "days": days, "day": day, "ranges": _DAYS,
        "english": english(), "keeps": bool(request.scope.roles & KEEPERS),
    }  # fmt: skip
    return render(request, "monitoring/quarantine.html", context)
