"""Packages, backlog, petitions past the level, draws, look-backs, settings (包案、积案、越级、抽查、回头看)."""

from __future__ import annotations

from collections.abc import Callable

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _

from qingyuan.core.periods import city_date
from qingyuan.core.problems import Problem
from qingyuan.web.accounts import selectors as accounts
from qingyuan.web.accounts.models import User
from qingyuan.web.petitions import selectors, services
from qingyuan.web.petitions.forms import (
    AvoidanceForm,
    ChannelForm,
    CheckForm,
    EscalationForm,
    LookBackForm,
    PackageForm,
    ParameterForm,
    SampleForm,
    StabilityForm,
    TargetForm,
    TickForm,
    VisitForm,
)
from qingyuan.web.petitions.models import (
    Avoidance,
    LookBack,
    Package,
    Petition,
    SampleDraw,
)
from qingyuan.web.petitions.views.answers import found_petition, private, say, through
from qingyuan.web.registry.models import Enterprise


def packages(request: HttpRequest) -> HttpResponse:
    """Show the cases leaders own, and the counters of their visits."""
    page = Paginator(selectors.packages(request.scope), 50).get_page(request.GET.get("page"))
    context = {"page": page, "leaders": selectors.leaders(request.scope, at=request.at)}
    return render(request, "petitions/packages.html", context)


def package(request: HttpRequest, number: str) -> HttpResponse:
    """Open a package, or tick, visit, close the one that is open."""
    petition = found_petition(request, number)
    held = petition.packages.filter(closed_at=None).first()
    back = reverse("petition", args=[number])
    if held is None:
        return _open_package(request, petition, back)
    deed = request.POST.get("deed", "")
    forms = {
        "tick": TickForm(request.POST if deed == "tick" else None, initial={"done_on": city_date(request.at)}),
        "visit": VisitForm(request.POST if deed == "visit" else None, initial={"on": city_date(request.at)}),
    }  # fmt: skip
    problem = ""
    if request.method == "POST":
        try:
            if _act(request, held, deed, forms):
                return HttpResponseRedirect(request.path if deed != "close" else back)
        except Problem as refused:
            problem = say(request, refused)
    view = selectors.package_view(held)
    context = {
        "petition": petition, "view": view, "tick": forms["tick"], "visit": forms["visit"],
        "problem": problem, "back": back,
    }  # fmt: skip
    status = 422 if request.method == "POST" else 200
    return render(request, "petitions/package.html", context, status=status)


def _act(request: HttpRequest, held: Package, deed: str, forms: dict[str, object]) -> bool:
    who = {"by": request.user, "at": request.at}
    if deed == "close":
        services.close_package(held, **who)
        return True
    form = forms.get(deed)
    if form is None or not form.is_valid():  # type: ignore[attr-defined]  # forms of this module
        return False
    given = form.cleaned_data  # type: ignore[attr-defined]  # as above
    if deed == "tick":
        services.tick(held, **given, **who)
    else:
        services.visit(held, leader=held.leader, **given, **who)
    return True


def _open_package(request: HttpRequest, petition: Petition, back: str) -> HttpResponse:
    day = city_date(request.at)
    people = {
        u.pk
        for role in services.LEADERS
        for u in accounts.holders_of(role, on=day, district=petition.case.district_id)
    }
    form = PackageForm(request.POST or None, leaders=sorted(people))

    def deed() -> None:
        services.open_package(petition, by=request.user, at=request.at, **form.cleaned_data)

    return through(
        request, "petitions/form.html", form, deed, then=request.path, title=_("领导包案"),
        back=back, of=petition.case.number,
    )  # fmt: skip


def list_key(request: HttpRequest, number: str) -> HttpResponse:
    """Put a petition on this year's ledger of key cases."""
    petition = found_petition(request, number)
    services.list_as_key(petition, year=city_date(request.at).year, by=request.user, at=request.at)
    return HttpResponseRedirect(reverse("petition", args=[number]))


