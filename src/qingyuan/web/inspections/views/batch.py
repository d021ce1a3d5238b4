"""A batch: its bulletin read, its items, handed over in one go, its public table and files."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse

from qingyuan.core.periods import city_date
from qingyuan.core.problems import Problem
from qingyuan.web.audit import services as audit
from qingyuan.web.audit.services import Actor
from qingyuan.web.inspections import selectors, services
from qingyuan.web.inspections.forms import BulletinForm
from qingyuan.web.inspections.models import Batch, Item, Round
from qingyuan.web.inspections.services import documents
from qingyuan.web.printing import docx_of, pdf_of
from qingyuan.web.registry import selectors as registry
from qingyuan.web.registry.models.geometry import in_language

KEEPERS = frozenset({"duty_officer", "department_head"})
_KINDS = {
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "pdf": "application/pdf",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


def _batch(pk: int) -> Batch:
    return get_object_or_404(Batch.objects.select_related("round"), pk=pk)


def bulletin(request: HttpRequest, code: str) -> HttpResponse:
    """Read a bulletin: first what was understood, then, confirmed, the figures are kept."""
    found = get_object_or_404(Round, code=code)
    form = BulletinForm(request.POST or None, request.FILES or None)
    said, status = None, 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            text = form.cleaned_data["text"]
            try:
                if "confirm" in request.POST:
                    made = services.state_batch(
                        round_=found, text=text, by=request.user, at=request.at
                    )
                    return HttpResponseRedirect(reverse("inspection-batch", args=[made.pk]))
                said, status = services.read_text(text, round_=found), 200
                form = BulletinForm(initial={"text": text})
            except Problem as problem:
                form.add_error(None, in_language(problem.zh, problem.en))
    context = {"round": found, "form": form, "said": said}
    return render(request, "inspections/bulletin.html", context, status=status)


def batch(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a batch: figures announced and registered, items, where it was published."""
    found = _batch(pk)
    seen = selectors.items(request.scope).filter(batch=found)
    rows = seen.prefetch_related("case__types", "case__procedure", "case__parts__unit").order_by(
        "row"
    )
    only_focus = request.GET.get("focus") == "1"
    compared = selectors.compared(found)
    context = {
        "batch": found,
        "totals": selectors.totals(seen),
        "rows_of": f"inspection_batch={found.pk}",
        "counters": selectors.counters(seen),
        "rows": rows.filter(focus=True) if only_focus else rows,
        "only_focus": only_focus,
        "compared": compared,
        "differing": sum(row.differs for row in compared),
        "whole_city": request.scope.city,
        "publicity": found.publicity.order_by("-on", "-pk"),
        "waiting": seen.filter(case__state__in=("to_assign", "returned")).count(),
        "may_keep": bool(request.scope.roles & KEEPERS),
    }
    return render(request, "inspections/batch.html", context)


def assign(request: HttpRequest, pk: int) -> HttpResponse:
    """Propose whom each item goes to; hand over the ones chosen and say what became of each."""
    found = _batch(pk)
    waiting = selectors.items(request.scope).filter(
        batch=found, case__state__in=("to_assign", "returned")
    )
    outcomes = None
    if request.method == "POST":
        chosen = {int(v) for v in request.POST.getlist("item") if v.isdecimal()}
        items = [i for i in waiting.order_by("row") if i.pk in chosen]
        outcomes = services.assign_items(items, by=request.user, at=request.at)
    rows = waiting.prefetch_related("case__types", "case__procedure").order_by("row")
    context = {
        "batch": found,
        "proposals": [services.propose(item, at=request.at) for item in rows],
        "outcomes": outcomes,
        "done": sum(o.problem is None for o in outcomes) if outcomes is not None else 0,
    }
    return render(request, "inspections/assign.html", context)


def public(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the public table as the public will read it."""
    found = _batch(pk)
    rows, waiting = selectors.public_rows(selectors.items(request.scope).filter(batch=found))
    context = {
        "batch": found,
        "rows": rows,
        "waiting": waiting,
        "columns": selectors.PUBLIC_COLUMNS,
    }
    return render(request, "inspections/public.html", context)


def file(request: HttpRequest, pk: int, what: str, ending: str) -> HttpResponse:
    """Answer the public table or the bulletin as a file; taking it is written down."""
    found = _batch(pk)
    if (what, ending) not in {
        ("public", "docx"), ("public", "pdf"), ("public", "xlsx"), ("bulletin", "docx"), ("bulletin", "pdf"),
    }:  # fmt: skip
        raise Http404
    seen = selectors.items(request.scope).filter(batch=found)
    if seen.count() != Item.objects.filter(batch=found).count():
        raise Http404  # a paper of a batch tells all of it; who sees a part has the page
    day = city_date(request.at)
    issuer = request.user.unit.name_zh
    if ending == "xlsx":
        content = documents.public_workbook(found, at=request.at)
    else:
        if what == "public":
            rows, waiting = selectors.public_rows(seen)
            document = documents.public_document(found, rows, waiting, issuer=issuer, at=request.at)
        else:
            city = registry.city()
            place = city.name_zh if city else "本市"
            document = documents.batch_bulletin(found, place=place, issuer=issuer, at=request.at)
        content = docx_of(document, day=day) if ending == "docx" else pdf_of(document, day=day)
    audit.record(
        actor=Actor.of(request.user),
        deed="inspections.file",
        target=f"inspection_batch:{found.pk}",
        at=request.at,
        detail={"what": what, "ending": ending},
    )
    answer = HttpResponse(content, content_type=_KINDS[ending])
    name = f"{found.round.code}-{found.number}-{what}.{ending}"
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer
