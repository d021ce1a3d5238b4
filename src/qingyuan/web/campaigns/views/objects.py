"""The list of objects, the visits, and what is done over the list: refresh, sweep, join."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _

from qingyuan.core.problems import Problem
from qingyuan.web.campaigns import selectors, services
from qingyuan.web.campaigns.forms import RuleForm, SweepForm
from qingyuan.web.campaigns.models import Target, Visit
from qingyuan.web.campaigns.views.campaign import form_page, kept, seen
from qingyuan.web.cases import selectors as cases
from qingyuan.web.registry.models.geometry import in_language

_PAGE = 50


def _standing(found: QuerySet[Target], visits: QuerySet[Visit], standing: str) -> QuerySet[Target]:
    made = visits.filter(target=OuterRef("pk"), done_at__isnull=False).order_by()
    found = found.annotate(
        was_visited=Exists(made), had_problem=Exists(made.filter(result="problem"))
    )
    wanted = {
        "visited": {"was_visited": True},
        "todo": {"was_visited": False},
        "problem": {"had_problem": True},
    }
    return found.filter(**wanted.get(standing, {}))


def objects(request: HttpRequest, number: str) -> HttpResponse:
    """List the objects on the list now, visited or not, page by page."""
    found, scope = seen(request, number), request.scope
    asked = request.GET
    own = selectors.targets(found, scope)
    shown = _standing(own, selectors.visits(scope), asked.get("standing", ""))
    if asked.get("district"):
        shown = shown.filter(district_id=asked["district"])
    if text := asked.get("text", "").strip():
        shown = shown.filter(label__icontains=text[:60])
    page = Paginator(shown.order_by("district_id", "kind", "label", "pk"), _PAGE).get_page(asked.get("page"))  # fmt: skip
    made: dict[int, list[Visit]] = {}
    for visit in selectors.visits(scope).filter(target__in=list(page), done_at__isnull=False):
        made.setdefault(visit.target_id, []).append(visit)
    districts = own.order_by("district_id").values_list("district_id", "district__name_zh")
    context = {
        "campaign": found,
        "page": page,
        "rows": [(target, made.get(target.pk, [])) for target in page],
        "asked": asked,
        "districts": [(t.district_id, t.district.name) for t in own.order_by("district_id").distinct("district_id")],
        "standings": [("", _("全部")), ("todo", _("未检查")), ("visited", _("已检查")), ("problem", _("发现问题"))],
        "any": districts.exists(),
        "may_keep": selectors.may_keep(scope) and not found.closed_at,
    }  # fmt: skip
    return render(request, "campaigns/objects.html", context)


def visits(request: HttpRequest, number: str) -> HttpResponse:
    """List the visits that were made, the newest first."""
    found, asked = seen(request, number), request.GET
    rows = selectors.visits(request.scope).filter(team__campaign=found, done_at__isnull=False)
    for name, column in (
        ("district", "target__district_id"),
        ("department", "team__unit__code"),
        ("result", "result"),
    ):
        if asked.get(name):
            rows = rows.filter(**{column: asked[name]})
    page = Paginator(rows.select_related("done_by").order_by("-done_at", "-pk"), _PAGE).get_page(asked.get("page"))  # fmt: skip
    context = {"campaign": found, "page": page, "asked": asked}
    return render(request, "campaigns/visits.html", context)


def listing(request: HttpRequest, number: str) -> HttpResponse:
    """Set the filter, see what it changes, then freeze the list."""
    found = kept(request, number)
    last = found.listings.order_by("-number").first()
    begin = RuleForm.shown(last.rule if last else {})
    form = RuleForm(request.POST or None, initial=begin)
    back = reverse("campaign", args=[number])
    changed = None
    if request.method == "POST" and form.is_valid():
        count = last.number if last else 0
        try:
            if "confirm" in request.POST:
                given = request.POST.get("seen", "")
                services.list_objects(
                    found, rule=form.rule(), reason=form.cleaned_data["reason"], by=request.user, at=request.at,
                    seen=int(given) if given.isdecimal() and len(given) < 6 else -1,
                )  # fmt: skip
                return HttpResponseRedirect(back)
            changed = selectors.difference(found, form.rule())
        except Problem as problem:
            form.add_error(None, in_language(problem.zh, problem.en))
            changed = None
    else:
        count = last.number if last else 0
    return render(
        request, "campaigns/listing.html",
        {"campaign": found, "form": form, "changed": changed, "count": count, "back": back},
        status=200 if request.method != "POST" or changed else 422,
    )  # fmt: skip


def sweep(request: HttpRequest, number: str) -> HttpResponse:
    """Have the other objects looked at for the problem of one case (举一反三)."""
    found, scope = kept(request, number), request.scope
    own = selectors.cases_of(found, scope).order_by("-opened_at", "-pk")
    form = SweepForm(request.POST or None, cases=own, initial={"case": request.GET.get("case")})
    back = reverse("campaign", args=[number])
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        wanted = selectors.targets(found, scope)
        if data["districts"]:
            wanted = wanted.filter(district_id__in=[d.code for d in data["districts"]])
        if data["unvisited"]:
            wanted = _standing(wanted, selectors.visits(scope), "todo")
        try:
            services.sweep_objects(
                found, data["case"], targets=list(wanted.order_by("district_id", "pk")), title=data["title"],
                standard=data["standard"], by=request.user, at=request.at,
            )  # fmt: skip
        except Problem as problem:
            form.add_error(None, in_language(problem.zh, problem.en))
        else:
            return HttpResponseRedirect(reverse("case", args=[data["case"].number]))
    return form_page(request, form, title=_("举一反三排查"), back=back, campaign=found)


def join(request: HttpRequest, number: str) -> HttpResponse:
    """Take a case opened elsewhere into the campaign."""
    found = kept(request, number)
    wanted = request.POST.get("case", "").strip()[:40]
    case = get_object_or_404(cases.cases(request.scope), number=wanted)
    services.join_case(found, case, by=request.user, at=request.at)
    return HttpResponseRedirect(reverse("campaign", args=[number]))
