"""The ledgers: one screen, its views and columns."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from qingyuan.web.cases import selectors
from qingyuan.web.cases.cells import column_rows, drawn
from qingyuan.web.cases.export import EXPORTER, table_of
from qingyuan.web.cases.models import Case
from qingyuan.web.cases.selectors.columns import FIXED, LINES, lines, offered
from qingyuan.web.cases.selectors.ledger import TABS, cases_of, keys_of
from qingyuan.web.cases.selectors.memory import remembered
from qingyuan.web.cases.selectors.screen import SIZES, Screen, screen, standard_view, views_for
from qingyuan.web.cases.services.views import drop_view, keep_layout
from qingyuan.web.cases.services.views import keep_view as save_view
from qingyuan.web.cases.views.batch import batch_deeds
from qingyuan.web.exchange.services import BACKGROUND_ROWS, export_now, request_export

_OWN = ("page", "ledger", "sort", "size", "view")


class _Listed:
    """Rows that are fetched a page at a time, their keys first; which they are is remembered."""

    ordered = True

    def __init__(self, request: HttpRequest, seen: Screen, count: int) -> None:
        self._request, self._seen, self._count = request, seen, count

    def __len__(self) -> int:
        return self._count

    def __getitem__(self, wanted: slice) -> list[Case]:
        scope, seen = self._request.scope, self._seen

        def found() -> list[int]:
            return keys_of(seen.listed, wanted.start, wanted.stop)

        asked = (*sorted(seen.wanted.items()), seen.tab, seen.sort, wanted.start, wanted.stop)
        if seen.mine:
            return cases_of(found(), scope)
        return cases_of(
            remembered(("page", *asked), found, scope=scope, at=self._request.at), scope
        )


def _without(query: QueryDict, *names: str) -> str:
    kept = query.copy()
    for name in names:
        kept.pop(name, None)
    return kept.urlencode()


def _read(request: HttpRequest) -> Screen:
    return screen(request.GET, user=request.user, scope=request.scope, at=request.at)


def ledger(request: HttpRequest) -> HttpResponse:
    """List the cases one may see: 交办, 办理, 办结, 累计交办."""
    if not request.GET:
        opening = standard_view(request.user)
        if opening is not None:
            return HttpResponseRedirect(f"{reverse('ledger')}?{opening.query}&view={opening.pk}")
    seen = _read(request)
    counted = _sums(request, seen)
    listed = _Listed(request, seen, counted.tabs[seen.tab])
    page = Paginator(listed, seen.size).get_page(request.GET.get("page"))
    found = selectors.rows(page.object_list, at=request.at)
    context = {
        "tab": seen.tab,
        "tabs": _tabs(request, seen, counted.tabs),
        "unsorted": _without(request.GET, "sort", "page", "ledger"),
        "query": _without(request.GET, "page"),
        "page": page,
        "rows": drawn(lines(found, seen.columns), seen.columns),
        "heads": [(c, c.sort or "", f"-{c.sort}") for c in seen.columns],
        "span": len(seen.columns),
        "totals": counted.feet[seen.tab],
        "screen": seen,
        "sizes": SIZES,
        "deeds": batch_deeds(seen.procedure, found, request),
        "may_open": bool(request.scope.roles & OPENERS),
        **_bar(request, seen),
        **_layout(request, seen),
    }
    return render(request, "cases/ledger.html", context)


def _sums(request: HttpRequest, seen: Screen) -> selectors.Sums:
    """Return the counts; those that do not depend on the person are shared for a minute."""
    if seen.mine:
        return selectors.sums(seen.found, at=request.at)
    return remembered(
        ("ledger", *sorted(seen.wanted.items())),
        lambda: selectors.sums(seen.found, at=request.at),
        scope=request.scope,
        at=request.at,
    )


def _tabs(request: HttpRequest, seen: Screen, counts: Mapping[str, int]) -> list[tuple[Any, ...]]:
    kept = _without(request.GET, "page", "ledger")
    said = {
        "assign": _("交办"), "handle": _("办理"), "conclude": _("办结"), "assigned": _("累计交办"), "all": _("全部"),
    }  # fmt: skip
    return [
        (said[tab], f"?ledger={tab}{'&' if kept else ''}{kept}", counts[tab], tab == seen.tab)
        for tab in TABS
    ]


def _bar(request: HttpRequest, seen: Screen) -> dict[str, object]:
    """Return the filter bar: those in sight, those behind 更多筛选, and chips of what only links set."""
    shown = []
    for one in selectors.FILTERS.values():
        if one.kind == "link" or (one.name == "district" and not request.scope.city):
            continue
        choices = one.choices(request.scope, seen.wanted) if one.choices else []
        if one.choices and not choices:
            continue
        shown.append((one, choices, seen.wanted.get(one.name, "")))
    chips = []
    for name, words in zip(seen.wanted, selectors.spoken(seen.wanted, request.scope).items(), strict=True):  # fmt: skip
        if not selectors.FILTERS[name].first:
            chips.append((*words, f"?{_without(request.GET, name, 'page')}"))
    return {
        "first": [x for x in shown if x[0].first],
        "more": [x for x in shown if not x[0].first],
        "linked": [
            (name, value)
            for name, value in seen.wanted.items()
            if selectors.FILTERS[name].kind == "link"
        ],
        "chips": chips,
        "more_used": sum(1 for x in shown if not x[0].first and x[2]),
    }


def _layout(request: HttpRequest, seen: Screen) -> dict[str, object]:
    """Return what the dialogs of views and columns offer."""
    place = {column.name: n for n, column in enumerate(seen.columns, 1)}
    known = offered(seen.procedure)
    order = [n for n in place if n not in FIXED] + [n for n in known if n not in place]
    return {
        "views": [(v, f"?{v.query}&view={v.pk}", v.owner_id == request.user.pk) for v in views_for(request.user)],
        "column_rows": column_rows((known[n], place.get(n, ""), n in LINES) for n in order if n in known),
        "kept_query": _without(request.GET, "page", "view", "size"),
    }  # fmt: skip


def _back(request: HttpRequest, query: str) -> HttpResponse:
    """Return to the ledger as it was; only a query may come from the form, never an address."""
    return HttpResponseRedirect(f"{reverse('ledger')}?{QueryDict(query[:2000]).urlencode()}")


@require_POST
def keep_columns(request: HttpRequest) -> HttpResponse:
    """Keep which columns a person sees, in which order, how dense, how many rows."""
    query = request.POST.get("query", "")
    keep_layout(
        by=request.user,
        procedure=QueryDict(query[:2000]).get("procedure", ""),
        columns=_chosen(request.POST),
        dense=request.POST.get("dense") == "1",
        size=int(s) if (s := request.POST.get("size", "")) in map(str, SIZES) else 50,
        reset="reset" in request.POST,
    )
    return _back(request, query)


def _chosen(given: QueryDict) -> list[str]:
    """Return the names ticked, in the order the numbers beside them say."""
    names = [n for n in given.getlist("column") if len(n) <= 120][:60]

    def place(name: str) -> tuple[int, int]:
        written = given.get(f"at-{name}", "")
        return (int(written) if written.isdecimal() and len(written) < 4 else 999, names.index(name))  # fmt: skip

    return sorted(dict.fromkeys(names), key=place)


@require_POST
def keep_view(request: HttpRequest) -> HttpResponse:
    """Keep the filter on screen under a name; rename, share, make it the standard, or drop it."""
    if request.POST.get("drop", "").isdecimal():
        drop_view(by=request.user, pk=int(request.POST["drop"][:12]))
        return HttpResponseRedirect(reverse("ledger") + "?ledger=handle")
    query = QueryDict(request.POST.get("query", "")[:2000])
    seen = screen(query, user=request.user, scope=request.scope, at=request.at)
    for name in ("page", "view", "size"):
        query = _dropped(query, name)
    kept = save_view(
        by=request.user,
        name=request.POST.get("name", ""),
        query=query.urlencode(),
        columns=[c.name for c in seen.columns],
        dense=seen.dense,
        shared=request.POST.get("shared") == "1",
        standard=request.POST.get("standard") == "1",
        at=request.at,
    )
    return HttpResponseRedirect(f"{reverse('ledger')}?{kept.query}&view={kept.pk}")


def _dropped(query: QueryDict, name: str) -> QueryDict:
    kept = query.copy()
    kept.pop(name, None)
    return kept


def export(request: HttpRequest) -> HttpResponse:
    """Answer the rows on screen as a workbook; a long one comes with a message when it is ready."""
    seen = _read(request)
    table = table_of(seen, user=request.user, at=request.at)
    asked = {
        "form": "xlsx",
        "query": request.GET.urlencode(),
        "by": request.user,
        "at": request.at,
        "language": request.LANGUAGE_CODE,
    }
    if table.count > BACKGROUND_ROWS:
        request_export(EXPORTER, table, **asked)
        return HttpResponseRedirect(reverse("exchange-history"))
    file = export_now(EXPORTER, table, **asked)
    answer = HttpResponse(file.content, content_type=file.media_type)
    answer["Content-Disposition"] = content_disposition_header(True, file.name)
    return answer


OPENERS = frozenset({"duty_officer", "district_officer", "department_head"})
