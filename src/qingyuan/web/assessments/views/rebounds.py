"""Rebound: districts in order, whom the rule asks in, and the record of an interview."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language

from qingyuan.core.periods import city_date
from qingyuan.core.problems import Problem
from qingyuan.web.assessments import services
from qingyuan.web.assessments.forms import InterviewForm
from qingyuan.web.assessments.selectors import rebounds as found
from qingyuan.web.assessments.selectors.air import AIR_ITEMS_SHOWN
from qingyuan.web.assessments.views.asked import asked_month, month_end, months_beside
from qingyuan.web.cases import selectors as cases
from qingyuan.web.dust import selectors as dust
from qingyuan.web.monitoring.selectors.charts import observations_in
from qingyuan.web.registry import selectors as registry

__all__ = ["interview_record", "rebounds"]

_MAY_RECORD = frozenset({"department_head"})


def _page(
    request: HttpRequest, *, form: InterviewForm | None = None, status: int = 200, **more: object
) -> HttpResponse:
    yesterday = city_date(request.at) - timedelta(days=1)
    first = asked_month(request, newest=yesterday)
    last = min(month_end(first), yesterday)
    before, after = months_beside(first, newest=yesterday)
    item = request.GET.get("item", "")
    item = item if item in found.ITEMS else found.ITEMS[0]
    store, scope = observations_in(settings.FOLDER.store), request.scope
    rows, rules = found.ranking(store, scope, item=item, first=first, last=last)
    due = [(r.place.code, r.place.name) for r in rows if r.due]
    form = form or InterviewForm(initial={"held_on": city_date(request.at)})
    form.fields["district"].choices = due
    context = {
        "first": first,
        "last": last,
        "before": before,
        "after": after,
        "item": item,
        "items": {name: AIR_ITEMS_SHOWN[name] for name in found.ITEMS},
        "rows": rows,
        "rules": rules,
        "most": found.RULE,
        "due": due,
        "dust": [(name, code, dust.district_counts(scope, code)) for code, name in due],
        "compared": any(r.rebound.rank is not None for r in rows),
        "interviews": list(found.interviews(scope)[:50]),
        "may_record": bool(scope.roles & _MAY_RECORD),
        "form": form,
        "english": (get_language() or "").startswith("en"),
        **more,
    }
    if request.method == "POST" and status == 200 and form.is_valid():
        return _record(request, form, context)
    if form.is_bound and not form.is_valid():
        status = 422
    return render(request, "assessments/rebounds.html", context, status=status)


def rebounds(request: HttpRequest) -> HttpResponse:
    """Show the districts by rebound, and the interviews held."""
    return _page(request)


def interview_record(request: HttpRequest) -> HttpResponse:
    """Record an interview with the table as it stands now."""
    return _page(request, form=InterviewForm(request.POST))


def _record(request: HttpRequest, form: InterviewForm, context: dict[str, object]) -> HttpResponse:
    data, scope = form.cleaned_data, request.scope
    number = data["case"].strip()
    case = cases.cases(scope).filter(number=number).first() if number else None
    try:
        if number and case is None:
            raise Problem("assessments.unknown_case", number=number)
        services.record_interview(
            district=registry.districts(scope).get(code=data["district"]),
            item=context["item"], month=context["first"],
            grounds=found.grounds_of(context["rows"], rules=context["rules"]),
            held_on=data["held_on"], record=data["record"], case=case,
            by=request.user, at=request.at,
        )  # fmt: skip
    except Problem as problem:
        context |= {"problem": problem}
        return render(request, "assessments/rebounds.html", context, status=422)
    return redirect("rebounds")
