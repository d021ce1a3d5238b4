"""The trace page, its parts and its deeds."""

from __future__ import annotations

from datetime import datetime

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import get_language, gettext_noop

from qingyuan.core.problems import Problem
from qingyuan.web.audit.services import Actor
from qingyuan.web.signals import selectors as signals
from qingyuan.web.signals.models import Signal
from qingyuan.web.tracing import drawn, selectors, services
from qingyuan.web.tracing.forms import SampleForm
from qingyuan.web.tracing.map import rivers_geojson, trace_map
from qingyuan.web.tracing.models import Trace
from qingyuan.web.tracing.report import report_file

_OPENERS = frozenset({"duty_officer", "district_officer", "department_head"})


def _signal(request: HttpRequest, pk: int) -> Signal:
    return get_object_or_404(selectors.traceable_signals(request.scope), pk=pk)


def _context(request: HttpRequest, signal: Signal, **more: object) -> dict[str, object]:
    english = (get_language() or "").startswith("en")
    rounds = list(signal.traces.order_by("-round"))
    done = [t for t in rounds if t.state == Trace.State.DONE]
    wanted = request.GET.get("round", "")
    shown = next((t for t in done if str(t.round) == wanted), done[0] if done else None)
    context: dict[str, object] = {
        "signal": signal,
        "row": signals.rows([signal], at=request.at, english=english)[0],
        "rounds": [(t, selectors.why_of(t)) for t in rounds],
        "working": next(
            (
                (t, selectors.why_of(t))
                for t in rounds
                if t.state in (Trace.State.QUEUED, Trace.State.RUNNING)
            ),
            None,
        ),
        "mark": f"{rounds[0].round}-{rounds[0].state}" if rounds else "0",
        "failed": rounds[0] if rounds and rounds[0].state == Trace.State.FAILED else None,
        "trace": shown,
        "may_open": bool(request.scope.roles & _OPENERS) and not signal.case_ref,
        "may_export": bool(request.scope.roles & _OPENERS) and request.scope.city,
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
            "credible": selectors.credible(shown),
            "is_several": (shown.answer or {}).get("several", 0) >= 0.5,
            "answer": shown.answer,
            "next_sample": selectors.next_sample(shown),
            "caveats": selectors.in_words(caveats),
            **_drawn_context(request, signal, shown, rows),
        }
    return context


def _shown(request: HttpRequest, signal: Signal) -> Trace | None:
    """Return the round asked for where it was answered, else the newest answer."""
    done = signal.traces.filter(state=Trace.State.DONE)
    wanted = request.GET.get("round", "")
    found = done.filter(round=wanted).first() if wanted.isdecimal() and len(wanted) < 5 else None
    return found or done.order_by("-round").first()


def _drawn_context(
    request: HttpRequest, signal: Signal, trace: Trace, rows: list[selectors.Suspect]
) -> dict[str, object]:
    found = drawn.drawings_of(trace)
    curves = (found or {}).get("curves", {})
    chosen = request.GET.get("suspect", "")
    if chosen not in curves:
        chosen = next((s.code for s in rows if s.code in curves), "")
    span = drawn.plume_span(
        found, chosen, now=trace.detected_at, alarm=(signal.first_at, signal.get_kind_display())
    )
    limit = None
    if signal.limit is not None:
        limit = {"value": f"{signal.limit.normalize():f}", "standard": signal.clause}
    others = request.GET.get("with", "")
    other = next(
        (t for t in signal.traces.filter(state=Trace.State.DONE) if str(t.round) == others), None
    )
    return {
        "drawn": found,
        "chosen": chosen,
        "choices": [(s.code, s.name) for s in rows if s.code in curves],
        "charts": drawn.charts(found, chosen, limit=limit, until=trace.detected_at)
        if found
        else [],
        "matrix": drawn.evidence_matrix(rows),
        "map": trace_map(signal, trace, chosen=chosen, span=span),
        "comparison": drawn.comparison(*sorted((other, trace), key=lambda t: t.round))
        if other and other != trace
        else None,
        "upstream": sorted(
            selectors.names_of((found or {}).get("reasons", {})).items(), key=lambda r: r[1]
        ),
    }


