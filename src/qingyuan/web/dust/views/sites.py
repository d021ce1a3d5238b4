"""The register: ledger, one site, its versions, a case from it."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from qingyuan.core.periods import city_date
from qingyuan.core.problems import Problem
from qingyuan.web.cases import selectors as cases
from qingyuan.web.cases.services import Origin
from qingyuan.web.dust import selectors, services
from qingyuan.web.dust.forms import CaseForm, NewSiteForm, RecordForm
from qingyuan.web.dust.models import SiteRecord
from qingyuan.web.dust.tables import departments, kinds
from qingyuan.web.registry import selectors as registry
from qingyuan.web.registry.models.geometry import in_language

__all__ = ["KEEPERS", "add", "map_of", "open_case", "revise", "site", "sites", "tabs"]

KEEPERS = frozenset({"district_officer", "department_head"})
ARRANGERS = frozenset({"department_head", "duty_officer"})


def tabs(request: HttpRequest, here: str) -> list[tuple[Any, str, int | None, bool]]:
    """Return the tabs every page of the room carries."""
    waiting = selectors.leads(request.scope).filter(state="new", duplicate_of=None).count()
    return [
        (_("台账"), reverse("dust-sites"), None, here == "sites"),
        (_("图斑线索"), reverse("dust-leads"), waiting or None, here == "leads"),
        (_("集中督导"), reverse("dust-rounds"), None, here == "rounds"),
        (_("部门职责"), reverse("dust-departments"), None, here == "departments"),
    ]


def sites(request: HttpRequest) -> HttpResponse:
    """List the sites a person may see."""
    given = {name: request.GET.get(name, "").strip() for name in selectors.FILTERS}
    found = selectors.narrowed(selectors.records(request.scope), given)
    page = Paginator(found, 50).get_page(request.GET.get("page"))
    whole = selectors.narrowed(selectors.records(request.scope), {**given, "department": ""})
    context = {
        "page": page,
        "given": given,
        "query": request.GET.urlencode(),
        "tabs": tabs(request, "sites"),
        "counts": selectors.counts(whole),
        "districts": registry.districts(request.scope),
        "kinds": kinds().values(),
        "departments": departments().values(),
        "states": SiteRecord.State.choices,
        "stages": SiteRecord.Stage.choices,
        "may_keep": bool(request.scope.roles & KEEPERS),
        "may_arrange": bool(request.scope.roles & ARRANGERS),
    }
    return render(request, "dust/ledger.html", context)


def found_or_404(request: HttpRequest, code: str) -> SiteRecord:
    """Return the record in force, or say that there is none."""
    record = selectors.record_of(request.scope, code)
    if record is None:
        raise Http404
    return record


def map_of(*, west: float, south: float, east: float, north: float) -> dict[str, Any]:
    """Return what a small map about a place is told."""
    margin = 0.004
    layers = [
        ("districts", "districts", _("行政区"), _("底图")),
        ("dust-leads", "dust", _("图斑线索"), _("大气")),
        ("dust", "dust", _("扬尘源"), _("大气")),
    ]
    return {
        "bounds": [west - margin, south - margin, east + margin, north + margin],
        "layers": [
            {
                "name": name,
                "kind": kind,
                "label": label,
                "group": group,
                "src": reverse("map-layer", args=[name]),
                "card": "",
                "on": True,
                "timed": False,
            }
            for name, kind, label, group in layers
        ],
    }


def _page(
    request: HttpRequest, record: SiteRecord, form: CaseForm, *, status: int = 200
) -> HttpResponse:
    today = city_date(request.at)
    opened = selectors.cases_of(request.scope, record.site_id)
    context = {
        "site": record,
        "history": selectors.history(record.site_id),
        "measures": selectors.measures_now(record.site_id, on=today),
        "duties": [
            (departments()[d.department], d)
            for d in selectors.duties(on=today)
            if d.kind == record.kind
        ],
        "seat": selectors.seat_of(record.department, record.district_id, on=today),
        "leads": selectors.leads(request.scope).filter(site=record.site_id)[:20],
        "visits": selectors.visits(request.scope, request.user)
        .filter(site=record.site_id, visited_at__isnull=False)
        .order_by("-visited_at")[:10],
        "cases": cases.rows(list(opened[:10]), at=request.at),
        "form": form,
        "map": map_of(west=record.west, south=record.south, east=record.east, north=record.north),
        "may_keep": bool(request.scope.roles & KEEPERS),
        "may_open": bool(request.scope.roles & (KEEPERS | {"duty_officer"})),
    }
    return render(request, "dust/site.html", context, status=status)


def site(request: HttpRequest, code: str) -> HttpResponse:
    """Show one site: record, measures, who answers, patches, visits, cases, history."""
    return _page(request, found_or_404(request, code), CaseForm())


def open_case(request: HttpRequest, code: str) -> HttpResponse:
    """Open a case on a site's problem."""
    record = found_or_404(request, code)
    form = CaseForm(request.POST)
    if form.is_valid():
        try:
            case = services.site_case(
                record,
                problem=form.cleaned_data["trouble"],
                origin=Origin("dust_patrol", f"dust_site:{code}", f"巡查发现（{record.name_zh}）"),
                by=request.user,
                at=request.at,
            )
        except Problem as problem:
            form.add_error(None, in_language(problem.zh, problem.en))
        else:
            return HttpResponseRedirect(reverse("case", args=[case.number]))
    return _page(request, record, form, status=422)


