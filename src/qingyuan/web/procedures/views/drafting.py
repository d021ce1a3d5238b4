"""Draft, check, try out, publish; move open cases over."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.safestring import mark_safe

from qingyuan import casework
from qingyuan.casework.drawing import svg
from qingyuan.casework.versions import diff
from qingyuan.core.problems import Problem
from qingyuan.web.cases.models.case import in_language
from qingyuan.web.cases.selectors import rules
from qingyuan.web.procedures import selectors, services
from qingyuan.web.procedures.forms import DraftForm, MoveForm, NewForm, PublishForm
from qingyuan.web.procedures.models import Draft


def new(request: HttpRequest) -> HttpResponse:
    """Begin a procedure that does not exist yet."""
    form = NewForm(request.POST or None)
    problem = None
    if request.method == "POST" and form.is_valid():
        try:
            draft = services.begin_draft(**form.cleaned_data, by=request.user, at=request.at)
        except Problem as refused:
            problem = refused
        else:
            return HttpResponseRedirect(reverse("procedure-draft", args=[draft.name]))
    status = 422 if request.method == "POST" else 200
    return render(request, "procedures/new.html", {"form": form, "problem": problem}, status=status)


def begin(request: HttpRequest, name: str) -> HttpResponse:
    """Begin a draft from the version in force."""
    services.begin_draft(name=name, by=request.user, at=request.at)
    return HttpResponseRedirect(reverse("procedure-draft", args=[name]))


def draft(request: HttpRequest, name: str) -> HttpResponse:
    """Show a draft with what the checker, the comparison and the dry run say; save its next edition."""
    found = get_object_or_404(Draft.objects.select_related("changed_by"), name=name)
    problem = None
    text = found.text
    if request.method == "POST":
        form = DraftForm(request.POST)
        if form.is_valid():
            text = form.cleaned_data["text"]
            try:
                services.save_draft(
                    draft=found, text=text, seen=form.cleaned_data["seen"], by=request.user,
                    at=request.at,
                )  # fmt: skip
            except Problem as refused:
                problem = refused
            else:
                return HttpResponseRedirect(reverse("procedure-draft", args=[name]))
    form = DraftForm(initial={"text": text, "seen": found.edition})
    context = _judged(found, english=request.LANGUAGE_CODE == "en") | {
        "draft": found,
        "form": form,
        "problem": problem,
        "edits": "department_head" in request.scope.roles,
        "publishes": "system_admin" in request.scope.roles,
        "publish_form": PublishForm(),
    }
    status = 422 if request.method == "POST" else 200
    return render(request, "procedures/draft.html", context, status=status)


def _judged(found: Draft, *, english: bool) -> dict[str, object]:
    verdict = selectors.verdict_on(found.text, name=found.name)
    sound = verdict.procedure is not None and not verdict.faults
    judged: dict[str, object] = {
        "faults": [p.en if english else p.zh for p in verdict.faults],
        "sound": sound,
    }
    if verdict.procedure is None or not sound:
        return judged
    held = verdict.procedure
    now = rules.current().get(found.name)
    compared = diff(now, held) if now else None
    tried = selectors.try_out(held)
    return judged | {
        "label": in_language(held.label),
        "diagram": mark_safe(svg(held, language="en" if english else "zh")),
        "needs_map": compared.needs_map if compared else False,
        "changes": [
            (c.how, in_language(casework.Label(c.zh, c.en)))
            for c in (compared.changes if compared else ())
        ],
        "tried": len(tried.replays),
        "passed": tried.passed,
        "refusals": [
            (r.number, in_language(held.deeds[r.deed].label) if r.deed in held.deeds else r.deed,
             r.problem.en if english else r.problem.zh)
            for r in tried.replays
            if r.problem is not None
        ][:50],
    }  # fmt: skip


def drop(request: HttpRequest, name: str) -> HttpResponse:
    """Give a draft up."""
    services.drop_draft(draft=get_object_or_404(Draft, name=name), by=request.user, at=request.at)
    return HttpResponseRedirect(reverse("procedures"))


def publish(request: HttpRequest, name: str) -> HttpResponse:
    """Put a draft in force."""
    found = get_object_or_404(Draft.objects.select_related("changed_by"), name=name)
    form = PublishForm(request.POST)
    problem = None
    if form.is_valid():
        try:
            services.publish(draft=found, **form.cleaned_data, by=request.user, at=request.at)
        except Problem as refused:
            problem = refused
        else:
            return HttpResponseRedirect(reverse("procedure", args=[name]))
    context = _judged(found, english=request.LANGUAGE_CODE == "en") | {
        "draft": found, "problem": problem, "publish_form": form, "publishes": True,
        "form": DraftForm(initial={"text": found.text, "seen": found.edition}),
    }  # fmt: skip
    return render(request, "procedures/draft.html", context, status=422)


def move(request: HttpRequest, name: str, pk: int) -> HttpResponse:
    """Show which open cases run on other versions; move them by an explicit map, each logged."""
    version = get_object_or_404(selectors.versions(name), pk=pk)
    waiting = selectors.open_cases(version)
    form = MoveForm(request.POST or None)
    problem, outcome = None, []
    if request.method == "POST" and form.is_valid():
        try:
            outcome = services.move_open_cases(
                version=version, cases=list(waiting[:500]), migration=form.migration(),
                reason=form.cleaned_data["reason"], by=request.user, at=request.at,
            )  # fmt: skip
        except Problem as refused:
            problem = refused
    done = bool(outcome) and problem is None
    context = {
        "version": version, "name": name, "form": form, "problem": problem, "outcome": outcome,
        "waiting": selectors.open_cases(version), "label": in_language(version.rules.label),
        "states": [(s.name, in_language(s.label)) for s in version.rules.states.values()],
    }  # fmt: skip
    status = 422 if request.method == "POST" and not done else 200
    return render(request, "procedures/move.html", context, status=status)
