"""Forms of bulletins."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from qingyuan.web.accounts.scope import Scope
from qingyuan.web.bulletins.kinds import Column, Register, kinds
from qingyuan.web.registry import selectors as registry
from qingyuan.web.registry.models import District

__all__ = [
    "ComposeForm",
    "EditForm",
    "NoteForm",
    "ReasonForm",
    "RowForm",
    "ScheduleForm",
    "SlipsForm",
]

_DATE = {"type": "date"}
WEEKDAYS = (
    (1, _("星期一")), (2, _("星期二")), (3, _("星期三")), (4, _("星期四")), (5, _("星期五")),
    (6, _("星期六")), (7, _("星期日")),
)  # fmt: skip


class ComposeForm(forms.Form):
    """Which kind, and any day of its period."""

    kind = forms.ChoiceField(label=_("种类"), required=False)
    day = forms.DateField(label=_("日期"), widget=forms.DateInput(attrs=_DATE))

    def __init__(self, *args: Any, **given: Any) -> None:
        super().__init__(*args, **given)
        self.fields["kind"].choices = [(kind.name, kind.label) for kind in kinds().values()]

    def clean_kind(self) -> str:
        """Return the kind; a reminder of the day when none was chosen."""
        return str(self.cleaned_data["kind"] or "daily")


class ReasonForm(forms.Form):
    """Why it is withdrawn, sent back or corrected."""

    reason = forms.CharField(
        label=_("原因"), max_length=400, widget=forms.Textarea(attrs={"rows": 2})
    )


class NoteForm(forms.Form):
    """An opinion with a step."""

    note = forms.CharField(label=_("意见"), max_length=400, required=False)


class EditForm(forms.Form):
    """A sentence said anew, and why."""

    section = forms.IntegerField(min_value=0, widget=forms.HiddenInput)
    paragraph = forms.IntegerField(min_value=0, widget=forms.HiddenInput)
    new = forms.CharField(
        label=_("改为"), required=False, max_length=4000, widget=forms.Textarea(attrs={"rows": 4})
    )
    reason = forms.CharField(label=_("修改理由"), max_length=400, required=False)


class ScheduleForm(forms.Form):
    """When a kind is written."""

    on = forms.BooleanField(label=_("自动编写"), required=False)
    hour = forms.IntegerField(label=_("时（0–23）"), min_value=0, max_value=23)
    weekday = forms.TypedChoiceField(
        label=_("星期"), choices=WEEKDAYS, coerce=int, required=False, empty_value=None
    )
    monthday = forms.IntegerField(
        label=_("每月几日（1–28）"), min_value=1, max_value=28, required=False
    )


class SlipsForm(forms.Form):
    """Slips of which day."""

    day = forms.DateField(label=_("日期"), widget=forms.DateInput(attrs=_DATE))


class RowForm(forms.Form):
    """One row of a register: its dates, its district, its columns."""

    def __init__(self, register: Register, scope: Scope, *args: Any, **given: Any) -> None:
        super().__init__(*args, **given)
        self.register = register
        districts = registry.districts(scope).defer("wkb")
        if not scope.city:
            districts = districts.filter(code__in=sorted(scope.districts))
        self.fields["on"] = forms.DateField(
            label=register.on_label, widget=forms.DateInput(attrs=_DATE)
        )
        if register.name not in ("sampling", "agenda"):
            self.fields["district"] = forms.ModelChoiceField(
                districts, label=_("区县"), to_field_name="code", required=not scope.city
            )
            self.fields["district"].label_from_instance = lambda d: d.name  # type: ignore[attr-defined]  # of a model choice
        for column in register.columns:
            self.fields[f"c_{column.name}"] = _field(column, scope)
        if register.done:
            self.fields["done_on"] = forms.DateField(
                label=register.done_label, required=False, widget=forms.DateInput(attrs=_DATE)
            )

    @property
    def district(self) -> District | None:
        """The district of the row; a sample has that of its section."""
        if self.register.name != "sampling":
            return self.cleaned_data.get("district")
        return self.cleaned_data["c_section"].district

    @property
    def values(self) -> dict[str, str]:
        """The columns as texts, a section by its code."""
        found = {c.name: self.cleaned_data.get(f"c_{c.name}") for c in self.register.columns}
        return {
            name: "" if value is None else str(getattr(value, "code", value)).strip()
            for name, value in found.items()
        }

    def clean(self) -> dict[str, Any]:
        """Refuse what cannot be: more days met than judged, more reused than treated."""
        given: dict[str, Any] = super().clean() or self.cleaned_data
        for less, more, said in (
            ("c_days_met", "c_days_judged", _("达标天数不能多于评价天数。")),
            ("c_reused", "c_treated", _("回用量不能多于处理量。")),
        ):
            few, many = given.get(less), given.get(more)
            if few is not None and many is not None and few > many:
                self.add_error(less, said)
        return given


def _field(column: Column, scope: Scope) -> forms.Field:
    common: dict[str, Any] = {"label": column.label, "required": column.required}
    if column.type == "section":
        field = forms.ModelChoiceField(registry.sections(scope), to_field_name="code", **common)
        field.label_from_instance = lambda s: s.name  # type: ignore[method-assign]  # of a model choice
        return field
    if column.type == "whole":
        return forms.IntegerField(min_value=0, max_value=366, **common)
    if column.type == "percent":
        return forms.IntegerField(min_value=0, max_value=100, **common)
    if column.type == "number":
        return forms.DecimalField(min_value=Decimal(0), max_digits=12, decimal_places=4, **common)
    return forms.CharField(max_length=200, **common)
