"""The rules of early warning: which hold, which held, and publishing new ones."""

from __future__ import annotations

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from qingyuan.core.problems import Problem
from qingyuan.web.monitoring import selectors, services


class RulesForm(forms.Form):
    """A rule set as text."""

    text = forms.CharField(
        label=_("规则（TOML）"),
        widget=forms.Textarea(attrs={"rows": 24, "spellcheck": "false"}),
        help_text=_("改动后换一个编号（id）并写明生效日期；发布后不能再改，旧数据仍按当时的规则。"),
        error_messages={"required": _("请填写规则；未发布。")},
    )


def _page(request: HttpRequest, form: RulesForm | None = None, **more: object) -> HttpResponse:
    held = services.rules_for(request.at)
    context = {
        "held": held,
        "published": selectors.published_rules(),
        "form": form or RulesForm(initial={"text": selectors.rules_text(held.id)}),
        "may_publish": "department_head" in request.scope.roles,
        **more,
    }
    return render(request, "monitoring/rules.html", context, status=422 if more or form else 200)


def rules(request: HttpRequest) -> HttpResponse:
    """Show the rules in force and those published before."""
    return _page(request)


def publish(request: HttpRequest) -> HttpResponse:
    """Publish a rule set."""
    form = RulesForm(request.POST)
    if not form.is_valid():
        return _page(request, form)
    try:
        services.publish_rules(form.cleaned_data["text"], by=request.user, at=request.at)
    except Problem as problem:
        return _page(request, form, problem=problem)
    return HttpResponseRedirect(reverse("rules"))
