"""The inbox."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse

from qingyuan.web.notices import selectors, services


def inbox(request: HttpRequest) -> HttpResponse:
    """List one's own messages; unread ones alone with ``?unread=1``."""
    unread = request.GET.get("unread") == "1"
    page = Paginator(selectors.inbox(request.user, unread=unread), 50).get_page(
        request.GET.get("page")
    )
    context = {"page": page, "unread": unread, "waiting": selectors.unread_count(request.user)}
    return render(request, "notices/inbox.html", context)


def open_notice(request: HttpRequest, pk: int) -> HttpResponse:
    """Note that a message was read and go where it points."""
    notice = get_object_or_404(selectors.inbox(request.user), pk=pk)
    services.mark_read(request.user, at=request.at, notice_id=notice.pk)
    return HttpResponseRedirect(notice.url)


def read_all(request: HttpRequest) -> HttpResponse:
    """Note that everything was read."""
    services.mark_read(request.user, at=request.at)
    return HttpResponseRedirect(reverse("notices"))
