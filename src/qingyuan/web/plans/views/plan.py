"""A plan: the list, its page with tree, counters, Gantt and lines, and how it is built."""

from __future__ import annotations

from collections.abc import Sequence

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _

from qingyuan.core.periods import city_date
from qingyuan.core.problems import Problem
from qingyuan.web.cases.selectors.ledger import calendar
from qingyuan.web.plans import selectors, services
from qingyuan.web.plans.forms import NodeForm, PhasesForm, PlanForm, TextForm
from qingyuan.web.plans.models import Node, Plan
from qingyuan.web.registry.models.geometry import in_language


def found(request: HttpRequest, code: str, *, manage: bool = False) -> Plan:
    """Return the plan a person may see (or keep), else 404."""
    plan = get_object_or_404(selectors.plans(request.scope), code=code)
    if manage and not selectors.may_manage(plan, request.scope):
        raise Http404
    return plan


def said(problem: Problem) -> str:
    """Return a problem's sentence in the reader's language."""
    return in_language(problem.zh, problem.en)


def outcome(
    request: HttpRequest,
    held: Plan,
    *,
    title: str,
    done: Sequence[str],
    odd: Sequence[str] = (),
    back: str = "",
    status: int = 200,
) -> HttpResponse:
    """Tell what a deed on many rows did, and what it left and why."""
    context = {
        "plan": held,
        "title": title,
        "done": done,
        "odd": odd,
        "back": back or reverse("plan", args=[held.code]),
    }
    return render(request, "plans/outcome.html", context, status=status)


def plans(request: HttpRequest) -> HttpResponse:
    """Show the plans one may see, with their counters."""
    held = []
    for plan in selectors.plans(request.scope).order_by("-starts_on", "-pk")[:60]:
        rows = selectors.tree_rows(plan, request.scope, at=request.at)
        held.append((plan, selectors.counters(plan, rows), _left(plan, request)))
    may_make = bool(request.scope.roles & {"duty_officer", "department_head"})
    return render(request, "plans/plans.html", {"held": held, "may_make": may_make})


def _left(plan: Plan, request: HttpRequest) -> int:
    today = city_date(request.at)
    left = calendar().working_days_between(today, plan.ends_on)
    return left if today <= plan.ends_on else min(left, -1)


def make(request: HttpRequest) -> HttpResponse:
    """Ask for a new plan."""
    form = PlanForm(request.POST or None, scope=request.scope, initial={"rhythm": "weekly", "grace_days": 1})  # fmt: skip
    if request.method == "POST" and form.is_valid():
        try:
            made = services.make_plan(by=request.user, at=request.at, **form.cleaned_data)
        except Problem as problem:
            form.add_error(None, said(problem))
        else:
            return HttpResponseRedirect(reverse("plan", args=[made.code]))
    status = 422 if request.method == "POST" else 200
    return render(request, "plans/form.html", {"form": form, "title": _("建立方案"), "back": reverse("plans"), "wide": True}, status=status)  # fmt: skip


def plan(request: HttpRequest, code: str) -> HttpResponse:
    """Show a plan: tree with progress, counters, phases, Gantt, expected line against reported."""
    held = found(request, code)
    rows = selectors.tree_rows(held, request.scope, at=request.at)
    today = city_date(request.at)
    whole = selectors.sees_whole(held, request.scope)
    points = selectors.line_points(held, at=request.at) if whole else []
    span = selectors.current_span(held, at=request.at)
    context = {
        "plan": held,
        "rows": rows,
        "counters": selectors.counters(held, rows),
        "left": _left(held, request),
        "phases": [(p, _phase_left(p, request)) for p in held.phases.order_by("seq")],
        "today": today,
        "gantt": selectors.gantt(held, rows, today=today),
        "line": selectors.line(points, today=today),
        "points": points,
        "span": span,
        "missing": len(selectors.missing(held, span, at=request.at)) if whole else None,
        "may_manage": selectors.may_manage(held, request.scope),
        "papers": held.papers.order_by("-at", "-pk")[:12] if whole else [],
        "doubtful": [r for r in rows if r.node.doubts],
        "nobody": [r for r in rows if r.is_work and r.node.person is None and r.node.case is None],
        "documents": _documents(held, rows),
    }
    return render(request, "plans/plan.html", context)


def _phase_left(phase: object, request: HttpRequest) -> int:
    return calendar().working_days_between(city_date(request.at), phase.ends_on)  # type: ignore[attr-defined]  # a Phase


def _documents(plan: Plan, rows: list[selectors.NodeRow]) -> list[tuple[object, list[object]]]:
    seen = {row.node.pk for row in rows}
    uses: dict[int, tuple[object, list[object]]] = {}
    for node in plan.nodes.filter(pk__in=seen).prefetch_related("documents__document").order_by("path"):  # fmt: skip
        for use in node.documents.all():
            if use.act != "system":
                uses.setdefault(use.document_id, (use.document, []))[1].append((use, node))
    return list(uses.values())