def backlog(request: HttpRequest, form: TargetForm | None = None) -> HttpResponse:
    """Show the backlog, this year's key cases and how far the targets are."""
    year = city_date(request.at).year
    english = request.LANGUAGE_CODE == "en"
    key = selectors.key_cases(request.scope, year=year)
    page = Paginator(selectors.backlog(request.scope, at=request.at), 50).get_page(
        request.GET.get("page")
    )
    context = {
        "year": year, "page": page,
        "rows": selectors.rows(page.object_list, at=request.at, english=english),
        "key": selectors.rows(key, at=request.at, english=english),
        "targets": selectors.targets(request.scope, year=year, at=request.at),
        "days": int(selectors.parameter("backlog_days", on=city_date(request.at))),
        "form": form or TargetForm(initial={"year": year}),
        "may_set": "department_head" in request.scope.roles,
    }  # fmt: skip
    status = 422 if form is not None else 200
    return render(request, "petitions/backlog.html", context, status=status)


def target(request: HttpRequest) -> HttpResponse:
    """Set a yearly target."""
    form = TargetForm(request.POST)
    if form.is_valid():
        try:
            services.set_target(by=request.user, at=request.at, **form.cleaned_data)
        except Problem as problem:
            form.add_error(None, say(request, problem))
        else:
            return HttpResponseRedirect(reverse("petition-backlog"))
    return backlog(request, form)


def escalations(request: HttpRequest) -> HttpResponse:
    """Show the petitions taken past the level, and how they stand."""
    page = Paginator(selectors.escalations(request.scope), 50).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "counts": selectors.stability_counts(request.scope),
        "form": StabilityForm(),
        "desk": bool(request.scope.roles & services.DESK),
    }
    return render(request, "petitions/escalations.html", context)


def escalation(request: HttpRequest) -> HttpResponse:
    """Register a petition taken past the level."""
    scope = request.scope
    form = EscalationForm(
        request.POST or None, districts=None if scope.city else sorted(scope.districts),
        initial={"on": city_date(request.at)},
    )  # fmt: skip

    def deed() -> None:
        given = dict(form.cleaned_data)
        number = given.pop("case")
        petition = (
            selectors.petitions(scope).filter(case__number=number).first() if number else None
        )
        if number and petition is None:
            raise Problem("petitions.no_petition", number=number)
        services.put_escalation(petition=petition, by=request.user, at=request.at, **given)

    return through(
        request, "petitions/form.html", form, deed, then=reverse("petition-escalations"),
        title=_("登记越级信访"), back=reverse("petition-escalations"), of="",
    )  # fmt: skip


def stability(request: HttpRequest, pk: int) -> HttpResponse:
    """Write down how a petition past the level stands now."""
    found = get_object_or_404(selectors.escalations(request.scope), pk=pk)
    form = StabilityForm(request.POST)
    if form.is_valid():
        services.note_stability(found, by=request.user, at=request.at, **form.cleaned_data)
    return HttpResponseRedirect(reverse("petition-escalations"))


def samples(request: HttpRequest) -> HttpResponse:
    """Draw items to check, and show the draws."""
    day = city_date(request.at)
    form = SampleForm(
        request.POST or None, on=day, initial={"since": day.replace(day=1), "until": day}
    )
    if request.method == "POST" and form.is_valid():
        try:
            made = services.draw_sample(by=request.user, at=request.at, **form.cleaned_data)
        except Problem as problem:
            form.add_error(None, say(request, problem))
        else:
            return HttpResponseRedirect(reverse("petition-sample", args=[made.pk]))
    page = Paginator(SampleDraw.objects.order_by("-drawn_at", "-pk"), 50).get_page(
        request.GET.get("page")
    )
    status = 422 if request.method == "POST" else 200
    return render(request, "petitions/samples.html", {"form": form, "page": page}, status=status)


