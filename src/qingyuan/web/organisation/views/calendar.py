"""The working-day calendar: see a year, enter a notice after seeing what it moves, take it back."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from qingyuan.core.periods import city_date
from qingyuan.core.problems import Problem
from qingyuan.web.cases import selectors as cases
from qingyuan.web.cases import services as deeds
from qingyuan.web.organisation.forms import CalendarForm
from qingyuan.web.organisation.selectors.calendar import year_of

KEEPERS = frozenset({"department_head", "leader"})
_FIRST, _LAST = 2004, 2100


def _year(request: HttpRequest) -> int:
    asked = request.GET.get("year", "")
    if asked.isdecimal() and len(asked) == 4 and _FIRST <= int(asked) <= _LAST:
        return int(asked)
    return city_date(request.at).year


def calendar(request: HttpRequest) -> HttpResponse:
    """Show a year; enter days of a notice: first what would move, then, confirmed, it is done."""
    may = bool(KEEPERS & request.scope.roles)
    form = CalendarForm((request.POST or None) if may else None)
    shown, problem, status = None, None, 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            span = form.span
            try:
                shown = cases.preview(cases.calendar_with(more=[span]))
                if request.POST.get("confirm") == str(shown.clocks):
                    deeds.change_calendar(span=span, by=request.user, at=request.at)
                    return HttpResponseRedirect(f"{reverse('calendar')}?year={span.start.year}")
                status = 200
            except Problem as refused:
                problem, shown = refused, None
    year = year_of(_year(request), cases.calendar())
    context = {
        "year": year,
        "before": year.number - 1 if year.number > _FIRST else None,
        "after": year.number + 1 if year.number < _LAST else None,
        "numbers": range(1, 32),
        "form": form,
        "may": may,
        "preview": shown,
        "moves": _visible(request, shown),
        "changes": cases.changes()[:50],
        "problem": problem,
    }
    return render(request, "organisation/calendar.html", context, status=status)


@require_POST
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Take an entry back: first what would move, then, confirmed, it is done."""
    row = get_object_or_404(cases.changes().filter(withdrawn_at=None), pk=pk)
    shown = cases.preview(cases.calendar_with(without=row))
    if request.POST.get("confirm") == str(shown.clocks):
        deeds.withdraw_change(row, by=request.user, at=request.at)
        return HttpResponseRedirect(f"{reverse('calendar')}?year={row.year}")
    context = {"row": row, "preview": shown, "moves": _visible(request, shown)}
    return render(request, "organisation/calendar_withdraw.html", context)


def _visible(request: HttpRequest, shown: cases.Preview | None) -> list[cases.ClockMove]:
    """Return the moves of cases the reader may open; the numbers count all of them."""
    if shown is None:
        return []
    keys = {move.case.pk for move in shown.moves}
    seen = set(cases.cases(request.scope).filter(pk__in=keys).values_list("pk", flat=True))
    return [move for move in shown.moves if move.case.pk in seen]
