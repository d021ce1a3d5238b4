"""The trace page, its parts and its deeds."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import get_language, gettext_noop

from qingyuan.core.problems import Problem
from qingyuan.web.audit.services import Actor
from qingyuan.web.signals import selectors as signals
from qingyuan.web.signals.models import Signal
from qingyuan.web.tracing import selectors, services
from qingyuan.web.tracing.forms import SampleForm
from qingyuan.web.tracing.map import rivers_geojson, trace_map
from qingyuan.web.tracing.models import Trace

_OPENERS = frozenset({"duty_officer", "district_officer", "department_head"})


def _signal(request: HttpRequest, pk: int) -> Signal:
    return get_object_or_404(selectors.traceable_signals(request.scope), pk=pk)


def _context(request: HttpRequest, signal: Signal, **more: object) -> dict[str, object]:
    english = (get_language() or "").startswith("en")
    rounds = list(signal.traces.order_by("-round"))
    shown = next((t for t in rounds if str(t.round) == request.GET.get("round")), None) or next(
        (t for t in rounds if t.state == Trace.State.DONE), None
    )
    context: dict[str, object] = {
        "signal": signal,
        "row": signals.rows([signal], at=request.at, english=english)[0],
        "rounds": rounds,
        "working": next(
            (t for t in rounds if t.state in (Trace.State.QUEUED, Trace.State.RUNNING)), None
        ),
        "failed": rounds[0] if rounds and rounds[0].state == Trace.State.FAILED else None,
        "trace": shown,
        "may_open": bool(request.scope.roles & _OPENERS) and not signal.case_ref,
        **more,
    }
    if shown is not None:
        rows = selectors.suspects(shown, english=english)
        caveats = (shown.answer or {}).get("caveats_en" if english else "caveats") or (
            shown.answer or {}
        ).get("caveats", [])
        context |= {
            "suspects": rows,
            "reach_of_bits": max((abs(b) for s in rows for _, b in s.bits), default=1.0),
            "headline": selectors.headline(shown),
            "answer": shown.answer,
            "next_sample": selectors.next_sample(shown),
            "caveats": caveats,
            "map": trace_map(signal, shown),
        }
    return context


def trace_page(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the newest answer of an alarm: how sure, who, why, and where to sample next."""
    return render(request, "tracing/trace.html", _context(request, _signal(request, pk)))


def trace_state(request: HttpRequest, pk: int) -> HttpResponse:
    """Answer 204 while nothing is new since ``?since=``; otherwise the state fragment."""
    signal = _signal(request, pk)
    newest = signal.traces.order_by("-round").first()
    mark = f"{newest.round}-{newest.state}" if newest else "0"
    if request.GET.get("since") == mark:
        return HttpResponse(status=204)
    response = render(request, "tracing/_body.html", _context(request, signal))
    response["X-Live-Since"] = mark
    return response


def trace_again(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask for another round with what is known now."""
    signal = _signal(request, pk)
    try:
        services.request_trace(
            signal=signal,
            at=request.at,
            why=gettext_noop("人工重新溯源"),
            by=Actor.of(request.user),
        )
    except Problem as problem:
        return render(
            request, "tracing/trace.html", _context(request, signal, problem=problem), status=422
        )
    return HttpResponseRedirect(reverse("trace", args=[pk]))


def trace_case(request: HttpRequest, pk: int) -> HttpResponse:
    """Open a case on one suspect."""
    signal = _signal(request, pk)
    try:
        case = services.open_case_on(
            signal=signal,
            outfall_code=request.POST.get("outfall", ""),
            by=request.user,
            at=request.at,
        )
    except Problem as problem:
        return render(
            request, "tracing/trace.html", _context(request, signal, problem=problem), status=422
        )
    return HttpResponseRedirect(reverse("case", args=[case.number]))


def trace_sample(request: HttpRequest, pk: int) -> HttpResponse:
    """Enter a grab sample; on a phone this is the whole page."""
    signal = _signal(request, pk)
    form = SampleForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            services.enter_sample(
                signal=signal, by=request.user, at=request.at, **form.cleaned_data
            )
        except Problem as problem:
            form.add_error(
                None, problem.en if (get_language() or "").startswith("en") else problem.zh
            )
        else:
            return HttpResponseRedirect(reverse("trace", args=[pk]))
    newest = selectors.newest_answer(signal)
    wanted = selectors.next_sample(newest) if newest else None
    if request.method == "GET" and wanted:
        form = SampleForm(
            initial={
                "reach_code": wanted["reach_id"],
                "position_m": round(wanted["position_m"]),
                "factor": wanted["factor"],
                "taken_at": request.at,
            }
        )
    status = 422 if request.method == "POST" else 200
    return render(
        request,
        "tracing/sample.html",
        {"signal": signal, "form": form, "next_sample": wanted},
        status=status,
    )


def trace_suspects(request: HttpRequest, pk: int) -> JsonResponse:
    """Return the suspects as GeoJSON."""
    newest = selectors.newest_answer(_signal(request, pk))
    empty = {"type": "FeatureCollection", "features": []}
    return JsonResponse(selectors.suspects_geojson(newest) if newest else empty)


def trace_rivers(request: HttpRequest, pk: int) -> JsonResponse:
    """Return the rivers as GeoJSON, the upstream of the alarm marked."""
    return JsonResponse(rivers_geojson(request.scope, _signal(request, pk), at=request.at))


def trace_answer(request: HttpRequest, pk: int) -> JsonResponse:
    """Return the answer as the exchange format has it."""
    newest = selectors.newest_answer(_signal(request, pk))
    return JsonResponse(newest.answer if newest else {}, json_dumps_params={"ensure_ascii": False})
