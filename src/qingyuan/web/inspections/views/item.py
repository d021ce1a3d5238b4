"""An item: what the inspections keep beside its case, its public text, rules that came of it."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _

from qingyuan.core.problems import Problem
from qingyuan.web.inspections import selectors, services
from qingyuan.web.inspections.forms import PublicForm, RuleForm
from qingyuan.web.inspections.models import COUNTERS, Item, ItemRound
from qingyuan.web.inspections.redaction import personal_in
from qingyuan.web.registry.models.geometry import in_language

KEEPERS = frozenset({"duty_officer", "department_head"})


def _item(request: HttpRequest, number: str) -> Item:
    found = selectors.items(request.scope).select_related("case__sponsor")
    return get_object_or_404(found, number=number)


def item(request: HttpRequest, number: str) -> HttpResponse:
    """Show an item: as handed over, then each round of handling."""
    found = _item(request, number)
    rounds = [
        {
            "row": row,
            "counters": [
                (label, unit, selectors.plain_number(getattr(row, name)))
                for name, label, unit in COUNTERS
            ],
        }
        for row in found.rounds.select_related("accepting_unit").order_by("-round")
    ]
    context = {
        "item": found,
        "case": found.case,
        "rounds": rounds,
        "parts": found.case.parts.select_related("unit", "person").order_by("round", "pk"),
        "rules": found.rules_made.order_by("-on"),
        "look_backs": found.look_backs.select_related("look_back__round").order_by("-pk"),
        "may_confirm": bool(request.scope.roles & KEEPERS)
        and found.rounds.filter(round=found.case.round).exclude(finding="").exists(),
    }
    return render(request, "inspections/item.html", context)


def public_text(request: HttpRequest, number: str) -> HttpResponse:
    """Read the draft beside the original, reword it, confirm it."""
    found = _item(request, number)
    held = ItemRound.objects.filter(item=found, round=found.case.round).first()
    begin = services.drafts(found, held) if held else {}
    form = PublicForm(request.POST or None, initial=begin)
    if request.method == "POST" and form.is_valid():
        try:
            services.confirm(found, form.cleaned_data, by=request.user, at=request.at)
        except Problem as problem:
            form.add_error(None, in_language(problem.zh, problem.en))
        else:
            return HttpResponseRedirect(reverse("inspection-item", args=[found.number]))
    context = {
        "item": found,
        "held": held,
        "form": form,
        "personal": [piece for _kind, piece in personal_in(found.problem)],
    }
    status = 422 if request.method == "POST" else 200
    return render(request, "inspections/public_text.html", context, status=status)


def add_rule(request: HttpRequest, number: str) -> HttpResponse:
    """Register a rule produced or revised because of the item."""
    found = _item(request, number)
    form = RuleForm(request.POST or None)
    form.instance.item = found
    if request.method == "POST" and form.is_valid():
        try:
            services.keep(form.save(commit=False), by=request.user, at=request.at)
        except Problem as problem:
            form.add_error(None, in_language(problem.zh, problem.en))
        else:
            return HttpResponseRedirect(reverse("inspection-item", args=[found.number]))
    context = {
        "form": form,
        "title": _("登记制度"),
        "back": reverse("inspection-item", args=[found.number]),
        "round": found.batch.round,
    }
    status = 422 if request.method == "POST" else 200
    return render(request, "inspections/form.html", context, status=status)
