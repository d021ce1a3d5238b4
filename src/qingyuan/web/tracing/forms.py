"""The form of a grab sample."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from qingyuan.core.factors import factor
from qingyuan.core.periods import CITY_TZ
from qingyuan.web.registry.models.geometry import in_language
from qingyuan.web.tracing.events import parameters
from qingyuan.web.tracing.selectors import sampling_reaches

__all__ = ["SampleForm"]


class SampleForm(forms.Form):
    """Where, when, what, how much."""

    reach_code = forms.ChoiceField(label=_("河段"))
    position_m = forms.FloatField(label=_("距上游端（m）"), min_value=0)
    taken_at = forms.DateTimeField(
        label=_("采样时间（北京时间）"),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )
    factor = forms.ChoiceField(label=_("项目"))
    value = forms.DecimalField(
        label=_("浓度（mg/L）"), min_value=0, max_digits=18, decimal_places=6
    )

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reach_code"].choices = [
            (r.code, f"{r.river} {r.code}") for r in sampling_reaches()
        ]
        self.fields["factor"].choices = [
            (code, in_language(factor(code).zh, factor(code).en))
            for code in parameters()["factors"]
        ]

    def clean_taken_at(self) -> object:
        """Read a time without zone as Beijing time."""
        at = self.cleaned_data["taken_at"]
        return at if at.tzinfo else at.replace(tzinfo=CITY_TZ)
