"""Read procedures: the list, one version with its diagram, two versions side by side."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.safestring import mark_safe

from qingyuan import casework
from qingyuan.casework.clocks import UNITS
from qingyuan.casework.drawing import svg
from qingyuan.casework.versions import diff
from qingyuan.web.cases.models import ProcedureVersion
from qingyuan.web.cases.models.case import in_language
from qingyuan.web.cases.selectors import rules
from qingyuan.web.procedures import selectors


def procedures(request: HttpRequest) -> HttpResponse:
    """List the procedures in force."""
    context = {
        "rows": [(row, in_language(row.rules.label)) for row in selectors.listed()],
        "drafts": "department_head" in request.scope.roles,
    }
    return render(request, "procedures/list.html", context)


def _shown(held: casework.Procedure, *, english: bool) -> dict[str, object]:
    """Return a version as the page shows it."""

    def labels(found: object) -> str:
        return in_language(casework.joined(found))  # type: ignore[arg-type]  # labels

    return {
        "rules": held,
        "label": in_language(held.label),
        "roles": labels(casework.ROLES[r].label for r in held.roles),
        "diagram": mark_safe(svg(held, language="en" if english else "zh")),
        "states": [
            (
                in_language(s.label),
                s.phase.en if english else s.phase.zh,
                s.ledger.en if english else s.ledger.zh,
                s.terminal,
            )
            for s in held.states.values()
        ],
        "deeds": [
            {
                "name": d.name,
                "label": in_language(d.label),
                "from": labels(held.states[s].label for s in d.states),
                "to": labels(
                    held.states[t].label
                    for t in dict.fromkeys(t for s in d.states for t in held.targets(d, s))
                ),
                "who": labels(casework.ROLES[r].label for r in held.roles_of(d)),
                "fields": [(in_language(f.label), f.required) for f in d.fields],
                "evidence": labels(held.evidence[k] for n in d.evidence for k in n.kinds),
                "starts": labels(held.clocks[c].label for c in d.clocks.start),
                "stops": labels(held.clocks[c].label for c in d.clocks.stop),
                "clause": d.clause,
                "mark": d.mark,
                "strike_off": d.strike_off,
            }
            for d in held.deeds.values()
        ],
        "clocks": [
            (in_language(c.label), c.length, in_language(UNITS[c.unit]), c.clause, c.mark)
            for c in held.clocks.values()
        ],
        "chains": [
            [
                (in_language(label), in_language(casework.ROLES[role].label))
                for role, label in chain.steps
            ]
            for chain in held.chains.values()
        ],
        "form": [(in_language(f.label), f.required) for f in held.form.values()],
        "columns": [(in_language(c.label), c.public) for c in held.columns.values()],
    }


def procedure(request: HttpRequest, name: str) -> HttpResponse:
    """Show the version in force of one procedure: diagram, states, deeds, clocks, forms."""
    held = rules.current().get(name)
    if held is None:
        raise Http404(name)
    kept = list(selectors.versions(name))
    context = _shown(held, english=request.LANGUAGE_CODE == "en") | {
        "name": name,
        "version": next((v for v in kept if v.digest == held.digest), None),
        "versions": kept,
        "drafts": "department_head" in request.scope.roles,
        "moves": "system_admin" in request.scope.roles,
    }
    return render(request, "procedures/version.html", context)


def version(request: HttpRequest, name: str, pk: int) -> HttpResponse:
    """Show any version that was kept, and what changed since the one before it."""
    found = get_object_or_404(selectors.versions(name), pk=pk)
    kept = list(selectors.versions(name))
    before = next((v for v in kept if v.recorded_at < found.recorded_at), None)
    context = _shown(found.rules, english=request.LANGUAGE_CODE == "en") | {
        "name": name,
        "version": found,
        "versions": kept,
        "before": before,
        "changes": changes(before, found) if before else [],
        "text": found.text,
        "moves": "system_admin" in request.scope.roles,
    }
    return render(request, "procedures/version.html", context)


def changes(old: ProcedureVersion, new: ProcedureVersion) -> list[tuple[str, str]]:
    """Return what changed between two versions: how, and the sentence in the reader's language."""
    return [
        (change.how, in_language(casework.Label(change.zh, change.en)))
        for change in diff(old.rules, new.rules).changes
    ]
