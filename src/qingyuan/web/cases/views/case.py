"""One case: its page, its deeds, its files, and the procedure it runs on."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from qingyuan import casework
from qingyuan.core.problems import Problem
from qingyuan.web.cases import selectors, services
from qingyuan.web.cases.forms import DeedForm
from qingyuan.web.cases.models import Case
from qingyuan.web.cases.models.case import in_language
from qingyuan.web.cases.services.urge import URGERS, urge_many
from qingyuan.web.files.responses import serve


def _found(request: HttpRequest, number: str) -> Case:
    return get_object_or_404(selectors.cases(request.scope), number=number)


def say(request: HttpRequest, problem: Problem) -> str:
    """Return a problem's sentence in the reader's language."""
    return problem.en if request.LANGUAGE_CODE == "en" else problem.zh


def case(request: HttpRequest, number: str) -> HttpResponse:
    """Show one case: facts, timeline, what can be done now, what 销号 still needs."""
    return _shown(request, _found(request, number))


def _shown(
    request: HttpRequest, found: Case, *, problem: Problem | None = None, live: bool = False
) -> HttpResponse:
    """Answer the page of one case, with what went wrong said above it."""
    page = selectors.case_page(found, user=request.user, at=request.at)
    context = {
        "page": page,
        "case": page.case,
        "may_urge": bool(request.scope.roles & URGERS) and found.closed_at is None,
        "may_link": bool(request.scope.roles & services.COORDINATING),
        "undoable": services.undoable(found, by=request.user, at=request.at),
        "problem": say(request, problem) if problem else "",
        "live": live,
    }
    template = "cases/_case_live.html" if live else "cases/case.html"
    return render(request, template, context, status=422 if problem else 200)


def case_live(request: HttpRequest, number: str) -> HttpResponse:
    """Answer the parts that change once somebody did something, else 204."""
    found = _found(request, number)
    mark = str(found.deeds.count())
    if mark == request.GET.get("since", ""):
        return HttpResponse(status=204, headers={"X-Live-Since": mark})
    answer = _shown(request, found, live=True)
    answer["X-Live-Since"] = mark
    return answer


def deed(request: HttpRequest, number: str, deed: str) -> HttpResponse:
    """Ask what a deed needs, and do it."""
    found = _found(request, number)
    facts = selectors.facts_of(found)
    legal = casework.legal_deeds(
        found.rules, facts=facts, actor=selectors.actor_of(request.user, at=request.at)
    )
    rule = found.rules.deeds.get(deed)
    if rule is None or (request.method == "GET" and rule not in legal):
        raise Http404
    since: tuple[selectors.TimelineRow, ...] = ()
    last = found.deeds.order_by("-seq").first()
    form = DeedForm(
        request.POST if request.method == "POST" else None,
        request.FILES if request.method == "POST" else None,
        deed=rule,
        case=found,
        scope=request.scope,
        at=request.at,
        have=facts.evidence,
        initial={"seen": last.seq if last else 0},
    )
    if request.method == "POST" and form.is_valid():
        try:
            services.perform(
                case=found,
                deed=deed,
                by=request.user,
                at=request.at,
                data=form.data_given,
                evidence=form.uploads,
                seen=form.cleaned_data["seen"],
            )
        except Problem as problem:
            form.add_error(None, say(request, problem))
            if problem.code == "cases.changed_meanwhile":
                seen = form.cleaned_data["seen"]
                found = _found(request, number)
                since = selectors.changes_since(found, seen)
                form.look_again(since[-1].deed.seq if since else seen)
        else:
            visible = selectors.cases(request.scope).filter(pk=found.pk).exists()
            target = reverse("case", args=[number]) if visible else reverse("ledger")
            return HttpResponseRedirect(target)
    page = selectors.case_page(found, user=request.user, at=request.at)
    context = {
        "page": page,
        "case": found,
        "form": form,
        "deed": rule,
        "deed_label": in_language(rule.label),
        "since": since,
    }
    return render(
        request, "cases/deed.html", context, status=422 if request.method == "POST" else 200
    )


@require_POST
def urge(request: HttpRequest, number: str) -> HttpResponse:
    """Urge those responsible, once a day."""
    found = _found(request, number)
    if not request.scope.roles & URGERS:
        raise Http404
    note = request.POST.get("note", "")[:400]
    (outcome,) = urge_many(cases=[found], by=request.user, at=request.at, note=note)
    if outcome.problem is not None:
        return _shown(request, found, problem=outcome.problem)
    return HttpResponseRedirect(reverse("case", args=[number]))


@require_POST
def undo(request: HttpRequest, number: str) -> HttpResponse:
    """Take one's own last deed back."""
    found = _found(request, number)
    try:
        services.undo_last(case=found, by=request.user, at=request.at)
    except Problem as problem:
        return _shown(request, found, problem=problem)
    return HttpResponseRedirect(reverse("case", args=[number]))


def file(request: HttpRequest, number: str, key: str) -> HttpResponse:
    """Answer one file of a case to who may see the case."""
    link = get_object_or_404(
        _found(request, number).evidence.select_related("attachment"), attachment_id=key
    )
    return serve(link.attachment, original=request.GET.get("original") == "1")
