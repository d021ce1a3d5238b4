"""One deed on many cases (批量办理): choose in the ledger, confirm, read what became of each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from qingyuan import casework
from qingyuan.core.problems import Problem
from qingyuan.web.cases import selectors, services
from qingyuan.web.cases.forms import DeedForm
from qingyuan.web.cases.models import Case
from qingyuan.web.cases.models.case import in_language
from qingyuan.web.cases.selectors.rules import current
from qingyuan.web.cases.selectors.screen import screen
from qingyuan.web.cases.services.many import Outcome
from qingyuan.web.cases.services.urge import URGERS, urge_many

MOST = 500
"""Cases one batch may touch: they are locked together, and a person reads the result."""


class _UrgeForm(forms.Form):
    note = forms.CharField(
        label=gettext_lazy("催办意见"),
        max_length=400,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3, "maxlength": 400}),
    )


def batch_deeds(
    procedure: str, found: Iterable[selectors.LedgerRow], request: HttpRequest
) -> list[tuple[str, str]]:
    """Return what may be done to many at once: deeds marked for it, by procedure, then urging."""
    shipped = current()
    names = [procedure] if procedure else sorted({row.case.procedure.name for row in found})
    roles = request.scope.roles
    offered = []
    for name in names:
        rules = shipped.get(name)
        if rules is None:
            continue
        for deed in rules.deeds.values():
            if deed.batch and roles & set(rules.roles_of(deed)):
                label = in_language(deed.label)
                if len(names) > 1:
                    label = f"{in_language(rules.label)}：{label}"
                offered.append((f"{name}.{deed.name}", label))
    if roles & URGERS:
        offered.append(("urge", _("催办")))
    return offered


@require_POST
def batch(request: HttpRequest) -> HttpResponse:
    """Ask to confirm a deed on the chosen cases, then do it and say what became of each."""
    query = request.POST.get("query", "")[:2000]
    what = request.POST.get("what", "")
    everything = request.POST.get("all") == "1"
    numbers = [n for n in request.POST.getlist("case") if len(n) <= 40][:MOST]
    if what in ("export", "print"):
        return _elsewhere(what, query, numbers, everything=everything)
    chosen = _chosen(request, query, numbers, everything=everything)
    if not chosen or len(chosen) > MOST:
        problem = Problem("cases.batch_many", most=MOST) if chosen else Problem("cases.batch_none")
        return render(
            request, "cases/batch_refused.html",
            {"problem": problem.en if request.LANGUAGE_CODE == "en" else problem.zh, "query": query}, status=422,
        )  # fmt: skip
    form, label = _form(request, what, chosen)
    if "confirmed" in request.POST and form.is_valid():
        outcomes = _do(request, what, chosen, form)
        return render(request, "cases/batch_done.html", _told(request, outcomes, label, query))
    context = {
        "form": form,
        "label": label,
        "what": what,
        "query": query,
        "everything": everything,
        "chosen": chosen[:20],
        "n": len(chosen),
        "more": max(0, len(chosen) - 20),
        "numbers": () if everything else [c.number for c in chosen],
    }
    status = 422 if "confirmed" in request.POST else 200
    return render(request, "cases/batch.html", context, status=status)


def _elsewhere(what: str, query: str, numbers: list[str], *, everything: bool) -> HttpResponse:
    """Lead to the export or to a page to print: of all that match, or of those ticked."""
    if not everything:
        kept = QueryDict(query).copy()
        for name in [n for n in kept if n not in ("procedure", "sort", "view")]:
            kept.pop(name)
        kept.update({"ledger": "all", "numbers": ",".join(numbers)})
        query = kept.urlencode()
    route = "ledger-export" if what == "export" else "ledger"
    more = "" if what == "export" else "&" + urlencode({"size": 100})
    return HttpResponseRedirect(f"{reverse(route)}?{QueryDict(query).urlencode()}{more}")


def _chosen(
    request: HttpRequest, query: str, numbers: list[str], *, everything: bool
) -> list[Case]:
    if everything:
        seen = screen(QueryDict(query), user=request.user, scope=request.scope, at=request.at)
        return list(seen.listed[: MOST + 1])
    found = selectors.cases(request.scope).filter(number__in=numbers)
    held = {case.number: case for case in found}
    return [held[n] for n in dict.fromkeys(numbers) if n in held]


def _rule(what: str) -> tuple[casework.Procedure, casework.Deed]:
    name, _dot, deed = what.partition(".")
    rules = current().get(name)
    if rules is None or deed not in rules.deeds or not rules.deeds[deed].batch:
        raise Http404
    return rules, rules.deeds[deed]


def _form(request: HttpRequest, what: str, chosen: Sequence[Case]) -> tuple[forms.Form, str]:
    """Return the form of a deed without its files; a unit left blank means the matrix's, case by case."""
    given = request.POST if "confirmed" in request.POST else None
    if what == "urge":
        if not request.scope.roles & URGERS:
            raise Http404
        return _UrgeForm(given), _("催办")
    rules, deed = _rule(what)
    like = next((c for c in chosen if c.procedure.name == rules.name), chosen[0])
    form = DeedForm(given, deed=deed, case=like, scope=request.scope, at=request.at)
    for name in list(form.fields):
        if name.startswith("evidence_") or name == "seen":
            del form.fields[name]
    for field in deed.fields:
        if field.kind in ("unit", "person") and field.name in form.fields:
            asked = form.fields[field.name]
            asked.required, asked.initial = False, None
            asked.help_text = _("留空则逐件按责任矩阵。")
    return form, in_language(deed.label)


