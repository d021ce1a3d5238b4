"""A district's part: its task, sub-plan, weekly reports, objects."""

from __future__ import annotations

from datetime import timedelta

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _

from qingyuan.core.problems import Problem
from qingyuan.web.accounts.scope import Scope
from qingyuan.web.campaigns import selectors, services
from qingyuan.web.campaigns.forms import JudgeForm, ReportForm, SubmitForm, SubPlanForm
from qingyuan.web.campaigns.models import Campaign, Report, SubPlan
from qingyuan.web.campaigns.views.campaign import form_page, kept, seen
from qingyuan.web.files.responses import serve
from qingyuan.web.registry.models.geometry import in_language

_DEEDS = ("submit", "report", "accept", "send-back")


def ask(request: HttpRequest, number: str) -> HttpResponse:
    """Give a district its task."""
    found = kept(request, number)
    form = SubPlanForm(request.POST or None, initial={"finish_on": found.ends_on})
    back = reverse("campaign", args=[number])
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            services.ask_sub_plan(
                found, district_code=data["district"].code, person=data["person"], quota=data["quota"],
                finish_on=data["finish_on"], by=request.user, at=request.at,
            )  # fmt: skip
        except Problem as problem:
            form.add_error(None, in_language(problem.zh, problem.en))
        else:
            return HttpResponseRedirect(back)
    return form_page(request, form, title=_("下达区市任务"), back=back, campaign=found)


def _plan(request: HttpRequest, number: str, code: str) -> SubPlan:
    campaign = seen(request, number)
    return get_object_or_404(selectors.sub_plans(campaign, request.scope), district_id=code)


def _may_hand_in(scope: Scope, plan: SubPlan) -> bool:
    return "district_officer" in scope.roles and plan.district_id in scope.districts


def district(request: HttpRequest, number: str, code: str) -> HttpResponse:
    """Show a district's part of a campaign."""
    return _page(request, _plan(request, number, code))


def _report_form(request: HttpRequest, plan: SubPlan, data: object = None) -> ReportForm:
    told = _told(plan)
    return ReportForm(data, campaign=plan.campaign, at=request.at, told=told, prefix="report")


def _told(plan: SubPlan) -> list:
    found = Report.objects.filter(campaign=plan.campaign, district_id=plan.district_id)
    return list(found.values_list("week", flat=True))


def _page(request: HttpRequest, plan: SubPlan, **forms: object) -> HttpResponse:
    campaign: Campaign = plan.campaign
    scope = request.scope
    counted = selectors.frozen(campaign, scope) or selectors.figures(campaign, scope, at=request.at)
    line = next((row for row in counted.districts if row.key == plan.district_id), None)
    running = not campaign.closed_at
    hand_in = running and _may_hand_in(scope, plan)
    waits = plan.state in (SubPlan.State.ASKED, SubPlan.State.RETURNED)
    reports = Report.objects.filter(campaign=campaign, district_id=plan.district_id)
    owed = [m for m in selectors.missing(campaign, scope, at=request.at) if m.plan.pk == plan.pk]
    context = {
        "campaign": campaign,
        "plan": plan,
        "line": line,
        "reports": [(r, r.week + timedelta(days=6)) for r in reports.select_related("by").order_by("-week")],
        "missing": owed,
        "submit": SubmitForm(instance=plan) if hand_in and waits else None,
        "report": _report_form(request, plan) if hand_in else None,
        "judge": JudgeForm() if running and selectors.may_keep(scope) and plan.state == SubPlan.State.SUBMITTED else None,
        **forms,
    }  # fmt: skip
    if context["report"] is not None and not context["report"].has_weeks:
        context["report"] = None
    return render(request, "campaigns/district.html", context, status=422 if forms else 200)


def deed(request: HttpRequest, number: str, code: str, deed: str) -> HttpResponse:
    """Hand something in, or judge what was handed in."""
    plan, scope = _plan(request, number, code), request.scope
    judging = deed in ("accept", "send-back")
    if deed not in _DEEDS or not (
        selectors.may_keep(scope) if judging else _may_hand_in(scope, plan)
    ):
        raise Http404
    name, form = _form(request, plan, deed)
    if not form.is_valid():
        return _page(request, plan, **{name: form})
    data, who = form.cleaned_data, {"by": request.user, "at": request.at}
    try:
        if judging:
            services.judge_sub_plan(plan, accept=deed == "accept", opinion=data["opinion"], **who)
        elif deed == "submit":
            file = data["file"]
            given = (file.name, file.read()) if file else None
            services.submit_sub_plan(plan, text=data["text"], file=given, **who)
        else:
            services.report(
                plan.campaign, district_code=code, week=data["week"], text=data["text"], **who
            )
    except Problem as problem:
        form.add_error(None, in_language(problem.zh, problem.en))
        return _page(request, SubPlan.objects.select_related("district", "campaign", "person__unit").get(pk=plan.pk), **{name: form})  # fmt: skip
    return HttpResponseRedirect(reverse("campaign-district", args=[number, code]))


def _form(request: HttpRequest, plan: SubPlan, deed: str) -> tuple[str, JudgeForm | ReportForm | SubmitForm]:  # fmt: skip
    if deed == "submit":
        held = SubPlan.objects.get(pk=plan.pk)  # the form writes on its own copy
        return "submit", SubmitForm(request.POST, request.FILES, instance=held)
    if deed == "report":
        return "report", _report_form(request, plan, request.POST)
    return "judge", JudgeForm(request.POST)


def paper(request: HttpRequest, number: str, code: str) -> HttpResponse:
    """Hand out the file of a sub-plan."""
    plan = _plan(request, number, code)
    if plan.paper is None:
        raise Http404
    return serve(plan.paper, original=True)


def remind(request: HttpRequest, number: str) -> HttpResponse:
    """Remind the districts of what they owe."""
    found = kept(request, number)
    services.remind(found, scope=request.scope, by=request.user, at=request.at)
    return HttpResponseRedirect(reverse("campaign", args=[number]))