def sample(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one draw and whether it can be repeated; fill in the forms of what was drawn."""
    made = get_object_or_404(SampleDraw, pk=pk)
    visible = selectors.petitions(request.scope).filter(case__number__in=made.result)
    form = CheckForm(request.POST or None)
    problem = ""
    if request.method == "POST" and form.is_valid():
        given = dict(form.cleaned_data)
        petition = get_object_or_404(visible, case__number=given.pop("number"))
        try:
            services.check_drawn(made, petition, by=request.user, at=request.at, **given)
        except Problem as refused:
            problem = say(request, refused)
        else:
            return HttpResponseRedirect(request.path)
    checked = {c.petition_id: c for c in made.checks.all()}
    rows = [(p, checked.get(p.pk), CheckForm(initial={"number": p.case.number})) for p in visible]
    context = {
        "draw": made, "rows": rows, "reproduces": services.reproduces(made), "problem": problem,
    }  # fmt: skip
    status = 422 if request.method == "POST" else 200
    return render(request, "petitions/sample.html", context, status=status)


def look_backs(request: HttpRequest) -> HttpResponse:
    """Open ill-answered tickets again, and show the campaigns with what came of them."""
    day = city_date(request.at)
    form = LookBackForm(
        request.POST or None, on=day, initial={"since": day.replace(day=1), "until": day}
    )
    held = LookBack.objects.prefetch_related("items__petition__case").order_by("-begun_at")
    seen = set(selectors.petitions(request.scope).values_list("pk", flat=True))
    campaigns = [
        (one, [(i, i.petition.case) for i in one.items.all() if i.petition_id in seen])
        for one in held[:50]
    ]

    def deed() -> None:
        services.begin_look_back(by=request.user, at=request.at, **form.cleaned_data)

    return through(
        request, "petitions/look_backs.html", form, deed, then=reverse("petition-look-backs"),
        campaigns=campaigns,
    )  # fmt: skip


def settings(request: HttpRequest) -> HttpResponse:
    """Set channels, parameters and who must stand aside."""
    day = city_date(request.at)
    what = request.POST.get("what", "")
    given = request.POST if request.method == "POST" else None
    initial = {"valid_from": day}
    channel = ChannelForm(given if what == "channel" else None, initial=initial, prefix="c")
    parameter = ParameterForm(given if what == "parameter" else None, initial=initial, prefix="p")
    avoidance = AvoidanceForm(given if what == "avoidance" else None, initial=initial, prefix="a")
    deeds: dict[str, tuple[object, Callable[..., object]]] = {
        "channel": (channel, services.put_channel),
        "parameter": (parameter, services.set_parameter),
        "avoidance": (avoidance, _avoid),
    }
    if request.method == "POST":
        if what not in deeds:
            raise Http404
        form, deed = deeds[what]
        if form.is_valid():  # type: ignore[attr-defined]  # one of the three forms above
            try:
                deed(by=request.user, at=request.at, **form.cleaned_data)  # type: ignore[attr-defined]  # as above
            except Problem as problem:
                form.add_error(None, say(request, problem))  # type: ignore[attr-defined]  # as above
            else:
                return HttpResponseRedirect(reverse("petition-settings"))
    context = {
        "channel": channel, "parameter": parameter, "avoidance": avoidance,
        "channels": selectors.channels(on=day).values(),
        "parameters": selectors.parameters(on=day),
        "avoidances": Avoidance.objects.filter(valid_to=None).select_related(
            "officer__unit", "enterprise"
        ),
    }  # fmt: skip
    status = 422 if request.method == "POST" else 200
    return private(render(request, "petitions/settings.html", context, status=status))


def _avoid(*, officer: str, enterprise: str, **more: object) -> object:
    person = User.objects.filter(username=officer.strip(), is_active=True).first()
    firm = Enterprise.objects.filter(code=enterprise.strip()).first()
    if person is None or firm is None:
        raise Problem("petitions.nobody_there", officer=officer, enterprise=enterprise)
    return services.avoid(officer=person, enterprise=firm, **more)  # type: ignore[arg-type]  # from the form
