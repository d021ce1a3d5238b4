"""Taking a table: the file at once or later, and the history of both directions."""

from __future__ import annotations

from uuid import UUID

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.http import content_disposition_header

from qingyuan.core.problems import Problem
from qingyuan.web.exchange import selectors, services
from qingyuan.web.exchange.models import Export
from qingyuan.web.exchange.registered import exporter_named

__all__ = ["export", "file", "history"]


def _handed(file: services.File) -> HttpResponse:
    answer = HttpResponse(file.content, content_type=file.media_type)
    answer["Content-Disposition"] = content_disposition_header(True, file.name)
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Cache-Control"] = "private, no-store"
    return answer


def export(request: HttpRequest, name: str) -> HttpResponse:
    """Hand out a table; a long one is asked for by a button and made in the background."""
    item = exporter_named(name, request.scope.roles)
    if item is None:
        raise Http404
    language = "en" if request.LANGUAGE_CODE == "en" else "zh"
    query = request.GET.copy()
    form = query.pop("format", ["xlsx"])[-1]
    asked = {
        "form": form, "query": query.urlencode(), "by": request.user, "at": request.at, "language": language,
    }  # fmt: skip
    context = {"item": item, "form": form, "english": language == "en", "said": ""}
    try:
        table = item.make(query.urlencode(), by=request.user, at=request.at)
        context |= {"rows": table.count, "most": services.BACKGROUND_ROWS}
        if table.count <= services.BACKGROUND_ROWS:
            return _handed(services.export_now(item, table, **asked))
        if request.method == "POST":
            services.sweep_exports(at=request.at)
            services.request_export(item, table, **asked)
            return HttpResponseRedirect(reverse("exchange-history"))
    except Problem as problem:
        context["said"] = problem.en if language == "en" else problem.zh
        return render(request, "exchange/export.html", context, status=422)
    return render(request, "exchange/export.html", context)


def file(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Hand out a file made in the background, to who asked for it."""
    row = get_object_or_404(selectors.exports(request.scope), pk=pk, state=Export.State.DONE)
    try:
        return _handed(services.file_of(row))
    except Problem:
        raise Http404 from None


def history(request: HttpRequest) -> HttpResponse:
    """List what was brought and what was taken."""
    page = Paginator(selectors.imports(request.scope), 30).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "exports": [(row, services.has_file(row)) for row in selectors.exports(request.scope)[:30]],
    }
    return render(request, "exchange/history.html", context)