def phases(request: HttpRequest, code: str) -> HttpResponse:
    """Set the phases, with dates or backwards from the end."""
    held = found(request, code, manage=True)
    lines = "\n".join(f"{p.title} {p.starts_on} {p.ends_on}" for p in held.phases.order_by("seq"))
    form = PhasesForm(request.POST or None, plan=held, initial={"lines": lines})
    return _deed(
        request,
        held,
        form,
        lambda: services.set_phases(
            held, form.cleaned_data["lines"], by=request.user, at=request.at
        ),
        title=_("设定阶段"),
    )


def text(request: HttpRequest, code: str) -> HttpResponse:
    """Read a report's text into the tree."""
    held = found(request, code, manage=True)
    form = TextForm(request.POST or None)

    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                read = services.import_report(
                    held, form.cleaned_data["text"], by=request.user, at=request.at
                )
            except Problem as problem:
                form.add_error("text", said(problem))
            else:
                return outcome(request, held, title=_("已拆分措施"), **_told(read))
    context = {"form": form, "title": _("由通报正文拆分措施"), "back": reverse("plan", args=[held.code]), "plan": held}  # fmt: skip
    return render(request, "plans/form.html", context, status=status)


def _told(read: services.Imported) -> dict[str, list[str]]:
    """Return what was read, and what a person should look at, in sentences."""
    known = {"g": read.groups, "l": read.leaves, "m": read.measures}
    odd = []
    if read.announced is not None and read.announced != read.measures:
        told = {"a": read.announced, "m": read.measures}
        odd.append(_("文件所称 %(a)s 条，读到 %(m)s 条。") % told)
    if read.remarks:
        odd.append(_("请核对序号：%(r)s") % {"r": "；".join(read.remarks[:8])})
    return {"done": [_("读到 %(g)s 组、%(l)s 个子问题、%(m)s 条措施。") % known], "odd": odd}


def add(request: HttpRequest, code: str) -> HttpResponse:
    """Add a heading, a measure or a task."""
    held = found(request, code, manage=True)
    given = request.POST if request.method == "POST" else None
    initial = {"kind": "measure" if held.kind == "rectification" else "task", "parent": request.GET.get("parent")}  # fmt: skip
    form = NodeForm(given, plan=held, scope=request.scope, initial=initial)

    def deed() -> None:
        facts = form.changes
        for name in ("leader", "person"):
            if facts[name]:
                facts[f"{name}_name"] = facts[name].name
        services.add_node(
            held,
            parent=form.cleaned_data["parent"],
            kind=form.cleaned_data["kind"],
            units=form.cleaned_data["units"],
            by=request.user,
            at=request.at,
            **facts,
        )

    return _deed(request, held, form, deed, title=_("增列条目"), wide=True)


def confirm(request: HttpRequest, code: str) -> HttpResponse:
    """Confirm what was filled down: the rows chosen, or all that are not across departments."""
    held = found(request, code, manage=True)
    chosen = [int(pk) for pk in request.POST.getlist("node") if pk.isdigit()]
    rows = Node.objects.filter(plan=held, pk__in=chosen)
    services.confirm(rows, by=request.user, at=request.at)
    return HttpResponseRedirect(reverse("plan", args=[held.code]))


def launch(request: HttpRequest, code: str) -> HttpResponse:
    """Hand down every task that is confirmed and has its unit and person; say what was left and why."""
    held = found(request, code, manage=True)
    done, left = 0, []
    for node in held.nodes.filter(kind__in=Node.WORK, case=None).order_by("path"):
        try:
            services.launch(node, by=request.user, at=request.at)
            done += 1
        except Problem as problem:
            left.append(said(problem))
    if len(left) > 8:
        left = [*left[:8], _("另有 %(n)s 条未下达。") % {"n": len(left) - 8}]
    return outcome(
        request, held, title=_("下达任务"), done=[_("已下达 %(n)s 条。") % {"n": done}], odd=left
    )


def _deed(
    request: HttpRequest, held: Plan, form: object, deed: object, *, title: str, wide: bool = False
) -> HttpResponse:
    """Show a form; do what it says when it is whole; tell what was refused on the same page."""
    if request.method == "POST" and form.is_valid():  # type: ignore[attr-defined]  # a form
        try:
            deed()  # type: ignore[operator]  # a deed without arguments
        except Problem as problem:
            form.add_error(None, said(problem))  # type: ignore[attr-defined]  # a form
        else:
            return HttpResponseRedirect(reverse("plan", args=[held.code]))
    status = 422 if request.method == "POST" else 200
    context = {"form": form, "title": title, "back": reverse("plan", args=[held.code]), "wide": wide, "plan": held}  # fmt: skip
    return render(request, "plans/form.html", context, status=status)
