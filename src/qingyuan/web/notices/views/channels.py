"""The ways out: channels of the bureau for its administrator, one's own mail for everybody."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse

from qingyuan.core.problems import Problem
from qingyuan.web.notices import selectors, services
from qingyuan.web.notices.forms import ChannelForm, ReachForm
from qingyuan.web.notices.models import Channel, Reach


def channels(request: HttpRequest) -> HttpResponse:
    """List the channels with what became of their messages of the last seven days."""
    context = {"channels": selectors.channels(), "counts": selectors.last_week()}
    return render(request, "notices/channels.html", context)


def channel(request: HttpRequest, pk: int = 0) -> HttpResponse:
    """Show one channel, register or change it; below, its latest messages."""
    found = get_object_or_404(Channel, pk=pk) if pk else None
    form = ChannelForm(request.POST or None, instance=found)
    problem = None
    if request.method == "POST" and form.is_valid():
        try:
            saved = services.put_channel(form.save(commit=False), by=request.user, at=request.at)
        except Problem as refused:
            problem = refused
        else:
            return HttpResponseRedirect(reverse("channel", args=[saved.pk]))
    deliveries = selectors.deliveries_of(found) if found else []
    page = Paginator(deliveries, 50).get_page(request.GET.get("page"))
    shown = Channel.objects.filter(pk=pk).first() if pk else None
    context = {"channel": shown, "form": form, "problem": problem, "page": page}
    status = 200 if request.method == "GET" else 422
    return render(request, "notices/channel.html", context, status=status)


def try_channel(request: HttpRequest, pk: int) -> HttpResponse:
    """Send a trial message and say what the other side answered."""
    found = get_object_or_404(Channel, pk=pk)
    failure = services.try_channel(found, by=request.user, at=request.at)
    page = Paginator(selectors.deliveries_of(found), 50).get_page(1)
    context = {"channel": found, "form": ChannelForm(instance=found), "page": page,
               "tried": True, "failure": failure}  # fmt: skip
    return render(request, "notices/channel.html", context)


def reach(request: HttpRequest) -> HttpResponse:
    """Set one's own mail address, quiet hours and digest."""
    found = Reach.objects.filter(user=request.user).first()
    form = ReachForm(request.POST or None, instance=found)
    if request.method == "POST" and form.is_valid():
        services.put_reach(form.save(commit=False), by=request.user, at=request.at)
        return HttpResponseRedirect(reverse("reach") + "?saved=1")
    context = {"form": form, "saved": "saved" in request.GET,
               "latest": selectors.deliveries_to(request.user)[:20]}  # fmt: skip
    return render(request, "notices/reach.html", context, status=422 if form.errors else 200)
