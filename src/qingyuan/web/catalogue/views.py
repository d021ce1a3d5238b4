"""Pages of the catalogue."""

from __future__ import annotations

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from qingyuan.web.catalogue import selectors

__all__ = ["catalogue", "dataset"]


@require_safe
def catalogue(request: HttpRequest) -> HttpResponse:
    """Show every data set: how many rows, how large, how fresh, from where, to where."""
    return render(
        request,
        "catalogue/catalogue.html",
        {"page": selectors.board(settings.FOLDER, at=request.at)},
    )


@require_safe
def dataset(request: HttpRequest, name: str) -> HttpResponse:
    """Show one data set: its columns, how it is kept, its versions and its last turn."""
    found = selectors.detail(settings.FOLDER, name, at=request.at)
    if found is None:
        raise Http404
    return render(request, "catalogue/dataset.html", {"page": found})
