"""The petition desk: take in, register, merge, refuse, look, confirm words, clear pictures."""

from __future__ import annotations

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from qingyuan.core.periods import CITY_TZ, city_date
from qingyuan.core.problems import Problem
from qingyuan.web.petitions import selectors, services
from qingyuan.web.petitions.forms import (
    IntakeForm,
    LookForm,
    RefuseForm,
    RegisterForm,
    WordsForm,
)
from qingyuan.web.petitions.models import Petition, Report, ReportPhoto
from qingyuan.web.petitions.models.report import CONTACT
from qingyuan.web.petitions.redaction import propose
from qingyuan.web.petitions.views.answers import found_petition, private, say, through

_LABELS = {
    "name": _("姓名"), "phone": _("电话"), "id_number": _("证件号"), "address": _("住址"),
    "email": _("邮箱"), "note": _("备注"), "place": _("地点"), "text": _("原文"),
}  # fmt: skip


def intake(request: HttpRequest) -> HttpResponse:
    """Show what waits to be registered, and take in what somebody brings."""
    initial = {"received_at": request.at.astimezone(CITY_TZ).strftime("%Y-%m-%dT%H:%M")}
    form = IntakeForm(
        request.POST or None, request.FILES or None, on=city_date(request.at), initial=initial
    )
    made: list[Report] = []

    def deed() -> None:
        given = form.cleaned_data
        source = (given["source_system"], given["source_no"]) if given["source_no"] else None
        made.append(
            services.receive(
                channel=given["channel"], received_at=given["received_at"],
                category=given["category"], text=given["text"], place=given["place"],
                lon=given["lon"], lat=given["lat"],
                district_code=given["district"].code if given["district"] else "",
                contact={name: given[name] for name in CONTACT},
                photos=[(f.name, f.read()) for f in given["photos"]], source=source,
                source_url=given["source_url"], heat=given["heat"], by=request.user, at=request.at,
            )
        )  # fmt: skip

    if request.method == "POST" and form.is_valid():
        try:
            deed()
        except Problem as problem:
            form.add_error(None, say(request, problem))
        else:
            return HttpResponseRedirect(_after_receipt(made[0]))
    english = request.LANGUAGE_CODE == "en"
    held = [
        (
            report,
            selectors.channel_label(report.channel, on=city_date(request.at)),
            selectors.category_label(report.category, english=english),
            (city_date(request.at) - city_date(report.received_at)).days,
        )
        for report in selectors.waiting(request.scope)[:200]
    ]
    status = 422 if request.method == "POST" else 200
    context = {"form": form, "waiting": held, "open": bool(form.errors)}
    return private(render(request, "petitions/intake.html", context, status=status))


def _after_receipt(report: Report) -> str:
    if report.state == Report.State.RECEIVED:
        return reverse("petition-report", args=[report.pk])
    if report.petition:
        return reverse("petition", args=[report.petition.case.number])
    return reverse("petition-intake")


def _waiting(request: HttpRequest, key: UUID) -> Report:
    return get_object_or_404(selectors.waiting(request.scope), pk=key)


def report(request: HttpRequest, key: UUID) -> HttpResponse:
    """Show one report as it came, with what it may repeat; register, merge or refuse it."""
    found = _waiting(request, key)
    if request.method == "POST" and "merge" in request.POST:
        return _merge(request, found)
    if request.method == "POST" and "refuse" in request.POST:
        return _refuse(request, found)
    words = propose(found.text)
    initial = {
        "text_inspector": words, "types": [found.category], "district": found.district_id,
        "lon": found.lon, "lat": found.lat,
    }  # fmt: skip
    form = RegisterForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            petition = services.register(
                found, title=given["title"], district_code=given["district"].code,
                text_inspector=given["text_inspector"], types=given["types"], kind=given["kind"],
                enterprise_id=given["enterprise"] or None, lon=given["lon"], lat=given["lat"],
                provenance=given["provenance"], batch=given["batch"], by=request.user,
                at=request.at,
            )  # fmt: skip
        except Problem as problem:
            form.add_error(None, say(request, problem))
        else:
            return HttpResponseRedirect(reverse("petition", args=[petition.case.number]))
    return _report_page(request, found, form)


