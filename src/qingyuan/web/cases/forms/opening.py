"""Open a case by hand (人工立案): what every case has, and what its procedure asks besides."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from qingyuan import casework
from qingyuan.web.accounts.scope import Scope
from qingyuan.web.cases.forms.fields import controls, enterprises, values_of
from qingyuan.web.cases.models.case import LEVELS, MATTERS, in_language
from qingyuan.web.registry import selectors as registry

__all__ = ["OpenForm"]

_PREFILLED = ("title", "district", "matter", "level", "section", "enterprise", "source", "summary")


class OpenForm(forms.Form):
    """Open a case by hand (人工立案).

    Parameters
    ----------
    rules : Procedure
        The procedure the case is to run on; its opening form follows the common part.
    """

    title = forms.CharField(
        label=gettext_lazy("标题"),
        max_length=160,
        help_text=gettext_lazy(
            "写明地点与问题，例如“望澜桥断面氨氮超标”。不写投诉人的姓名、电话与住址。"
        ),
        error_messages={"required": gettext_lazy("请写标题；案件未建立。")},
    )
    district = forms.ChoiceField(
        label=gettext_lazy("区市"), error_messages={"required": gettext_lazy("请选择区市。")}
    )
    matter = forms.ChoiceField(label=gettext_lazy("事项"), choices=MATTERS)
    types = forms.MultipleChoiceField(
        label=gettext_lazy("污染类型"), required=False, widget=forms.CheckboxSelectMultiple
    )
    level = forms.TypedChoiceField(
        label=gettext_lazy("级别"), coerce=int, choices=LEVELS, initial=4
    )
    immediate = forms.BooleanField(label=gettext_lazy("立行立改"), required=False)
    section = forms.ChoiceField(label=gettext_lazy("断面"), required=False)
    enterprise = forms.ChoiceField(label=gettext_lazy("所涉企业"), required=False)
    summary = forms.CharField(
        label=gettext_lazy("基本情况"),
        max_length=1000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4, "maxlength": 1000}),
    )
    source = forms.CharField(
        label=gettext_lazy("来源"),
        max_length=160,
        help_text=gettext_lazy("例如“现场巡查”“上级交办”。"),
        error_messages={"required": gettext_lazy("请写明来源；案件未建立。")},
    )

    def __init__(
        self, *args: Any, rules: casework.Procedure, scope: Scope, at: datetime, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.rules = rules
        mine = registry.districts(scope)
        if not scope.city:
            mine = mine.filter(code__in=sorted(scope.districts))
        self._choose("district", _("请选择"), ((d.code, d.name) for d in mine))
        named = ((s.code, f"{s.name}（{s.district.name}）") for s in registry.sections(scope))
        self._choose("section", _("不涉及断面"), named)
        self._choose("enterprise", _("尚未确定"), enterprises(scope))
        types = self.fields["types"]
        if isinstance(types, forms.MultipleChoiceField):
            types.choices = [(n, in_language(c)) for n, c in casework.TYPES.items()]
        if rules.default_matter:
            self.fields["matter"].initial = rules.default_matter
        for name, made in controls(rules.form.values(), scope=scope, at=at).items():
            self.fields[f"form_{name}"] = made

    def _choose(self, name: str, nothing: str, rows: Any) -> None:
        field = self.fields[name]
        if isinstance(field, forms.ChoiceField):
            field.choices = [("", nothing), *rows]

    @property
    def form_given(self) -> dict[str, object]:
        """The values of the procedure's own opening form."""
        cleaned = {
            name.removeprefix("form_"): value
            for name, value in self.cleaned_data.items()
            if name.startswith("form_")
        }
        return values_of(self.rules.form.values(), cleaned)

    @classmethod
    def prefilled(cls, query: Mapping[str, str]) -> dict[str, str]:
        """Return the initial values another page may hand over in its link."""
        return {name: query[name] for name in _PREFILLED if query.get(name)}
