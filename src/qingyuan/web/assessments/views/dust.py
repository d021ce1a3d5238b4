"""Sand-dust: what the rule proposes, what people decided, and both statistics."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import get_language

from qingyuan.core.periods import CITY_TZ, city_date
from qingyuan.core.problems import Problem
from qingyuan.standards.air_periods import period_rules_at
from qingyuan.standards.documents import document_at
from qingyuan.web.assessments import services
from qingyuan.web.assessments.forms import DustForm, WhyForm
from qingyuan.web.assessments.selectors import dust as found
from qingyuan.web.assessments.views.asked import asked_month, month_end, months_beside
from qingyuan.web.monitoring.selectors.charts import observations_in
from qingyuan.web.registry import selectors as registry

__all__ = ["dust", "dust_decide", "dust_withdraw"]

_MAY_DECIDE = frozenset({"department_head", "duty_officer"})


def _page(request: HttpRequest, *, status: int = 200, **more: object) -> HttpResponse:
    yesterday = city_date(request.at) - timedelta(days=1)
    first = asked_month(request, newest=yesterday)
    last = min(month_end(first), yesterday)
    before, after = months_beside(first, newest=yesterday)
    store, scope = observations_in(settings.FOLDER.store), request.scope
    proposals = found.proposals(store, scope, first=first, last=last)
    number = request.GET.get("choose", "")
    chosen = proposals[int(number)] if number.isdecimal() and int(number) < len(proposals) else None
    initial: dict[str, object] = {}
    if chosen:
        initial = {
            "station": chosen.station.code,
            "from_at": chosen.proposal.period.start.astimezone(CITY_TZ).replace(tzinfo=None),
            "to_at": chosen.proposal.period.end.astimezone(CITY_TZ).replace(tzinfo=None),
        }
    context = {
        "first": first,
        "last": last,
        "before": before,
        "after": after,
        "proposals": proposals,
        "decisions": list(found.decisions(scope)[:100]),
        "compared": found.compared(store, scope, first=first, last=last),
        "document": document_at("sand-dust", first),
        "rules": period_rules_at(first),
        "may_decide": bool(scope.roles & _MAY_DECIDE),
        "form": DustForm(scope=scope, initial=initial),
        "why_form": WhyForm(),
        "english": (get_language() or "").startswith("en"),
        **more,
    }
    return render(request, "assessments/dust.html", context, status=status)


def dust(request: HttpRequest) -> HttpResponse:
    """Show a month's proposals, the decisions, and the means with and without them."""
    return _page(request)


def dust_decide(request: HttpRequest) -> HttpResponse:
    """Confirm or reject hours as sand-dust."""
    form = DustForm(request.POST, scope=request.scope)
    if not form.is_valid():
        return _page(request, status=422, form=form)
    data = form.cleaned_data
    first, last = city_date(data["from_at"]), city_date(data["to_at"])
    store = observations_in(settings.FOLDER.store)
    near = found.proposals(
        store, request.scope, first=first - timedelta(days=1), last=max(first, last)
    )
    grounds = [
        {
            "rule_set": p.proposal.rule_set, "clause": p.proposal.clause, "peak": p.peak,
            "from": p.proposal.period.start.isoformat(), "to": p.proposal.period.end.isoformat(),
            "why": [said.as_json() for said in p.proposal.reasons],
        }
        for p in near
        if p.station.code == data["station"]
        and p.proposal.period.start < data["to_at"]
        and p.proposal.period.end > data["from_at"]
    ]  # fmt: skip
    try:
        services.decide_dust(
            station=registry.air_stations(request.scope).get(code=data["station"]),
            from_at=data["from_at"], to_at=data["to_at"], verdict=data["verdict"],
            reason=data["reason"], grounds={"proposals": grounds}, by=request.user, at=request.at,
        )  # fmt: skip
    except Problem as problem:
        return _page(request, status=422, form=form, problem=problem)
    return redirect(f"{request.path.removesuffix('decide/')}?month={data['from_at']:%Y-%m}")


def dust_withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a decision back, with the reason."""
    row = get_object_or_404(found.decisions(request.scope), pk=pk)
    form = WhyForm(request.POST)
    if not form.is_valid():
        return _page(request, status=422, why_form=form)
    try:
        services.withdraw_dust(row, why=form.cleaned_data["why"], by=request.user, at=request.at)
    except Problem as problem:
        return _page(request, status=422, problem=problem)
    return redirect("dust")
