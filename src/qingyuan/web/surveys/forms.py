"""Forms of surveys: issue a slip."""

from __future__ import annotations

from datetime import datetime

from django import forms
from django.utils.translation import gettext_lazy as _

from qingyuan.core.problems import Problem
from qingyuan.web.accounts.models import Unit, User
from qingyuan.web.registry import selectors as registry

__all__ = ["SlipForm"]


class SlipForm(forms.Form):
    """To whom a slip goes, and until when."""

    unit = forms.ModelChoiceField(label=_("责任单位"), queryset=Unit.objects.none())
    person = forms.ModelChoiceField(label=_("责任人"), queryset=User.objects.none())
    due_on = forms.DateField(
        label=_("整改期限"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )

    def __init__(self, *args: object, district: str, at: datetime, **kwargs: object) -> None:
        super().__init__(*args, initial=_answering(district, at), **kwargs)  # type: ignore[arg-type]  # as Django's form takes them
        units = Unit.objects.filter(district_code=district).order_by("code")
        self.fields["unit"].queryset = units  # type: ignore[attr-defined]  # of a model choice
        people = User.objects.filter(unit__in=units, is_active=True).order_by("username")
        self.fields["person"].queryset = people  # type: ignore[attr-defined]  # as above
        self.fields["person"].label_from_instance = lambda p: f"{p.name}（{p.unit}）"  # type: ignore[attr-defined]  # as above


def _answering(district: str, at: datetime) -> dict[str, object]:
    """Return whom the responsibility matrix names for the district's air; nobody if none."""
    try:
        unit, person = registry.responsible_for(district, "air", at)
    except Problem:
        return {}
    return {"unit": unit, "person": person}