def _report_page(request: HttpRequest, found: Report, form: RegisterForm) -> HttpResponse:
    english = request.LANGUAGE_CODE == "en"
    context = {
        "report": found,
        "form": form,
        "refuse_form": RefuseForm(),
        "channel": selectors.channel_label(found.channel, on=city_date(request.at)),
        "category": selectors.category_label(found.category, english=english),
        "fields": [_LABELS[name] for name in selectors.given_fields(found)],
        "photos": found.photos.defer("image").order_by("position"),
        "candidates": selectors.candidates(found, scope=request.scope, at=request.at),
        "words": {"place": found.place, "text": found.text},
    }
    status = 422 if request.method == "POST" else 200
    return private(render(request, "petitions/report.html", context, status=status))


def _merge(request: HttpRequest, found: Report) -> HttpResponse:
    petition = found_petition(request, request.POST["merge"])
    form = RegisterForm()
    try:
        services.merge_into(found, petition, by=request.user, at=request.at)
    except Problem as problem:
        form = RegisterForm({})
        form.errors.clear()
        form.add_error(None, say(request, problem))
        return _report_page(request, found, form)
    return HttpResponseRedirect(reverse("petition", args=[petition.case.number]))


def _refuse(request: HttpRequest, found: Report) -> HttpResponse:
    form = RefuseForm(request.POST)
    if form.is_valid():
        services.refuse(found, reason=form.cleaned_data["reason"], by=request.user, at=request.at)
        return HttpResponseRedirect(reverse("petition-intake"))
    return _report_page(request, found, RegisterForm(request.POST))


def _seen(request: HttpRequest, key: UUID) -> Report:
    """Return a report one may know of: waiting at one's desk, or of a petition one may see."""
    found = get_object_or_404(
        Report.objects.exclude(state=Report.State.DRAFT).select_related("petition__case"), pk=key
    )
    visible = selectors.petitions(request.scope)
    inside = (
        visible.filter(pk=found.petition_id).exists()
        if found.petition_id
        else selectors.waiting(request.scope).filter(pk=found.pk).exists()
    )
    if not inside:
        raise Http404
    return found


def look(request: HttpRequest, key: UUID) -> HttpResponse:
    """Show who reported, or the words as reported, to who has the duty; written down and told."""
    found = _seen(request, key)
    if not services.may_look(found, by=request.user, at=request.at):
        raise Http404
    form = LookForm(request.POST or None)
    shown: list[tuple[str, str]] = []
    words = request.POST.get("what") == "words" or request.GET.get("what") == "words"
    if request.method == "POST" and form.is_valid():
        deed = services.read_words if words else services.look
        try:
            read = deed(found, by=request.user, reason=form.cleaned_data["reason"], at=request.at)
        except Problem as problem:
            form.add_error(None, say(request, problem))
        else:
            shown = [(_LABELS[k], v) for k, v in read.items() if v]
    done = request.method == "POST" and form.is_valid() and not form.errors
    context = {"report": found, "form": form, "shown": shown, "done": done, "words": words}
    status = 422 if request.method == "POST" and not done else 200
    return private(render(request, "petitions/look.html", context, status=status))


def photo(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one picture a citizen sent, re-encoded; or decide whether the inspector may see it."""
    found = get_object_or_404(ReportPhoto.objects.select_related("report__petition__case"), pk=pk)
    _seen(request, found.report_id)
    desk = services.may_look(found.report, by=request.user, at=request.at)
    if request.method == "POST":
        if not desk:
            raise Http404
        services.clear_photo(found, cleared="clear" in request.POST, by=request.user, at=request.at)
        return HttpResponseRedirect(_after_receipt(found.report))
    if not desk and found.cleared != ReportPhoto.Cleared.INSPECTOR:
        raise Http404
    answer = HttpResponse(bytes(found.image), content_type="image/webp")
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Content-Disposition"] = f'inline; filename="{found.position}.webp"'
    return private(answer)


def words(request: HttpRequest, number: str) -> HttpResponse:
    """Confirm the words an inspector or an enterprise may read."""
    petition = found_petition(request, number)
    if not _is_desk(request, petition):
        raise Http404
    initial = {"reader": "enterprise", "words": petition.text_inspector}
    form = WordsForm(request.POST or None, initial=initial)

    def deed() -> None:
        given = form.cleaned_data
        services.confirm_words(
            petition, reader=given["reader"], words=given["words"], by=request.user, at=request.at
        )

    return through(
        request, "petitions/form.html", form, deed, then=reverse("petition", args=[number]),
        title=gettext("确认可读文本"), back=reverse("petition", args=[number]), of=number,
    )  # fmt: skip


def _is_desk(request: HttpRequest, petition: Petition) -> bool:
    reports = list(petition.reports.select_related("petition__case"))
    return bool(reports) and all(
        services.may_look(r, by=request.user, at=request.at) for r in reports
    )
