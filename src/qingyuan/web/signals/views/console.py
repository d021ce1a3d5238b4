"""The alarm console (告警台)."""

from __future__ import annotations

from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import NoReverseMatch, reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import get_language

from qingyuan.core.problems import Problem
from qingyuan.web.registry import selectors as registry
from qingyuan.web.signals import selectors, services
from qingyuan.web.signals.forms import FalseForm, ReportForm, SilenceForm
from qingyuan.web.signals.models import LEVELS, OBJECT_KINDS, Signal, Silence

_FILTERS = ("kind", "level", "district", "object_kind", "station", "factor", "text")
_TABS = (
    "waiting",
    "active_unacknowledged",
    "active_acknowledged",
    "cleared_unacknowledged",
    "cleared_acknowledged",
    "false",
    "all",
)


def _english() -> bool:
    return (get_language() or "").startswith("en")


def _narrowed(request: HttpRequest) -> QuerySet[Signal]:
    wanted = {name: request.GET.get(name, "").strip() for name in _FILTERS}
    return selectors.narrowed(selectors.signals(request.scope), **wanted)


def _rows(request: HttpRequest, found: QuerySet[Signal]) -> tuple[Page, list[selectors.Row]]:
    page = Paginator(found, 50).get_page(request.GET.get("page"))
    return page, selectors.rows(page.object_list, at=request.at, english=_english())


def _context(request: HttpRequest) -> dict[str, object]:
    narrowed = _narrowed(request)
    state = request.GET.get("state", "waiting")
    state = state if state in selectors.STATES else "waiting"
    found = selectors.in_state(narrowed, state)
    if state in ("waiting", "active_unacknowledged"):
        found = selectors.urgent_first(found)
    page, rows = _rows(request, found)
    counts = selectors.counts_by_state(narrowed)
    query = request.GET.copy()
    for name in ("state", "page", "since"):
        query.pop(name, None)
    kept = query.urlencode()
    return {
        "page": page,
        "rows": rows,
        "state": state,
        "tabs": [
            (name, counts[name], f"?state={name}{'&' + kept if kept else ''}") for name in _TABS
        ],
        "mark": selectors.change_mark(narrowed),
        "query": request.GET.urlencode(),
        "filters": {name: request.GET.get(name, "") for name in _FILTERS},
    }


def console(request: HttpRequest) -> HttpResponse:
    """List the alarms a person may see, by state and filter."""
    context = _context(request) | {
        "kinds": Signal.Kind.choices,
        "levels": LEVELS,
        "object_kinds": OBJECT_KINDS,
        "districts": registry.districts(request.scope),
    }
    return render(request, "signals/console.html", context)


def live(request: HttpRequest) -> HttpResponse:
    """Answer the list again if it changed since the mark, else 204."""
    mark = selectors.change_mark(_narrowed(request))
    if mark == request.GET.get("since", ""):
        return HttpResponse(status=204, headers={"X-Live-Since": mark})
    answer = render(
        request, "signals/_list.html", _context(request) | {"grown": _grown(request, mark)}
    )
    answer["X-Live-Since"] = mark
    return answer


def _grown(request: HttpRequest, mark: str) -> int:
    """Return how many rows there are more than at the page's last mark; only those are announced."""
    before, now = (text.partition("-")[0] for text in (request.GET.get("since", ""), mark))
    return max(0, int(now) - int(before)) if before.isdecimal() else 0


def _found(request: HttpRequest, pk: int) -> Signal:
    return get_object_or_404(selectors.signals(request.scope), pk=pk)


def _back(request: HttpRequest, pk: int) -> HttpResponse:
    wanted = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(wanted, {request.get_host()})
    return HttpResponseRedirect(wanted if safe else reverse("signal", args=[pk]))


