"""One measure or task: its page and the deeds on it that are not deeds of its case."""

from __future__ import annotations

from collections.abc import Callable

from django import forms
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _

from qingyuan import casework
from qingyuan.core.periods import city_date
from qingyuan.core.problems import Problem
from qingyuan.web.cases import selectors as cases
from qingyuan.web.plans import selectors, services
from qingyuan.web.plans.forms import (
    AccountForm,
    DocumentForm,
    EvaluateForm,
    NodeForm,
    ReportForm,
)
from qingyuan.web.plans.models import Node
from qingyuan.web.plans.views.plan import said


def _found(request: HttpRequest, pk: int, *, manage: bool = False) -> Node:
    node = get_object_or_404(selectors.nodes(request.scope), pk=pk)
    if manage and not selectors.may_manage(node.plan, request.scope):
        raise Http404
    return node


def node(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one node: who, by when, how far; reports, documents, issues, evaluations, account."""
    held = _found(request, pk)
    below = selectors.nodes(request.scope).filter(plan=held.plan_id, path__startswith=held.path)
    below = below.order_by("path")
    found = selectors.rows(
        below.select_related("plan", "phase", "leader", "person", "case__procedure").prefetch_related("units__unit"),
        at=request.at,
    )  # fmt: skip
    case = held.case
    sees_case = bool(case) and cases.cases(request.scope).filter(pk=case.pk).exists()
    may = set()
    if case and sees_case:
        actor = cases.actor_of(request.user, at=request.at)
        may = {d.name for d in casework.legal_deeds(case.rules, facts=cases.facts_of(case), actor=actor)}  # fmt: skip
    context = {
        "node": held,
        "plan": held.plan,
        "row": found[0],
        "below": found[1:],
        "case": case if sees_case else None,
        "may_manage": selectors.may_manage(held.plan, request.scope),
        "may_report": "report_progress" in may,
        "may_raise": "raise_issue" in may,
        "may_decide": "decide_issue" in may,
        "may_file": bool(
            request.scope.roles & {"district_officer", "duty_officer", "department_head"}
        ),
        "reports": held.reports.select_related("by").order_by("-at", "-pk")[:20],
        "documents": held.documents.select_related("document").order_by("pk"),
        "issues": held.issues.select_related("raised_by", "decided_by").order_by("-raised_at"),
        "reviews": held.reviews.select_related("by").order_by("-at"),
        "evaluations": held.evaluations.select_related("case", "by").order_by("-year"),
        "accountability": held.accountability.order_by("-on"),
    }
    return render(request, "plans/node.html", context)


def _deed(
    request: HttpRequest,
    held: Node,
    form: forms.Form,
    deed: Callable[[], object],
    *,
    title: str,
    wide: bool = False,
) -> HttpResponse:
    if request.method == "POST" and form.is_valid():
        try:
            deed()
        except Problem as problem:
            form.add_error(None, said(problem))
        else:
            return HttpResponseRedirect(reverse("plan-node", args=[held.pk]))
    status = 422 if request.method == "POST" else 200
    context = {"form": form, "title": title, "back": reverse("plan-node", args=[held.pk]), "wide": wide, "plan": held.plan, "node": held}  # fmt: skip
    return render(request, "plans/form.html", context, status=status)


def revise(request: HttpRequest, pk: int) -> HttpResponse:
    """Change a node's facts before it is handed down."""
    held = _found(request, pk, manage=True)
    names = ("number", "title", "starts_on", "due_on", "year", "target", "remark")
    initial = {name: getattr(held, name) for name in names} | {
        "units": "、".join(u.name for u in held.units.order_by("seq")),
        "leader": held.leader.username if held.leader else None,
        "person": held.person.username if held.person else None,
        "phase": held.phase_id,
    }
    form = NodeForm(request.POST or None, plan=held.plan, scope=request.scope, node=held, initial=initial)  # fmt: skip
    return _deed(
        request,
        held,
        form,
        lambda: services.revise_node(
            held, form.changes, units=form.cleaned_data["units"], by=request.user, at=request.at
        ),
        title=_("修改"),
        wide=True,
    )


def report(request: HttpRequest, pk: int) -> HttpResponse:
    """Report on a task."""
    held = _found(request, pk)
    form = ReportForm(request.POST or None, initial={"percent": held.percent})
    return _deed(
        request,
        held,
        form,
        lambda: services.report(held, by=request.user, at=request.at, **form.cleaned_data),
        title=_("报送进展"),
    )


def launch(request: HttpRequest, pk: int) -> HttpResponse:
    """Hand down one task."""
    held = _found(request, pk, manage=True)
    try:
        services.launch(held, by=request.user, at=request.at)
    except Problem as problem:
        form = forms.Form(request.POST)
        form.is_valid()
        form.add_error(None, said(problem))
        back = reverse("plan-node", args=[held.pk])
        context = {"form": form, "title": _("下达"), "back": back, "plan": held.plan, "node": held}
        return render(request, "plans/form.html", context, status=422)
    return HttpResponseRedirect(reverse("plan-node", args=[held.pk]))


def document(request: HttpRequest, pk: int) -> HttpResponse:
    """Enter or confirm a document."""
    held = _found(request, pk)
    initial = {"act": "produced"}
    use = held.documents.filter(pk=request.GET.get("use") or 0).select_related("document").first()
    if use is not None:
        doc = use.document
        initial = {"title": doc.title, "act": use.act, "number": doc.number, "issuer": doc.issuer, "issued_on": doc.issued_on}  # fmt: skip
    form = DocumentForm(request.POST or None, initial=initial)
    return _deed(
        request,
        held,
        form,
        lambda: services.register_document(
            held, by=request.user, at=request.at, **form.cleaned_data
        ),
        title=_("登记文件"),
        wide=True,
    )


def account(request: HttpRequest, pk: int) -> HttpResponse:
    """Enter who was held to account."""
    held = _found(request, pk, manage=True)
    form = AccountForm(request.POST or None, initial={"on": city_date(request.at)})
    return _deed(
        request,
        held,
        form,
        lambda: services.hold_to_account(held, by=request.user, at=request.at, **form.cleaned_data),
        title=_("问责记录"),
    )


def evaluate(request: HttpRequest, pk: int) -> HttpResponse:
    """Say what became of one measure."""
    held = _found(request, pk, manage=True)
    last = held.evaluations.order_by("-year").first()
    initial = {"year": city_date(request.at).year}
    if last is not None and last.year == initial["year"]:
        initial |= {"verdict": last.verdict, "finding": last.finding, "problem": last.problem}
    form = EvaluateForm(request.POST or None, initial=initial)
    return _deed(
        request,
        held,
        form,
        lambda: services.evaluate(held, by=request.user, at=request.at, **form.cleaned_data),
        title=_("逐条评估"),
    )
