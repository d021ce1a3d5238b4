"""Across tasks: the ledger, missing reports, the dispatch table, leaders' pages, papers."""

from __future__ import annotations

from collections import defaultdict

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _

from qingyuan.core.periods import city_date
from qingyuan.core.problems import Problem
from qingyuan.web.plans import selectors, services
from qingyuan.web.plans.models import Evaluation, Node, Paper, Plan
from qingyuan.web.plans.views.plan import found, outcome, said

FILTERS = ("text", "plan", "stands", "unit", "doubt")


def tasks(request: HttpRequest) -> HttpResponse:
    """Show every measure and task one may open (任务台账)."""
    given = {name: request.GET.get(name, "") for name in FILTERS}
    held = selectors.work_rows(request.scope, at=request.at)
    rows = selectors.narrowed(held, **given)
    counted = {name: sum(r.standing == name for r in rows) for name in selectors.STANDINGS}
    page = Paginator(rows, 50).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "rows": page.object_list,
        "given": given,
        "filtered": any(given.values()),
        "plans": selectors.plans(request.scope).order_by("-starts_on"),
        "units": sorted({name for row in held for name in row.units}),
        "counted": counted,
        "total": len(rows),
    }
    return render(request, "plans/tasks.html", context)


def _whole(request: HttpRequest, code: str) -> Plan:
    held = found(request, code)
    if not selectors.sees_whole(held, request.scope):
        raise Http404
    return held


def missing(request: HttpRequest, code: str) -> HttpResponse:
    """Show who has not reported for a period; POST reminds them."""
    held = _whole(request, code)
    may = selectors.may_manage(held, request.scope)
    key = request.POST.get("period") or request.GET.get("period", "")
    span = selectors.wanted_span(held, key, at=request.at)
    if request.method == "POST":
        if not may:
            raise Http404
        told = services.remind(held, span, by=request.user, at=request.at)
        back = f"{reverse('plan-missing', args=[held.code])}?period={span.key}"
        done = [_("已提醒 %(n)s 人。") % {"n": told}]
        return outcome(request, held, title=_("催报"), done=done, back=back)
    had_to = selectors.reporting(held, span)
    lacking = selectors.missing(held, span, at=request.at)
    context = {
        "plan": held,
        "span": span,
        "spans": selectors.spans(held, at=request.at),
        "rows": selectors.rows(lacking, at=request.at),
        "had_to": len(had_to),
        "may_manage": may,
    }
    return render(request, "plans/missing.html", context)


def table(request: HttpRequest, code: str) -> HttpResponse:
    """Show the dispatch table of a period; POST freezes it."""
    held = _whole(request, code)
    may = selectors.may_manage(held, request.scope)
    key = request.POST.get("period") or request.GET.get("period", "")
    span = selectors.wanted_span(held, key, at=request.at)
    refused, status = "", 200
    if request.method == "POST":
        if not may:
            raise Http404
        try:
            services.freeze(held, span, by=request.user, at=request.at)
        except Problem as problem:
            refused, status = said(problem), 422
        else:
            return HttpResponseRedirect(f"{reverse('plan-dispatch', args=[held.code])}?period={span.key}")  # fmt: skip
    frozen = selectors.frozen_rows(held, span)
    rows = frozen[1] if frozen else selectors.dispatch_rows(held, span, at=request.at)
    context = {
        "plan": held,
        "span": span,
        "spans": selectors.spans(held, at=request.at),
        "frozen": frozen[0] if frozen else None,
        "rows": rows,
        "reported": sum(r.reported for r in rows),
        "behind": sum(r.standing in ("behind", "overdue") for r in rows),
        "may_manage": may,
        "refused": refused,
        "papers": held.papers.filter(kind__in=("supervision", "dispatch")).order_by("-at")[:12],
    }
    return render(request, "plans/dispatch.html", context, status=status)


def indicators(request: HttpRequest, code: str) -> HttpResponse:
    """Show the indicators of a plan: target, newest value, gap; the farthest from it first."""
    held = _whole(request, code)
    rows = selectors.indicators(held)
    context = {
        "plan": held,
        "rows": rows,
        "met": sum(row.gap == 0 for row in rows),
        "short": sum(bool(row.gap) for row in rows),
        "unknown": sum(row.gap is None for row in rows),
        "may_manage": selectors.may_manage(held, request.scope),
    }
    return render(request, "plans/indicators.html", context)


def leaders(request: HttpRequest) -> HttpResponse:
    """Show the leaders who have tasks."""
    rows = selectors.work_rows(request.scope, at=request.at)
    by_leader: dict[str, list[selectors.NodeRow]] = defaultdict(list)
    unknown: dict[str, int] = defaultdict(int)
    for row in rows:
        if row.node.leader is not None:
            by_leader[row.node.leader.username].append(row)
        elif row.node.leader_name:
            unknown[row.node.leader_name] += 1
    held = [
        {
            "user": user,
            "n": n,
            "late": sum(r.standing in ("overdue", "behind") for r in by_leader[user.username]),
            "done": sum(r.standing in ("done", "kept") for r in by_leader[user.username]),
            "issues": sum(r.issue for r in by_leader[user.username]),
        }
        for user, n in selectors.leaders(request.scope)
    ]
    return render(request, "plans/leaders.html", {"held": held, "unknown": dict(unknown)})


