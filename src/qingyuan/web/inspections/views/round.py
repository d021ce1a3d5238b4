"""Rounds: their list, one round with all it holds, and the records made on it."""

from __future__ import annotations

from django.db.models import Count, Max, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _

from qingyuan.core.periods import city_date
from qingyuan.core.problems import Problem
from qingyuan.web.accounts.scope import Scope
from qingyuan.web.cases import selectors as cases
from qingyuan.web.inspections import selectors, services
from qingyuan.web.inspections.forms import KINDS, FindingForm, RoundForm, SendForm
from qingyuan.web.inspections.models import (
    DutyShift,
    Finding,
    HandOver,
    Item,
    Material,
    Round,
    WorkingGroup,
)
from qingyuan.web.registry.models.geometry import in_language

KEEPERS = frozenset({"duty_officer", "department_head"})


def rounds(request: HttpRequest) -> HttpResponse:
    """List the rounds, the newest first, each with its totals."""
    found = Round.objects.annotate(batch_count=Count("batches")).order_by("-from_on", "code")
    seen = selectors.items(request.scope)
    rows = [(r, selectors.totals(seen.filter(batch__round=r))) for r in found]
    context = {"rows": rows, "may_add": "department_head" in request.scope.roles}
    return render(request, "inspections/rounds.html", context)


def add(request: HttpRequest) -> HttpResponse:
    """Register a round."""
    form = RoundForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            made = services.keep(form.save(commit=False), by=request.user, at=request.at)
        except Problem as problem:
            form.add_error(None, in_language(problem.zh, problem.en))
        else:
            return HttpResponseRedirect(reverse("inspection-round", args=[made.code]))
    return _form(request, form, title=_("登记督察轮次"), back=reverse("inspections"))


def round_page(request: HttpRequest, code: str) -> HttpResponse:
    """Show one round: totals, batches, who works on it, what was asked for, what was published."""
    found = get_object_or_404(Round, code=code)
    scope: Scope = request.scope
    seen = selectors.items(scope).filter(batch__round=found)
    today = city_date(request.at)
    batches = found.batches.order_by("-number")
    held = dict(seen.order_by().values_list("batch").annotate(n=Count("pk")))
    context = {
        "round": found,
        "totals": selectors.totals(seen),
        "rows_of": f"inspection_round={found.code}",
        "counters": selectors.counters(seen),
        "batches": [(b, held.get(b.pk, 0), _published(b)) for b in batches.prefetch_related("publicity")],
        "groups": WorkingGroup.objects.filter(round=found).prefetch_related("members__user").order_by("pk"),
        "shifts": DutyShift.objects.filter(round=found, to_at__gte=request.at).select_related("person__unit").order_by("from_at")[:12],
        "hand_overs": HandOver.objects.filter(round=found).select_related("giver", "taker").order_by("-at")[:8],
        "materials": [_material_row(m, request) for m in _materials(found)],
        "publicity": found.publicity.select_related("batch").order_by("-on", "-pk")[:20],
        "papers": found.papers.order_by("-on", "-pk"),
        "findings": _findings(found, scope),
        "look_backs": found.look_backs.order_by("-ordinal").prefetch_related("checks"),
        "may_keep": bool(scope.roles & KEEPERS),
        "may_draw": "department_head" in scope.roles,
        "today": today,
    }  # fmt: skip
    return render(request, "inspections/round.html", context)


def _published(batch: object) -> list[str]:
    """Return which of television, paper and site have carried a batch."""
    return sorted({row.medium for row in batch.publicity.all()})  # type: ignore[attr-defined]


def _materials(round_: Round) -> QuerySet[Material]:
    found = Material.objects.filter(round=round_).annotate(sent=Count("versions"))
    return found.annotate(last=Max("versions__sent_at")).order_by("number")


def _material_row(material: Material, request: HttpRequest) -> dict[str, object]:
    sent_late = bool(material.last and material.last > material.due_at)
    return {
        "row": material,
        "late": sent_late or (not material.sent and material.due_at < request.at),
    }


def _findings(round_: Round, scope: Scope) -> list[Finding]:
    seen = cases.cases(scope).values("pk")
    found = Finding.objects.filter(round=round_, case__in=seen).select_related(
        "case__unit", "acceptor"
    )
    return list(found.prefetch_related("case__procedure", "months").order_by("number"))


def record(request: HttpRequest, code: str, kind: str) -> HttpResponse:
    """Register one record of a round: a group, a member, a shift, a material, a finding …"""
    found = get_object_or_404(Round, code=code)
    back = reverse("inspection-round", args=[found.code])
    if kind == "finding":
        return _finding(request, found, back)
    if kind not in KINDS:
        raise Http404
    maker, title = KINDS[kind]
    form = maker(request.POST or None, round_=found, initial=_begin(request, kind, found))
    if request.method == "POST" and form.is_valid():
        row = form.save(commit=False)
        if isinstance(row, HandOver):
            row.at = request.at
            row.open_items = (
                Item.objects.filter(batch__round=found).exclude(case__ledger="conclude").count()
            )
        try:
            services.keep(row, by=request.user, at=request.at)
        except Problem as problem:
            form.add_error(None, in_language(problem.zh, problem.en))
        else:
            return HttpResponseRedirect(back)
    return _form(request, form, title=title, back=back, round=found)


def _begin(request: HttpRequest, kind: str, found: Round) -> dict[str, object]:
    today = city_date(request.at)
    begin: dict[str, object] = {"on": today, "asked_on": today, "from_on": today}
    if kind == "hand-over":
        begin["giver"] = request.user.pk
    if kind == "material":
        last = Material.objects.filter(round=found).aggregate(n=Max("number"))["n"] or 0
        begin["number"] = last + 1
    return begin


def _finding(request: HttpRequest, found: Round, back: str) -> HttpResponse:
    form = FindingForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            services.add_finding(found, **form.cleaned_data, by=request.user, at=request.at)
        except Problem as problem:
            form.add_error(None, in_language(problem.zh, problem.en))
        else:
            return HttpResponseRedirect(back)
    return _form(request, form, title=_("登记反馈问题"), back=back, round=found)


def material(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a material's sendings and log the next."""
    found = get_object_or_404(Material.objects.select_related("round"), pk=pk)
    form = SendForm(request.POST or None, request.FILES or None)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            data = form.cleaned_data
            try:
                services.send_material(
                    found, name=data["file"].name, content=data["file"].read(), pages=data["pages"],
                    received_by=data["received_by"], by=request.user, at=request.at,
                )  # fmt: skip
            except Problem as problem:
                form.add_error(None, in_language(problem.zh, problem.en))
            else:
                return HttpResponseRedirect(reverse("inspection-material", args=[found.pk]))
    context = {"material": found, "versions": found.versions.order_by("version"), "form": form}
    return render(request, "inspections/material.html", context, status=status)


def _form(
    request: HttpRequest, form: object, *, title: object, back: str, round: Round | None = None
) -> HttpResponse:
    status = 422 if request.method == "POST" else 200
    context = {"form": form, "title": title, "back": back, "round": round}
    return render(request, "inspections/form.html", context, status=status)
