"""The book of a case as a file (一案一册)."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404

from qingyuan.web.cases import selectors, services
from qingyuan.web.cases.models import Case

_TYPES = {
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}


def _answer(request: HttpRequest, case: Case, ending: str, *, own: bool = False) -> HttpResponse:
    content = services.book_file(
        case, kind=ending, by=request.user, at=request.at, to_enterprise=own
    )
    answer = HttpResponse(content, content_type=_TYPES[ending])
    answer["Content-Disposition"] = f'attachment; filename="{case.number}.{ending}"'
    answer["Cache-Control"] = "private, no-store"
    return answer


def book(request: HttpRequest, number: str, ending: str) -> HttpResponse:
    """Answer the whole case as the reader may see it."""
    found = get_object_or_404(selectors.cases(request.scope), number=number)
    return _answer(request, found, ending)


def my_book(request: HttpRequest, number: str) -> HttpResponse:
    """Answer the enterprise's own book of a task pushed to it."""
    found = get_object_or_404(selectors.enterprise_cases(request.scope), number=number)
    return _answer(request, found, "pdf", own=True)