def leader(request: HttpRequest, username: str) -> HttpResponse:
    """Show one leader's items, to report on one by one (分管局领导逐项汇报, R071)."""
    known = {user.username: user for user, _n in selectors.leaders(request.scope)}
    if username not in known:
        raise Http404
    rows = [
        row
        for row in selectors.work_rows(request.scope, at=request.at)
        if row.node.leader is not None and row.node.leader.username == username
    ]
    order = {name: n for n, name in enumerate(selectors.STANDINGS)}
    rows.sort(key=lambda row: (order[row.standing], row.due, row.node.path))
    last = {}
    for node in Node.objects.filter(pk__in=[r.node.pk for r in rows]).prefetch_related("reports"):
        told = sorted(node.reports.all(), key=lambda r: (r.at, r.pk))
        last[node.pk] = told[-1] if told else None
    issues = {i.node_id: i for r in rows if r.issue for i in r.node.issues.filter(decided_at=None)}
    context = {
        "leader": known[username],
        "rows": [(row, last.get(row.node.pk), issues.get(row.node.pk)) for row in rows],
        "late": sum(r.standing in ("overdue", "behind") for r in rows),
        "done": sum(r.standing in ("done", "kept") for r in rows),
        "issues": sum(r.issue for r in rows),
    }
    return render(request, "plans/leader.html", context)


def evaluation(request: HttpRequest, code: str) -> HttpResponse:
    """Show the evaluation of a policy, measure by measure."""
    held = _whole(request, code)
    given = request.GET.get("year", "")
    year = int(given) if given.isdigit() and 2000 <= int(given) <= 2100 else city_date(request.at).year  # fmt: skip
    made = {e.node_id: e for e in Evaluation.objects.filter(node__plan=held, year=year).select_related("case")}  # fmt: skip
    nodes = held.nodes.filter(kind__in=Node.WORK, case=None).order_by("path") | held.nodes.filter(evaluations__year=year)  # fmt: skip
    rows = [(node, made.get(node.pk)) for node in nodes.distinct().order_by("path")]
    counted = [
        (label, sum(e.verdict == value for e in made.values()))
        for value, label in Evaluation.Verdict.choices
    ]
    years = sorted({year, *Evaluation.objects.filter(node__plan=held).values_list("year", flat=True)})  # fmt: skip
    context = {
        "plan": held,
        "rows": rows,
        "year": year,
        "years": years,
        "counted": counted,
        "todo": sum(e is None for _n, e in rows),
        "may_manage": selectors.may_manage(held, request.scope),
        "papers": held.papers.filter(kind="evaluation").order_by("-at")[:6],
    }
    return render(request, "plans/evaluation.html", context)


def write(request: HttpRequest, code: str) -> HttpResponse:
    """Write a paper and lead to its file."""
    held = found(request, code, manage=True)
    kind = request.POST.get("kind", "")
    if kind not in Paper.Kind.values:
        raise Http404
    year = request.POST.get("year", "")
    span = None
    if kind in ("supervision", "dispatch"):
        span = selectors.wanted_span(held, request.POST.get("period", ""), at=request.at)
    back = {
        "supervision": "plan-dispatch",
        "dispatch": "plan-dispatch",
        "evaluation": "plan-evaluation",
    }
    address = reverse(back.get(kind, "plan"), args=[held.code])
    if span:
        address = f"{address}?period={span.key}"
    try:
        services.write_paper(
            held,
            kind,
            span=span,
            year=int(year) if year.isdigit() else None,
            by=request.user,
            at=request.at,
        )
    except Problem as problem:
        return outcome(
            request, held, title=_("未生成"), done=(), odd=[said(problem)], back=address, status=422
        )
    return HttpResponseRedirect(address)


_TYPES = {
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}


def paper_file(request: HttpRequest, number: str, name: str) -> HttpResponse:
    """Answer a paper as PDF or docx."""
    kind = name.rpartition(".")[2]
    if kind not in _TYPES:
        raise Http404
    paper = get_object_or_404(Paper.objects.select_related("plan__office"), number=number)
    plan = get_object_or_404(selectors.plans(request.scope), pk=paper.plan_id)
    if not selectors.sees_whole(plan, request.scope):
        raise Http404
    content = services.paper_file(paper, kind=kind, by=request.user, at=request.at)
    answer = HttpResponse(content, content_type=_TYPES[kind])
    answer["Content-Disposition"] = f'attachment; filename="{paper.number}.{kind}"'
    return answer
