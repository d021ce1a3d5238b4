"""One bulletin with every figure a link, the rows behind them, its files; the ranking; slips."""

from __future__ import annotations

from datetime import date, timedelta

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import get_language

from qingyuan.core.periods import city_date
from qingyuan.reporting import AirPeriod, Document, Words, percent, relative_text
from qingyuan.web.bulletins import selectors, services
from qingyuan.web.bulletins.facts import ranking_facts
from qingyuan.web.bulletins.facts.slips import slips_of
from qingyuan.web.bulletins.forms import NoteForm, ReasonForm, SlipsForm
from qingyuan.web.bulletins.models import Bulletin, Step
from qingyuan.web.bulletins.revision import edited
from qingyuan.web.printing import slips_pdf

__all__ = [
    "bulletin",
    "bulletin_docx",
    "bulletin_pdf",
    "bulletin_rows",
    "bulletin_text",
    "one",
    "ranking",
    "show",
    "slips",
]

_DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


def one(request: HttpRequest, pk: int) -> Bulletin:
    """Return the bulletin, or 404 to whom it is not for."""
    found = selectors.bulletins_for(request.scope).prefetch_related("edits__by__unit", "steps")
    return get_object_or_404(found, pk=pk)


def show(
    request: HttpRequest, found: Bulletin, *, status: int = 200, **more: object
) -> HttpResponse:
    """Show one bulletin with what may be done with it now."""
    english = request.GET.get("lang") == "en" and bool(found.content_en)
    document = Document.from_dict(found.content_en) if english else edited(found)
    roles = request.scope.roles
    running = found.state in ("draft", "reviewed", "signed")
    may_edit = (
        found.state == "draft"
        and not english
        and bool(roles & (selectors.COMPOSERS | {"vice_leader", "leader"}))
    )
    context = {
        "bulletin": found,
        "document": document,
        "english": english,
        "may_edit": may_edit,
        "editing": may_edit and (request.GET.get("edit") == "1" or request.method == "POST"),
        "edits": list(found.edits.all()),
        "edited_places": {(e.section, e.paragraph): e for e in found.edits.all()},
        "steps": found.steps.order_by("pk"),
        "chain": _chain(found),
        "late": selectors.late_readings(found),
        "corrections": found.corrections.order_by("issue"),
        "reason_form": ReasonForm(),
        "note_form": NoteForm(),
        "may_step": running and selectors.may_do(request.scope, found.next_step),
        "may_return": found.state in ("reviewed", "signed")
        and selectors.may_do(request.scope, found.next_step),
        "may_recall": found.state == "published" and selectors.may_do(request.scope, "publish"),
        **more,
    }
    return render(request, "bulletins/bulletin.html", context, status=status)


def _chain(found: Bulletin) -> list[tuple[str, bool, bool]]:
    """Return the steps of the chain as (name, done, is next)."""
    labels = dict(Step.Name.choices)
    chain, following = found.rules.chain, found.next_step
    over = chain.index(following) if following else len(chain)
    rows = [(str(labels["draft"]), True, False)]
    return rows + [(str(labels[s]), n < over, s == following) for n, s in enumerate(chain)]


def bulletin(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one bulletin as it was frozen, with its edits."""
    return show(request, one(request, pk))


def bulletin_rows(request: HttpRequest, pk: int, table: str) -> HttpResponse:
    """Show the rows that a figure counted, as they were frozen, as far as one may see them."""
    found = one(request, pk)
    english = bool(found.content_en) and (get_language() or "").startswith("en")
    document = Document.from_dict(found.content_en if english else found.content)
    behind = selectors.rows_behind(document, table, request.GET.get("tag", ""), request.scope)
    if behind is None:
        raise Http404
    rows, hidden = behind
    context = {
        "bulletin": found,
        "document": document,
        "table": rows,
        "hidden": hidden,
        "english": english,
    }
    return render(request, "bulletins/rows.html", context)


def _named(found: Bulletin, ending: str, *, inline: bool) -> str:
    how = "inline" if inline else "attachment"
    return f'{how}; filename="{found.kind}-{found.day:%Y%m%d}-{found.issue}.{ending}"'


def bulletin_pdf(request: HttpRequest, pk: int) -> HttpResponse:
    """Return its PDF."""
    found = one(request, pk)
    response = HttpResponse(services.pdf_bytes(found), content_type="application/pdf")
    response["Content-Disposition"] = _named(found, "pdf", inline=True)
    return response


def bulletin_docx(request: HttpRequest, pk: int) -> HttpResponse:
    """Return it as an editable docx."""
    found = one(request, pk)
    response = HttpResponse(services.docx_bytes(found), content_type=_DOCX)
    response["Content-Disposition"] = _named(found, "docx", inline=False)
    return response


def bulletin_text(request: HttpRequest, pk: int) -> HttpResponse:
    """Return its words for a message."""
    text = edited(one(request, pk)).plain()
    return HttpResponse(text, content_type="text/plain; charset=utf-8")


def ranking(request: HttpRequest) -> HttpResponse:
    """Show how the districts stand this month, for a phone first."""
    today = city_date(request.at)
    last = max(today - timedelta(days=1), today.replace(day=1))
    first = last.replace(day=1)
    facts, _ = ranking_facts(first=first, last=last, at=request.at, folder=settings.FOLDER)
    words = Words("en" if (get_language() or "").startswith("en") else "zh")
    compared = any(d.year_ago for d in facts.air.districts)
    context = {
        "facts": facts,
        "city": facts.air.city,
        "board": _board(facts.air, words),
        "compared": compared,
    }
    return render(request, "bulletins/ranking.html", context)


def _board(air: AirPeriod, words: Words) -> list[dict[str, object]]:
    """Return the districts in their order, each with a bar and its change on the year."""
    highest = max((d.now.index for d in air.districts if d.now.index is not None), default=None)
    ordered = sorted(air.districts, key=lambda d: (d.rank is None, d.rank or 0, d.code))
    return [
        {
            "place": d,
            "name": words.name(d.name, d.name_en),
            "share": int(100 * d.now.index / highest) if highest and d.now.index is not None else 0,
            "change": relative_text(d.now.index, d.year_ago and d.year_ago.index, words)
            if d.year_ago
            else "",
            "good": percent(d.now.good_share, words),
            "last": d.rank is not None and d.rank == max(o.rank or 0 for o in ordered),
        }
        for d in ordered
    ]


def slips(request: HttpRequest) -> HttpResponse:
    """Return the slips of a day's alarms as one PDF, those that one may see."""
    form = SlipsForm(request.GET)
    if not form.is_valid():
        raise Http404
    day: date = form.cleaned_data["day"]
    made = slips_of(day, scope=request.scope, at=request.at)
    if not made:
        return render(request, "bulletins/no_slips.html", {"day": day})
    response = HttpResponse(slips_pdf(made, day=day), content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="slips-{day:%Y%m%d}.pdf"'
    return response
