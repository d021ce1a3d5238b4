"""The audit reader: the trail, and a check of the chain."""

from __future__ import annotations

from django.conf import settings
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from qingyuan.web.audit import selectors, services


def _page(request: HttpRequest, **more: object) -> HttpResponse:
    text, deed = request.GET.get("q", "").strip(), request.GET.get("deed", "").strip()
    pages = Paginator(selectors.entries(text=text, deed=deed), 50)
    context = {"page": pages.get_page(request.GET.get("page")), "q": text, "deed": deed, **more}
    return render(request, "audit/trail.html", context)


def trail(request: HttpRequest) -> HttpResponse:
    """List the entries, newest first."""
    return _page(request)


def verify_chain(request: HttpRequest) -> HttpResponse:
    """Walk the chain against the outside anchors and say what was found."""
    anchors = services.read_anchors(settings.FOLDER.path / services.ANCHOR_FILE)
    return _page(request, checked=True, broken=services.verify(anchors), anchored=len(anchors))
