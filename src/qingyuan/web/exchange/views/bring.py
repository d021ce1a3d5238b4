"""Bringing a table: what may be brought, the template, the file, its preview, its confirmation."""

from __future__ import annotations

from uuid import UUID

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from qingyuan.core.problems import Problem
from qingyuan.web.exchange import selectors, services
from qingyuan.web.exchange.blank import blank_workbook
from qingyuan.web.exchange.books import MEDIA_TYPE
from qingyuan.web.exchange.forms import UploadForm
from qingyuan.web.exchange.models import Import
from qingyuan.web.exchange.registered import exporters, importer_named, importers
from qingyuan.web.exchange.services import kept
from qingyuan.web.exchange.tables import Importer

__all__ = [
    "again", "confirm", "errors", "exchange", "importer", "live", "preview", "template", "withdraw",
]  # fmt: skip


def _language(request: HttpRequest) -> str:
    return "en" if request.LANGUAGE_CODE == "en" else "zh"


def _said(request: HttpRequest, problem: Problem) -> str:
    return problem.en if _language(request) == "en" else problem.zh


def _importer(request: HttpRequest, name: str) -> Importer:
    found = importer_named(name, request.scope.roles)
    if found is None:
        raise Http404
    return found


def exchange(request: HttpRequest) -> HttpResponse:
    """List what a person may bring, and what waits for his or her confirmation."""
    language = _language(request)
    groups: dict[str, list[dict[str, str]]] = {}
    for item in importers(request.scope.roles):
        group = ((item.group_en or item.group) if language == "en" else item.group) or _("其他")
        groups.setdefault(group, []).append(
            {
                "name": item.name,
                "title": item.sheet.called(language),
                "hint": (item.hint_en or item.hint) if language == "en" else item.hint,
            }
        )
    taken = [
        (item.name, (item.title_en or item.title) if language == "en" else item.title)
        for item in exporters(request.scope.roles)
    ]
    waiting = selectors.own_imports(request.scope).filter(settled_at=None)[:20]
    return render(
        request, "exchange/exchange.html", {"groups": groups, "waiting": waiting, "taken": taken}
    )


def importer(request: HttpRequest, name: str) -> HttpResponse:
    """Show how a table is brought, take the file."""
    item = _importer(request, name)
    form = UploadForm(*((request.POST, request.FILES) if request.method == "POST" else ()))
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        services.sweep(at=request.at)
        try:
            row = services.receive(
                importer=item, content=file.read(), name=file.name, by=request.user, at=request.at
            )
        except Problem as problem:
            form.add_error("file", _said(request, problem))
        else:
            return HttpResponseRedirect(reverse("exchange-import", args=[row.pk]))
    language = _language(request)
    context = {
        "item": item,
        "title": item.sheet.called(language),
        "hint": (item.hint_en or item.hint) if language == "en" else item.hint,
        "columns": [
            {
                "title": column.title(language),
                "required": column.required,
                "note": (column.note_en or column.note) if language == "en" else column.note,
            }
            for column in item.sheet.columns
        ],
        "endings": item.endings,
        "layer": item.sheet.shape,
        "form": form,
        "recent": selectors.own_imports(request.scope).filter(importer=item.name)[:5],
    }
    return render(request, "exchange/importer.html", context, status=422 if form.errors else 200)


def template(request: HttpRequest, name: str) -> HttpResponse:
    """Hand out the empty form, with drop-downs, notes and lists."""
    item, language = _importer(request, name), _language(request)
    answer = HttpResponse(blank_workbook(item.sheet, language=language), content_type=MEDIA_TYPE)
    title = item.sheet.called(language)
    answer["Content-Disposition"] = content_disposition_header(True, f"{title}{_('（模板）')}.xlsx")
    return answer


def _shown(request: HttpRequest, pk: UUID) -> Import:
    return get_object_or_404(selectors.imports(request.scope), pk=pk)


def _own(request: HttpRequest, pk: UUID) -> Import:
    return get_object_or_404(selectors.own_imports(request.scope), pk=pk)


def _page(request: HttpRequest, row: Import, *, said: str = "", status: int = 200) -> HttpResponse:
    faults = Paginator(row.faults.order_by("row", "pk"), 50).get_page(request.GET.get("page"))
    problem = row.report.get("problem") or {}
    context = {
        "row": row,
        "faults": faults,
        "report": row.report,
        "mine": row.by_id == request.user.pk,
        "english": _language(request) == "en",
        "writes": row.new + row.changed,
        "said": said or problem.get(_language(request), ""),
        "may_confirm": row.state == Import.State.READY and row.new + row.changed > 0,
        "stuck": row.state in (Import.State.WAITING, Import.State.CHECKING)
        and (request.at - row.at).total_seconds() > 600,
    }
    return render(request, "exchange/preview.html", context, status=status)


def preview(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show what a file would do, or what became of it."""
    return _page(request, _shown(request, pk))


def live(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Answer how far the check is; nothing when it stands where it stood."""
    row = _shown(request, pk)
    mark = f"{row.state}-{row.checked}"
    if request.GET.get("since") == mark:
        return HttpResponse(status=204)
    answer = render(request, "exchange/_progress.html", {"row": row})
    answer["X-Live-Since"] = mark
    return answer


def errors(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Hand back the file with its errors marked."""
    row = _own(request, pk)
    try:
        content = kept.get(row.pk, "errors.xlsx")
    except Problem:
        raise Http404 from None
    answer = HttpResponse(content, content_type=MEDIA_TYPE)
    stem = row.name.rpartition(".")[0] or row.name
    answer["Content-Disposition"] = content_disposition_header(True, f"{stem}{_('（错误）')}.xlsx")
    answer["X-Content-Type-Options"] = "nosniff"
    return answer


@require_POST
def confirm(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Write what the preview showed."""
    row = _own(request, pk)
    try:
        services.request_confirm(
            row=row,
            leave_wrong=bool(request.POST.get("leave_wrong")),
            by=request.user,
            at=request.at,
        )
    except Problem as problem:
        return _page(request, _own(request, pk), said=_said(request, problem), status=422)
    return HttpResponseRedirect(reverse("exchange-import", args=[pk]))


@require_POST
def withdraw(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Give an import up."""
    row = _own(request, pk)
    try:
        services.withdraw(row=row, by=request.user, at=request.at)
    except Problem as problem:
        return _page(request, row, said=_said(request, problem), status=422)
    return HttpResponseRedirect(reverse("exchange"))


@require_POST
def again(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Check once more."""
    row = _own(request, pk)
    try:
        services.recheck(row=row, by=request.user, at=request.at)
    except Problem as problem:
        return _page(request, row, said=_said(request, problem), status=422)
    return HttpResponseRedirect(reverse("exchange-import", args=[pk]))
