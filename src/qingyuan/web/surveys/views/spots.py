"""Hot spots: the list, the page of one, its slip; the ledger of slips."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.db.models import Exists, OuterRef
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from qingyuan.core.periods import city_date
from qingyuan.core.problems import Problem
from qingyuan.web.registry import selectors as registry
from qingyuan.web.surveys import selectors, services
from qingyuan.web.surveys.forms import SlipForm
from qingyuan.web.surveys.models import Finding, HotSpot, SurveyRun
from qingyuan.web.surveys.parameters import parameters
from qingyuan.web.surveys.services.recheck import since_of
from qingyuan.web.surveys.services.slips import criterion_words

_ISSUERS = frozenset({"duty_officer", "department_head"})
_FILES = {
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}


def _english() -> bool:
    return (get_language() or "").startswith("en")


def hotspots(request: HttpRequest) -> HttpResponse:
    """List the hot spots a person may see."""
    found = selectors.spots(request.scope)
    given = {name: request.GET.get(name, "") for name in ("district", "state", "kind")}
    if given["district"]:
        found = found.filter(district_code=given["district"])
    if given["state"]:
        found = found.filter(case__isnull=given["state"] == "free")
    newest = SurveyRun.objects.filter(state=SurveyRun.State.DONE).order_by("-day").first()
    if given["kind"]:
        found = found.filter(
            Exists(Finding.objects.filter(spot=OuterRef("pk"), kind=given["kind"], run__day=OuterRef("last_day")))
        )  # fmt: skip
    page = Paginator(found, 50).get_page(request.GET.get("page"))
    findings = selectors.newest_findings(page)
    districts = {d.code: d.name for d in registry.districts(request.scope).defer("wkb")}
    context = {
        "page": page,
        "rows": [(s, findings.get(s.pk), districts.get(s.district_code, "")) for s in page],
        "given": given,
        "query": request.GET.urlencode(),
        "districts": districts,
        "kinds": Finding._meta.get_field("kind").choices,
        "run": newest,
    }
    return render(request, "surveys/hotspots.html", context)


def _spot(request: HttpRequest, code: str) -> HotSpot:
    return get_object_or_404(selectors.spots(request.scope), code=code)


def _page(
    request: HttpRequest, spot: HotSpot, *, status: int = 200, **more: object
) -> HttpResponse:
    findings = list(spot.findings.select_related("run").order_by("-run__day"))
    passes = list(spot.passes.order_by("-at", "device"))
    finding = findings[0] if findings else None
    case = spot.case
    rechecks = list(spot.rechecks.select_related("run").order_by("-run__day"))
    since = (since_of(case) if case else None) or (rechecks[0].since if rechecks else None)
    issues = bool(request.scope.roles & _ISSUERS) and (case is None or case.state == "drafted")
    district = registry.districts(request.scope).filter(code=spot.district_code).defer("wkb").first()  # fmt: skip
    near = selectors.suspects_of(spot, finding, on=city_date(request.at))
    context = {
        "spot": spot,
        "district": district,
        "finding": finding,
        "findings": findings,
        "passes": passes[:200],
        "pass_count": len(passes),
        "chart": selectors.pass_chart(passes, since=since) if passes else None,
        "compared": selectors.before_after(passes, finding, since) if finding and since else None,
        "rechecks": rechecks,
        "criterion": criterion_words(_english()),
        "mark": parameters("recheck")["mark"],
        "near": near,
        "slips": spot.slips.select_related("case").order_by("-issued_at"),
        "map": _map(spot, finding),
        "form": SlipForm(district=spot.district_code, at=request.at)
        if issues and finding and spot.district_code
        else None,
        "may_arrange": bool(request.scope.roles & _ISSUERS),
        "kind": _kind(near),
        **more,
    }
    return render(request, "surveys/hotspot.html", context, status=status)


def _kind(near: selectors.Suspects) -> str:
    """Return the kind of the most probable registered source; haulage where there is none."""
    first = near.sites[0] if near.sites else None
    return first.code if first and first.probability > near.unregistered else "haul_road"


def _map(spot: HotSpot, finding: Finding | None) -> dict[str, object]:
    day = finding.run.day if finding else spot.last_day
    wide = 0.008
    return {
        "bounds": [spot.lon - wide, spot.lat - wide * 0.7, spot.lon + wide, spot.lat + wide * 0.7],
        "layers": [
            {
                "name": "hotspots", "kind": "hotspots", "label": _("热点"), "group": _("走航"),
                "src": reverse("surveys-spots"), "on": True,
                "card": reverse("hotspot-card", args=["ID"]).replace("ID", "{id}"),
            },
            {
                "name": "roads", "kind": "roads", "label": _("路段（按当日分级）"), "group": _("走航"),
                "src": f"{reverse('surveys-roads')}?day={day:%Y-%m-%d}", "on": True,
            },
            {
                "name": "districts", "kind": "districts", "label": _("行政区"), "group": _("走航"),
                "src": reverse("map-layer", args=["districts"]), "on": True,
            },
        ],
        "selected": {"layer": "hotspots", "id": spot.code},
    }  # fmt: skip


def hotspot(request: HttpRequest, code: str) -> HttpResponse:
    """Show one hot spot: what was found, its passes, what is nearby, and its loop."""
    return _page(request, _spot(request, code))


def card(request: HttpRequest, code: str) -> HttpResponse:
    """Answer the card of a hot spot on the map."""
    spot = _spot(request, code)
    finding = selectors.newest_findings([spot]).get(spot.pk)
    return render(request, "surveys/_card.html", {"spot": spot, "finding": finding})


def issue(request: HttpRequest, code: str) -> HttpResponse:
    """Issue the slip: freeze the evidence, open the case, hand it over."""
    spot = _spot(request, code)
    form = SlipForm(request.POST, district=spot.district_code, at=request.at)
    if not form.is_valid():
        return _page(request, spot, status=422, form=form)
    try:
        services.issue_slip(spot=spot, by=request.user, at=request.at, **form.cleaned_data)
    except Problem as problem:
        form.add_error(None, problem.en if _english() else problem.zh)
        return _page(request, spot, status=422, form=form)
    return HttpResponseRedirect(reverse("hotspot", args=[spot.code]))


def slips(request: HttpRequest) -> HttpResponse:
    """List the slips and where their cases stand."""
    page = Paginator(selectors.ledger(request.scope), 50).get_page(request.GET.get("page"))
    english = _english()
    rows = []
    for slip in page:
        state = slip.case.rules.states[slip.case.state]
        checked = (
            slip.case.dust_rechecks.filter(round=slip.case.round).order_by("-run__day").first()
        )
        rows.append((slip, state.label.en if english else state.label.zh, state.terminal, checked))
    return render(request, "surveys/slips.html", {"page": page, "rows": rows})


def slip_paper(request: HttpRequest, pk: int, kind: str) -> HttpResponse:
    """Answer a slip as PDF or docx, as it was frozen."""
    if kind not in _FILES:
        raise Http404
    slip = get_object_or_404(selectors.ledger(request.scope), pk=pk)
    try:
        content = services.slip_file(
            slip, kind=kind, english=_english(), by=request.user, at=request.at
        )
    except Problem as problem:
        return _page(request, slip.spot, status=422, problem=problem)
    answer = HttpResponse(content, content_type=_FILES[kind])
    answer["Content-Disposition"] = f'attachment; filename="{slip.spot.code}-{slip.pk}.{kind}"'
    return answer
