"""Forms of assessments."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from qingyuan.core.periods import CITY_TZ
from qingyuan.web.accounts.scope import Scope
from qingyuan.web.assessments.models import DustDecision
from qingyuan.web.registry import selectors as registry
from qingyuan.web.registry.models import AirTarget
from qingyuan.web.registry.models.territory import CLASSES

__all__ = ["AirTargetForm", "DustForm", "InterviewForm", "SectionTargetForm", "WhyForm"]

_DATE = {"type": "date"}
_MOMENT = {"type": "datetime-local", "step": "3600"}


class AirTargetForm(forms.Form):
    """Whose year, what, how much, from when, by which document."""

    place = forms.ChoiceField(label=_("对象"))
    year = forms.IntegerField(label=_("年度"), min_value=2013, max_value=2100)
    item = forms.ChoiceField(label=_("指标"), choices=AirTarget.Item.choices)
    value = forms.DecimalField(label=_("目标值（μg/m³ 或 %）"), max_digits=7, decimal_places=2)
    valid_from = forms.DateField(
        label=_("自何日执行"), widget=forms.DateInput(attrs=_DATE, format="%Y-%m-%d")
    )
    basis = forms.CharField(label=_("依据文件"), max_length=160)

    def __init__(self, *args: Any, scope: Scope, **given: Any) -> None:
        super().__init__(*args, **given)
        districts = [(f"district:{d.code}", d.name) for d in registry.districts(scope)]
        stations = [(f"station:{s.code}", s.name) for s in registry.air_stations(scope)]
        self.fields["place"].choices = [
            ("city", _("全市")), (_("区县"), districts), (_("站点"), stations),
        ]  # fmt: skip


class SectionTargetForm(forms.Form):
    """Which section, which class, from when, by which document."""

    section = forms.ChoiceField(label=_("断面"))
    target_class = forms.ChoiceField(label=_("水质目标"), choices=[(c, c) for c in CLASSES])
    valid_from = forms.DateField(
        label=_("自何日执行"), widget=forms.DateInput(attrs=_DATE, format="%Y-%m-%d")
    )
    basis = forms.CharField(label=_("依据文件"), max_length=160)

    def __init__(self, *args: Any, scope: Scope, **given: Any) -> None:
        super().__init__(*args, **given)
        self.fields["section"].choices = [(s.code, s.name) for s in registry.sections(scope)]


class DustForm(forms.Form):
    """Which hours of which station, what they were, and why."""

    station = forms.ChoiceField(label=_("站点"))
    from_at = forms.DateTimeField(
        label=_("自（整点，北京时间）"),
        widget=forms.DateTimeInput(attrs=_MOMENT, format="%Y-%m-%dT%H:%M"),
    )
    to_at = forms.DateTimeField(
        label=_("至（整点，不含）"),
        widget=forms.DateTimeInput(attrs=_MOMENT, format="%Y-%m-%dT%H:%M"),
    )
    verdict = forms.ChoiceField(label=_("结论"), choices=DustDecision.Verdict.choices)
    reason = forms.CharField(
        label=_("理由与证据（卫星影像、上游站点、气象通报等）"),
        max_length=400,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(self, *args: Any, scope: Scope, **given: Any) -> None:
        super().__init__(*args, **given)
        self.fields["station"].choices = [(s.code, s.name) for s in registry.air_stations(scope)]

    def clean(self) -> dict[str, Any]:
        """Read both moments as Beijing time."""
        data = super().clean() or {}
        for name in ("from_at", "to_at"):
            if data.get(name) is not None:
                data[name] = data[name].replace(tzinfo=CITY_TZ)
        return data


class WhyForm(forms.Form):
    """Why it is taken back."""

    why = forms.CharField(label=_("原因"), max_length=400)


class InterviewForm(forms.Form):
    """When the interview was held, what was said, which case follows."""

    district = forms.ChoiceField(label=_("被约谈区县"))
    held_on = forms.DateField(
        label=_("约谈日期"), widget=forms.DateInput(attrs=_DATE, format="%Y-%m-%d")
    )
    record = forms.CharField(
        label=_("约谈记录"), max_length=4000, widget=forms.Textarea(attrs={"rows": 5})
    )
    case = forms.CharField(label=_("后续案件编号（可空）"), max_length=40, required=False)