def trace_why(request: HttpRequest, pk: int) -> HttpResponse:
    """Say of any outfall why it is suspected or not, in bits and words."""
    trace = _shown(request, _signal(request, pk))
    if trace is None:
        raise Http404
    told = drawn.reason(trace, drawn.drawings_of(trace), request.GET.get("outfall", ""))
    return render(request, "tracing/_why.html", {"why": told})


def trace_plume(request: HttpRequest, pk: int) -> JsonResponse:
    """Return the plume of a suspect at a moment as GeoJSON; ``band`` gives its 95 % bound."""
    trace = _shown(request, _signal(request, pk))
    if trace is None:
        return JsonResponse({"type": "FeatureCollection", "features": []})
    try:
        at = datetime.fromisoformat(request.GET.get("at", ""))
    except ValueError:
        at = trace.detected_at
    found = drawn.plume_geojson(
        drawn.drawings_of(trace),
        request.GET.get("outfall", ""),
        at=at if at.tzinfo else trace.detected_at,
    )
    if request.GET.get("band"):
        for feature in found["features"]:
            feature["properties"]["p"] = feature["properties"]["p95"]
    return JsonResponse(found)


def trace_round(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one sampling round to the officer on the bank: where, when, what, and what came of it."""
    signal = _signal(request, pk)
    trace = selectors.newest_answer(signal)
    context = {
        "signal": signal,
        "row": signals.rows(
            [signal], at=request.at, english=(get_language() or "").startswith("en")
        )[0],
        "trace": trace,
        "wanted": drawn.round_rows(drawn.drawings_of(trace)),
        "taken": selectors.samples_of(signal),
        "may_enter": bool(request.scope.roles & _OPENERS),
    }
    return render(request, "tracing/round.html", context)


def trace_folder(request: HttpRequest, pk: int) -> HttpResponse:
    """Answer the event folder with its answer as one archive: anybody can run the trace again.

    It holds every outfall of the city, so only whoever sees the whole city may have it.
    """
    signal = _signal(request, pk)
    trace = _shown(request, signal)
    if trace is None or not request.scope.city:
        raise Http404
    try:
        content = services.pack_folder(trace, by=request.user, at=request.at)
    except Problem as problem:
        return render(
            request, "tracing/trace.html", _context(request, signal, problem=problem), status=422
        )
    answer = HttpResponse(content, content_type="application/zip")
    answer["Content-Disposition"] = f'attachment; filename="trace-{signal.pk}-{trace.round}.zip"'
    return answer


_FILES = {
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}


def trace_report(request: HttpRequest, pk: int, kind: str) -> HttpResponse:
    """Answer the report of a round as PDF or docx."""
    signal = _signal(request, pk)
    trace = _shown(request, signal)
    if trace is None or kind not in _FILES:
        raise Http404
    try:
        content = report_file(trace, kind=kind, by=request.user, at=request.at)
    except Problem as problem:
        return render(
            request, "tracing/trace.html", _context(request, signal, problem=problem), status=422
        )
    answer = HttpResponse(content, content_type=_FILES[kind])
    name = f"trace-{signal.pk}-{trace.round}.{kind}"
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


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
    if request.method == "GET" and (wanted or request.GET.get("reach")):
        asked = request.GET
        form = SampleForm(
            initial={
                "reach_code": asked.get("reach") or wanted["reach_id"],
                "position_m": asked.get("position") or round(wanted["position_m"]),
                "factor": asked.get("factor") or wanted["factor"],
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
    newest = _shown(request, _signal(request, pk))
    empty = {"type": "FeatureCollection", "features": []}
    return JsonResponse(selectors.suspects_geojson(newest) if newest else empty)


def trace_rivers(request: HttpRequest, pk: int) -> JsonResponse:
    """Return the rivers as GeoJSON, the upstream of the alarm marked."""
    return JsonResponse(rivers_geojson(request.scope, _signal(request, pk), at=request.at))


def trace_answer(request: HttpRequest, pk: int) -> JsonResponse:
    """Return the answer as the exchange format has it."""
    shown = _shown(request, _signal(request, pk))
    return JsonResponse(shown.answer if shown else {}, json_dumps_params={"ensure_ascii": False})
