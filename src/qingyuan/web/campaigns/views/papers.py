"""Files of a campaign to take away; taking one is written down."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import get_language

from qingyuan.core.periods import city_date
from qingyuan.web.audit import services as audit
from qingyuan.web.audit.services import Actor
from qingyuan.web.campaigns import selectors
from qingyuan.web.campaigns.models import Campaign
from qingyuan.web.campaigns.services import papers
from qingyuan.web.campaigns.views.campaign import seen
from qingyuan.web.printing import docx_of, pdf_of

_TYPES = {
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "pdf": "application/pdf",
    "txt": "text/plain; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


def file(request: HttpRequest, number: str, what: str, ending: str) -> HttpResponse:
    """Answer the weekly progress, the closing report, the figures or the list as a file."""
    found = seen(request, number)
    if ending == "xlsx" and what in ("figures", "objects"):
        content = _book(request, found, what)
    elif ending in ("docx", "pdf", "txt") and what in ("weekly", "closing"):
        content = _paper(request, found, what, ending)
    else:
        raise Http404
    audit.record(
        actor=Actor.of(request.user),
        deed="campaigns.file",
        target=found.ref,
        at=request.at,
        detail={"what": what, "ending": ending},
    )
    answer = HttpResponse(content, content_type=_TYPES[ending])
    answer["Content-Disposition"] = f'attachment; filename="{found.number}-{what}.{ending}"'
    return answer


def _book(request: HttpRequest, found: Campaign, what: str) -> bytes:
    scope, language = request.scope, get_language() or "zh"
    who = {"by": request.user.name, "at": request.at, "language": language}
    if what == "figures":
        counted = selectors.frozen(found, scope) or selectors.figures(found, scope, at=request.at)
        return papers.figures_book(found, counted, **who)
    made = selectors.visits(scope).filter(team__campaign=found, done_at__isnull=False)
    return papers.objects_book(found, scope, list(made.order_by("done_at", "pk")), **who)


def _paper(request: HttpRequest, found: Campaign, what: str, ending: str) -> bytes:
    if not request.scope.city:
        raise Http404  # a paper tells the whole of a campaign; a district has its page
    issuer = found.lead.name_zh
    if what == "weekly":
        document = papers.weekly_report(found, request.scope, issuer=issuer, at=request.at)
    else:
        document = papers.closing_report(found, request.scope, issuer=issuer)
    if document is None:
        raise Http404
    day = city_date(found.closed_at if what == "closing" and found.closed_at else request.at)
    if ending == "txt":
        return papers.plain_text(document).encode()
    return docx_of(document, day=day) if ending == "docx" else pdf_of(document, day=day)
