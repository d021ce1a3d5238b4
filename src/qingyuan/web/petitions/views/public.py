"""What a citizen can do without an account: report, ask how far it is, speak about staff."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.debug import sensitive_post_parameters

from qingyuan.core.problems import Problem
from qingyuan.web.petitions import selectors, services
from qingyuan.web.petitions.forms import ConductForm, ProgressForm, PublicReportForm
from qingyuan.web.petitions.tables import Category, categories
from qingyuan.web.petitions.views.answers import private, say

_TOO_MANY = "petitions.too_often"


def _throttled(what: str) -> Callable[[Callable[..., HttpResponse]], Callable[..., HttpResponse]]:
    """Count a POST against its address; 429 with ``Retry-After`` beyond the rate."""

    def around(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        @wraps(view)
        def guarded(request: HttpRequest) -> HttpResponse:
            if request.method != "POST":
                return private(view(request))
            try:
                services.knock(
                    what, address=request.META.get("REMOTE_ADDR", ""), wall=timezone.now()
                )
            except Problem as problem:
                context = {"problem": say(request, problem)}
                answer = render(request, "petitions/public_stop.html", context, status=429)
                answer["Retry-After"] = str(problem.values["seconds"])
                return private(answer)
            return private(view(request))

        return guarded

    return around


def _category(request: HttpRequest) -> Category | None:
    code = request.POST.get("category") or request.GET.get("c", "")
    if not code:
        return None
    if code not in categories():
        raise Http404
    return categories()[code]


@sensitive_post_parameters()
@_throttled("draft")
def report(request: HttpRequest) -> HttpResponse:
    """Ask what, then where and how; on a whole form show the answers to be checked."""
    category = _category(request)
    english = request.LANGUAGE_CODE == "en"
    if category is None:
        kinds = [(c.code, c.en if english else c.zh) for c in categories().values()]
        return render(request, "petitions/public_start.html", {"kinds": kinds})
    form = PublicReportForm(request.POST or None, request.FILES or None, category=category)
    label = category.en if english else category.zh
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        answers = {q.name: given[name] for name, q in form.questions if given[name]}
        services.purge(at=request.at, wall=timezone.now())  # what nobody sent within a day goes
        try:
            draft, token = services.draft(
                category=category.code, text=given["text"], place=given["place"], lon=given["lon"],
                lat=given["lat"], answers=answers,
                contact={"name": given["name"], "phone": given["phone"]},
                photos=[(f"{n}.jpg", f.read()) for n, f in enumerate(given["photos"], 1)],
                at=request.at,
            )  # fmt: skip
        except Problem as problem:
            form.add_error(None, say(request, problem))
        else:
            shown = [
                (form.fields[name].label, q.choices[given[name]][english])
                for name, q in form.questions
                if given[name]
            ]
            near = (
                selectors.open_in_cell(category.code, lon=draft.lon, lat=draft.lat)
                if draft.lon is not None and draft.lat is not None
                else 0
            )
            context = {
                "given": given, "shown": shown, "category": label, "key": draft.pk, "token": token,
                "photos": draft.photos.count(), "near": near,
            }  # fmt: skip
            return render(request, "petitions/public_check.html", context)
    status = 422 if request.method == "POST" else 200
    context = {"form": form, "category": category, "label": label}
    return render(request, "petitions/public_report.html", context, status=status)


@sensitive_post_parameters()
@_throttled("report")
def send(request: HttpRequest) -> HttpResponse:
    """Send what was checked; show number and code once."""
    try:
        report, code = services.send(
            request.POST.get("key", ""), request.POST.get("token", ""), at=request.at
        )
    except Problem as problem:
        context = {"problem": say(request, problem)}
        return render(request, "petitions/public_stop.html", context, status=422)
    return render(request, "petitions/public_sent.html", {"number": report.number, "code": code})


@sensitive_post_parameters()
@_throttled("query")
def progress(request: HttpRequest) -> HttpResponse:
    """Show how far a report is to who knows number and code."""
    form = ProgressForm(request.POST or None)
    found = None
    if request.method == "POST" and form.is_valid():
        try:
            found = services.progress_of(form.cleaned_data["number"], form.cleaned_data["code"])
        except Problem as problem:
            form.add_error(None, say(request, problem))
    english = request.LANGUAGE_CODE == "en"
    context = {
        "form": form, "found": found, "rail": selectors.phases(english=english),
        "category": selectors.category_label(found.category, english=english) if found else "",
        "truth": selectors.truth_label(found.truth, english=english) if found else "",
    }  # fmt: skip
    status = 422 if request.method == "POST" and found is None else 200
    return render(request, "petitions/public_progress.html", context, status=status)


@sensitive_post_parameters()
@_throttled("conduct")
def conduct(request: HttpRequest) -> HttpResponse:
    """Take in what a citizen says about staff, or about what is published."""
    form = ConductForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            made = services.receive_conduct(at=request.at, **form.cleaned_data)
        except Problem as problem:
            form.add_error(None, say(request, problem))
        else:
            return render(request, "petitions/public_thanks.html", {"number": made.number})
    status = 422 if request.method == "POST" else 200
    return render(request, "petitions/public_conduct.html", {"form": form}, status=status)