def _do(request: HttpRequest, what: str, chosen: Sequence[Case], form: forms.Form) -> list[Outcome]:
    if what == "urge":
        return urge_many(
            cases=chosen, by=request.user, at=request.at, note=form.cleaned_data["note"]
        )
    rules, deed = _rule(what)
    data = form.data_given  # type: ignore[attr-defined]  # a DeedForm
    blank = [f for f in deed.fields if f.kind in ("unit", "person") and f.name not in data]
    done: dict[int, Outcome] = {}
    for given, cases in _groups(rules, chosen, data, by_matrix=bool(blank), at=request.at):
        for outcome in services.perform_many(
            cases=cases, deed=deed.name, by=request.user, at=request.at, data=given
        ):
            done[outcome.case.pk] = outcome
    other = Problem("cases.batch_other_procedure", name=in_language(rules.label))
    return [done.get(c.pk) or Outcome(c, ok=False, problem=other) for c in chosen]


def _groups(
    rules: casework.Procedure, chosen: Sequence[Case], data: Mapping[str, object], *, by_matrix: bool, at: datetime,
) -> list[tuple[dict[str, object], list[Case]]]:  # fmt: skip
    """Put cases that get the same values together; those of another procedure are left out."""
    groups: dict[tuple[tuple[str, Any], ...], tuple[dict[str, object], list[Case]]] = {}
    for case in chosen:
        if case.procedure.name != rules.name:
            continue
        named = services.matrix_assignment(case, at=at) if by_matrix else {}
        given = {**named, **data}
        key = tuple(sorted((name, repr(value)) for name, value in given.items()))
        groups.setdefault(key, (given, []))[1].append(case)
    return list(groups.values())


def _told(
    request: HttpRequest, outcomes: list[Outcome], label: str, query: str
) -> dict[str, object]:
    """Return the result page: done, skipped because the rules do not allow it now, failed."""
    rows = []
    for outcome in outcomes:
        problem = outcome.problem
        kind = "done" if outcome.ok else "failed"
        if problem is not None and problem.code.split(".")[0] in ("casework", "cases"):
            kind = "skipped"
        why = "" if problem is None else problem.en if request.LANGUAGE_CODE == "en" else problem.zh
        rows.append((outcome.case, kind, why))
    counts = {kind: sum(row[1] == kind for row in rows) for kind in ("done", "skipped", "failed")}
    rows.sort(key=lambda row: ("failed", "skipped", "done").index(row[1]))
    return {"rows": rows, "counts": counts, "label": label, "query": query, "n": len(rows)}