def _districts(request: HttpRequest) -> Any:
    found = registry.districts(request.scope)
    return found if request.scope.city else found.filter(code__in=request.scope.districts)


def add(request: HttpRequest) -> HttpResponse:
    """Register a site."""
    today = city_date(request.at)
    form = NewSiteForm(
        request.POST or None,
        districts=_districts(request),
        initial={"valid_from": today, "state": "active"},
    )
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            services.register_site(
                code=data["code"],
                values=form.changes,
                shape=data["outline"],
                reason=data["reason"],
                valid_from=data["valid_from"],
                by=request.user,
                at=request.at,
            )
        except Problem as problem:
            form.add_error(None, in_language(problem.zh, problem.en))
        else:
            return HttpResponseRedirect(reverse("dust-site", args=[data["code"]]))
    status = 422 if request.method == "POST" else 200
    context = {"form": form, "title": _("登记扬尘源"), "back": reverse("dust-sites")}
    return render(request, "dust/form.html", context, status=status)


def revise(request: HttpRequest, code: str) -> HttpResponse:
    """Make a new version of the record."""
    record = found_or_404(request, code)
    ring = "\n".join(f"{x:.6f} {y:.6f}" for x, y in _ring(record))
    initial = {"valid_from": city_date(request.at), "seen": record.version, "outline": ring}
    form = RecordForm(
        request.POST or None, instance=record, initial=initial, districts=_districts(request)
    )
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        drawn = data["outline"] if "outline" in form.changed_data else None
        try:
            services.revise_site(
                record.site,
                form.changes,
                shape=drawn,
                reason=data["reason"],
                valid_from=data["valid_from"],
                seen=data["seen"],
                by=request.user,
                at=request.at,
            )
        except Problem as problem:
            form.add_error(None, in_language(problem.zh, problem.en))
        else:
            return HttpResponseRedirect(reverse("dust-site", args=[code]))
    status = 422 if request.method == "POST" else 200
    context = {
        "form": form,
        "title": _("修订档案"),
        "site": record,
        "back": reverse("dust-site", args=[code]),
    }
    return render(request, "dust/form.html", context, status=status)


def _ring(record: SiteRecord) -> list[tuple[float, float]]:
    """Return the corners of a simple area; nothing for a point, or an outline of many parts."""
    shape = record.shape
    return list(shape.exterior.coords)[:-1] if shape.geom_type == "Polygon" else []
