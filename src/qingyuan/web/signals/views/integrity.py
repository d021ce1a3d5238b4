"""What the data-quality inspection found (数据质量疑点): a list, and a page for each."""

from __future__ import annotations

from datetime import datetime

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import get_language

from qingyuan.core.problems import Problem
from qingyuan.readings.integrity import KINDS, words_of
from qingyuan.web.registry import selectors as registry
from qingyuan.web.signals import selectors, services
from qingyuan.web.signals.forms import RuleOutForm
from qingyuan.web.signals.models import OBJECT_KINDS, Signal
from qingyuan.web.signals.words import Blank

_FILTERS = ("check", "district", "object_kind", "station")
_MAY_JUDGE = frozenset({"duty_officer", "district_officer", "department_head"})


def _english() -> bool:
    return (get_language() or "").startswith("en")


def doubts(request: HttpRequest) -> HttpResponse:
    """List the doubts a person may see, by judgement and filter."""
    filters = {name: request.GET.get(name, "").strip() for name in _FILTERS}
    found = selectors.doubts(request.scope, **filters)
    state = request.GET.get("state", "new")
    state = state if state in selectors.JUDGEMENTS else "new"
    page = Paginator(selectors.judged(found, state), 50).get_page(request.GET.get("page"))
    query = request.GET.copy()
    for name in ("state", "page"):
        query.pop(name, None)
    kept = query.urlencode()
    counts = selectors.counts_by_judgement(found)
    context = {
        "page": page,
        "rows": selectors.doubt_rows(page.object_list, at=request.at, english=_english()),
        "state": state,
        "tabs": [
            (name, counts[name], f"?state={name}{'&' + kept if kept else ''}")
            for name in selectors.JUDGEMENTS
        ],
        "filters": filters,
        "filtered": any(filters.values()),
        "checks": [(kind, words_of(kind, Blank(), english=_english()).title) for kind in KINDS],
        "object_kinds": [pair for pair in OBJECT_KINDS if pair[0] in ("section", "outfall", "air")],
        "districts": registry.districts(request.scope),
        "night": selectors.last_night(),
    }
    return render(request, "signals/integrity.html", context)


def _found(request: HttpRequest, pk: int) -> Signal:
    return get_object_or_404(selectors.doubts(request.scope), pk=pk)


def _page_of(
    request: HttpRequest, found: Signal, *, status: int = 200, **more: object
) -> HttpResponse:
    row = selectors.doubt_rows([found], at=request.at, english=_english())[0]
    others = selectors.doubts(request.scope, station=found.station).exclude(pk=found.pk)[:10]
    context = {
        "row": row,
        "signal": found,
        "chart": selectors.picture(row.record, english=_english()),
        "others": selectors.doubt_rows(others, at=request.at, english=_english()),
        "readings": [
            (datetime.fromisoformat(at), text) for at, text in row.record.document["rows"]
        ],
        "more_readings": row.record.document["count"] - len(row.record.document["rows"]),
        "form": RuleOutForm(),
        "may_judge": bool(_MAY_JUDGE & set(request.scope.roles)),
        **more,
    }
    return render(request, "signals/doubt.html", context, status=status)


def doubt(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one doubt: picture, numbers, what would explain it innocently, what can be done."""
    return _page_of(request, _found(request, pk))


def _back(pk: int) -> HttpResponse:
    return HttpResponseRedirect(reverse("integrity-doubt", args=[pk]))


def check(request: HttpRequest, pk: int) -> HttpResponse:
    """Take it on: somebody will look (待核查)."""
    services.acknowledge(_found(request, pk), by=request.user, at=request.at)
    return _back(pk)


def rule_out(request: HttpRequest, pk: int) -> HttpResponse:
    """Close it with its innocent explanation (排除)."""
    found, form = _found(request, pk), RuleOutForm(request.POST)
    if not form.is_valid():
        return _page_of(request, found, form=form, status=422)
    try:
        services.rule_out(found, reason=form.cleaned_data["reason"], by=request.user, at=request.at)
    except Problem as problem:
        return _page_of(request, found, form=form, problem=problem, status=422)
    return _back(pk)


def to_case(request: HttpRequest, pk: int) -> HttpResponse:
    """Open a case from it and go there (建案)."""
    found = _found(request, pk)
    try:
        case = services.to_case(found, by=request.user, at=request.at)
    except Problem as problem:
        return _page_of(request, found, problem=problem, status=422)
    return HttpResponseRedirect(reverse("case", args=[case.number]))