def _page_of(
    request: HttpRequest, found: Signal, *, status: int = 200, **more: object
) -> HttpResponse:
    context = {
        "row": selectors.rows([found], at=request.at, english=_english())[0],
        "signal": found,
        "others": selectors.rows(
            selectors.narrowed(selectors.signals(request.scope), station=found.station).exclude(
                pk=found.pk
            )[:10],
            at=request.at,
            english=_english(),
        ),
        "false_form": FalseForm(prefix="false"),
        "silence_form": SilenceForm(prefix="silence"),
        "roles": request.scope.roles,
        **more,
    }
    return render(request, "signals/signal.html", context, status=status)


def signal(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one alarm: the fact, the rule, who did what, what can be done."""
    found = _found(request, pk)
    if found.kind == Signal.Kind.INTEGRITY:
        return HttpResponseRedirect(reverse("integrity-doubt", args=[pk]))
    return _page_of(request, found)


def acknowledge(request: HttpRequest, pk: int) -> HttpResponse:
    """Say that one has seen it."""
    services.acknowledge(_found(request, pk), by=request.user, at=request.at)
    return _back(request, pk)


def acknowledge_many(request: HttpRequest) -> HttpResponse:
    """Acknowledge every ticked row that one may see."""
    ticked = [int(pk) for pk in request.POST.getlist("signal") if pk.isdecimal()]
    for found in selectors.signals(request.scope).filter(pk__in=ticked):
        services.acknowledge(found, by=request.user, at=request.at)
    wanted = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(wanted, {request.get_host()})
    return HttpResponseRedirect(wanted if safe else reverse("signals"))


def mark_false(request: HttpRequest, pk: int) -> HttpResponse:
    """Call it a false alarm, with the reason."""
    found, form = _found(request, pk), FalseForm(request.POST, prefix="false")
    if not form.is_valid():
        return _page_of(request, found, false_form=form, status=422)
    try:
        services.mark_false(
            found, reason=form.cleaned_data["reason"], by=request.user, at=request.at
        )
    except Problem as problem:
        return _page_of(request, found, false_form=form, problem=problem, status=422)
    return _back(request, pk)


def to_case(request: HttpRequest, pk: int) -> HttpResponse:
    """Open a case from it and go there."""
    found = _found(request, pk)
    try:
        case = services.to_case(found, by=request.user, at=request.at)
    except Problem as problem:
        return _page_of(request, found, problem=problem, status=422)
    try:
        return HttpResponseRedirect(reverse("case", args=[case.number]))
    except NoReverseMatch:
        return _back(request, pk)


def silence(request: HttpRequest, pk: int) -> HttpResponse:
    """Tell nobody of this object and factor for a while."""
    found, form = _found(request, pk), SilenceForm(request.POST, prefix="silence")
    if not form.is_valid():
        return _page_of(request, found, silence_form=form, status=422)
    services.silence(
        found,
        until=request.at + form.length,
        reason=form.cleaned_data["reason"],
        by=request.user,
        at=request.at,
    )
    return _back(request, pk)


def silences(request: HttpRequest) -> HttpResponse:
    """List the windows of silence in force."""
    context = {
        "rows": selectors.silences(request.scope, at=request.at),
        "roles": request.scope.roles,
    }
    return render(request, "signals/silences.html", context)


def end_silence(request: HttpRequest, pk: int) -> HttpResponse:
    """End a silence before its time."""
    listed = selectors.silences(request.scope, at=request.at)
    window = get_object_or_404(Silence, pk=pk, pk__in=[row["silence"].pk for row in listed])
    services.end_silence(window, by=request.user, at=request.at)
    return HttpResponseRedirect(reverse("silences"))


def report(request: HttpRequest) -> HttpResponse:
    """Raise a signal by hand."""
    form = ReportForm(request.POST or None, sections=registry.sections(request.scope))
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        made = services.report(
            station=f"section:{data['section']}",
            factor=data["factor"],
            note=data["note"],
            level=data["level"],
            by=request.user,
            at=request.at,
        )
        return HttpResponseRedirect(reverse("signal", args=[made.pk]))
    status = 422 if request.method == "POST" else 200
    return render(request, "signals/report.html", {"form": form}, status=status)
