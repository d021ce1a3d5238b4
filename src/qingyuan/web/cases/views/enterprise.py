"""The enterprise's own pages, made for a phone: tasks, one task, hand in the rectification."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _

from qingyuan import casework
from qingyuan.core.problems import Problem
from qingyuan.web.cases import selectors, services
from qingyuan.web.cases.forms import DeedForm
from qingyuan.web.cases.models import Case
from qingyuan.web.cases.models.case import in_language
from qingyuan.web.files.responses import serve


def _found(request: HttpRequest, number: str) -> Case:
    return get_object_or_404(selectors.enterprise_cases(request.scope), number=number)


def inbox(request: HttpRequest) -> HttpResponse:
    """List what was pushed to the enterprise, what waits for it first."""
    rows = selectors.enterprise_rows(request.scope, at=request.at)
    return render(request, "cases/my_cases.html", {"rows": rows})


def case(request: HttpRequest, number: str) -> HttpResponse:
    """Show one task: problems, deadline with its rule, progress, what can be done."""
    page = selectors.enterprise_page(_found(request, number), user=request.user, at=request.at)
    return render(request, "cases/my_case.html", {"page": page, "case": page.case})


def deed(request: HttpRequest, number: str, deed: str) -> HttpResponse:
    """Ask what a deed of the enterprise needs, and do it."""
    found = _found(request, number)
    rule = found.rules.deeds.get(deed)
    if rule is None or "enterprise" not in found.rules.roles_of(rule):
        raise Http404
    facts = selectors.facts_of(found)
    actor = selectors.actor_of(request.user, at=request.at)
    if request.method == "GET" and rule not in casework.legal_deeds(
        found.rules, facts=facts, actor=actor
    ):
        raise Http404
    last = found.deeds.order_by("-seq").first()
    form = DeedForm(
        request.POST if request.method == "POST" else None,
        request.FILES if request.method == "POST" else None,
        deed=rule,
        case=found,
        scope=request.scope,
        at=request.at,
        have=facts.evidence & {k for need in rule.evidence for k in need.kinds},
        phone=True,
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
            form.add_error(None, _sentence(request, problem))
            if problem.code == "cases.changed_meanwhile":
                newest = found.deeds.order_by("-seq").first()
                form.look_again(newest.seq if newest else 0)
        else:
            return HttpResponseRedirect(reverse("my-case", args=[number]))
    page = selectors.enterprise_page(found, user=request.user, at=request.at)
    context = {
        "page": page,
        "case": found,
        "form": form,
        "deed": rule,
        "deed_label": in_language(rule.label),
    }
    return render(
        request, "cases/my_deed.html", context, status=422 if request.method == "POST" else 200
    )


def _sentence(request: HttpRequest, problem: Problem) -> str:
    """Say a problem in the reader's language; who of the bureau was first is not said."""
    if problem.code == "cases.changed_meanwhile":
        return _("这项任务刚刚有了新进展。您填写的内容还在，请看过进展后再提交。")
    return problem.en if request.LANGUAGE_CODE == "en" else problem.zh


def file(request: HttpRequest, number: str, key: str) -> HttpResponse:
    """Answer a file the enterprise itself handed in."""
    link = get_object_or_404(
        _found(request, number)
        .evidence.select_related("attachment")
        .filter(attachment__uploaded_by__enterprise_code=request.scope.enterprise_code),
        attachment_id=key,
    )
    return serve(link.attachment)
