"""The list of campaigns, one campaign, its registration and its end."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _

from qingyuan.core.periods import city_date
from qingyuan.core.problems import Problem
from qingyuan.web.campaigns import selectors, services
from qingyuan.web.campaigns.forms import CampaignForm, CloseForm
from qingyuan.web.campaigns.models import Campaign
from qingyuan.web.registry.models.geometry import in_language

__all__ = ["add", "campaign", "campaigns", "change", "close", "form_page", "kept", "seen"]


def seen(request: HttpRequest, number: str) -> Campaign:
    """Return a campaign the reader may see, or nothing is there."""
    return get_object_or_404(selectors.campaigns(request.scope), number=number)


def kept(request: HttpRequest, number: str) -> Campaign:
    """Return a campaign for who arranges campaigns; for others nothing is there."""
    found = seen(request, number)
    if not selectors.may_keep(request.scope):
        raise Http404
    return found


def form_page(
    request: HttpRequest,
    form: object,
    *,
    title: object,
    back: str,
    campaign: Campaign | None = None,
    **more: object,
) -> HttpResponse:
    """Answer a page that is one form; 422 when it came back."""
    status = 422 if request.method == "POST" else 200
    context = {"form": form, "title": title, "back": back, "campaign": campaign, **more}
    return render(request, "campaigns/form.html", context, status=status)


def campaigns(request: HttpRequest) -> HttpResponse:
    """List the campaigns with their figures and the sum of them (R120, R121)."""
    found = selectors.campaigns(request.scope).order_by("-starts_on", "-pk")
    running = request.GET.get("closed") != "1"
    shown = found.filter(closed_at=None) if running else found.exclude(closed_at=None)
    rows = []
    for one in shown.prefetch_related("joint__unit"):
        counted = selectors.frozen(one, request.scope) or selectors.figures(
            one, request.scope, at=request.at
        )
        owed = selectors.missing(one, request.scope, at=request.at)
        rows.append((one, counted.whole, sum(m.late for m in owed)))
    names = ("objects", "visited", "problems", "cases", "closed", "overdue")
    sums = {name: sum(getattr(line, name) for _one, line, _late in rows) for name in names}
    context = {
        "rows": rows,
        "sums": sums,
        "rate": sums["closed"] / sums["cases"] if sums["cases"] else None,
        "late": sum(late for *_row, late in rows),
        "running": running,
        "tabs": [
            (_("进行中"), reverse("campaigns"), found.filter(closed_at=None).count(), running),
            (_("已总结"), reverse("campaigns") + "?closed=1", found.exclude(closed_at=None).count(), not running),
        ],
        "teams": selectors.teams(request.scope).filter(members__user=request.user, campaign__closed_at=None).order_by("from_on"),
        "may_keep": selectors.may_keep(request.scope),
    }  # fmt: skip
    return render(request, "campaigns/campaigns.html", context)


def campaign(request: HttpRequest, number: str) -> HttpResponse:
    """Show one campaign as its reader may see it: figures, districts, departments, teams, what is owed."""
    found, scope = seen(request, number), request.scope
    counted = selectors.frozen(found, scope) or selectors.figures(found, scope, at=request.at)
    context = {
        "campaign": found,
        "joint": [row.unit for row in found.joint.select_related("unit").order_by("pk")],
        "figures": counted,
        "plans": {p.district_id: p for p in selectors.sub_plans(found, scope)},
        "missing": selectors.missing(found, scope, at=request.at),
        "teams": selectors.teams(scope).filter(campaign=found).prefetch_related("members__user", "districts", "visits").order_by("from_on", "pk"),
        "listings": found.listings.order_by("-number") if scope.city else [],
        "whole_city": scope.city,
        "may_keep": selectors.may_keep(scope) and not found.closed_at,
        "may_close": selectors.may_keep(scope) and "department_head" in scope.roles and not found.closed_at,
    }  # fmt: skip
    context["districts"] = [(line, context["plans"].get(line.key)) for line in counted.districts]
    return render(request, "campaigns/campaign.html", context)


def add(request: HttpRequest) -> HttpResponse:
    """Register a campaign."""
    if not selectors.may_keep(request.scope):
        raise Http404
    form = CampaignForm(request.POST or None, initial={"issued_on": city_date(request.at)})
    if request.method == "POST" and form.is_valid():
        try:
            made = services.make_campaign(
                form.save(commit=False), joint=form.cleaned_data["joint"], by=request.user, at=request.at,
            )  # fmt: skip
        except Problem as problem:
            form.add_error(None, in_language(problem.zh, problem.en))
        else:
            return HttpResponseRedirect(reverse("campaign", args=[made.number]))
    return form_page(request, form, title=_("登记专项行动"), back=reverse("campaigns"))


def change(request: HttpRequest, number: str) -> HttpResponse:
    """Change how a campaign is carried."""
    found = kept(request, number)
    form = CampaignForm(request.POST or None, instance=found)
    back = reverse("campaign", args=[number])
    if request.method == "POST" and form.is_valid():
        try:
            services.change_campaign(
                form.save(commit=False), joint=form.cleaned_data["joint"], by=request.user, at=request.at,
            )  # fmt: skip
        except Problem as problem:
            form.add_error(None, in_language(problem.zh, problem.en))
        else:
            return HttpResponseRedirect(back)
    return form_page(request, form, title=_("修改专项行动"), back=back, campaign=found)


def close(request: HttpRequest, number: str) -> HttpResponse:
    """Close a campaign with its report; the figures of now are kept."""
    found = kept(request, number)
    form = CloseForm(request.POST or None)
    back = reverse("campaign", args=[number])
    if request.method == "POST" and form.is_valid():
        try:
            services.close_campaign(
                found, text=form.cleaned_data["text"], scope=request.scope, by=request.user, at=request.at,
            )  # fmt: skip
        except Problem as problem:
            form.add_error(None, in_language(problem.zh, problem.en))
        else:
            return HttpResponseRedirect(back)
    counted = selectors.figures(found, request.scope, at=request.at)
    return form_page(
        request, form, title=_("总结并冻结数字"), back=back, campaign=found, line=counted.whole,
        owed=len(selectors.missing(found, request.scope, at=request.at)),
    )  # fmt: skip
