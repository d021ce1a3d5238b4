"""Forms of the alarm console."""

from __future__ import annotations

from datetime import timedelta

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from qingyuan.core.factors import factors
from qingyuan.web.registry.models import Section
from qingyuan.web.registry.models.geometry import in_language
from qingyuan.web.signals.models import LEVELS

__all__ = ["FalseForm", "ReportForm", "RuleOutForm", "SilenceForm"]

_REASON = {"rows": 2, "maxlength": 400}


class FalseForm(forms.Form):
    """Why it is no real alarm."""

    reason = forms.CharField(
        label=_("误报理由"),
        max_length=400,
        widget=forms.Textarea(attrs=_REASON),
        help_text=_(
            "写明依据，例如“采样泵维护，见运维记录”。认定误报后不再提示，重复数据仍计入本行。"
        ),
        error_messages={"required": _("请写明误报理由；未作改动。")},
    )


class RuleOutForm(forms.Form):
    """What explains it innocently."""

    reason = forms.CharField(
        label=_("排除理由"),
        max_length=400,
        widget=forms.Textarea(attrs=_REASON),
        help_text=_("写明核查了什么、看到了什么，例如“采样泵停，见 9 月 12 日运维记录”。"),
        error_messages={"required": _("请写明排除理由；未作改动。")},
    )


class SilenceForm(forms.Form):
    """Until when nobody is told, and why."""

    hours = forms.TypedChoiceField(
        label=_("静默到"),
        coerce=int,
        choices=[
            ("1", _("1 小时后")),
            ("4", _("4 小时后")),
            ("24", _("24 小时后")),
            ("72", _("3 天后")),
            ("168", _("7 天后")),
        ],
        initial="4",
    )
    reason = forms.CharField(
        label=_("静默理由"),
        max_length=400,
        widget=forms.Textarea(attrs=_REASON),
        help_text=_("静默期间照常记录，不发消息；到时自动结束。"),
        error_messages={"required": _("请写明静默理由；未作改动。")},
    )

    @property
    def length(self) -> timedelta:
        """How long it lasts."""
        return timedelta(hours=self.cleaned_data["hours"])


class ReportForm(forms.Form):
    """What was seen at a section, by a person."""

    section = forms.ChoiceField(label=_("断面"), error_messages={"required": _("请选择断面。")})
    factor = forms.ChoiceField(label=_("因子"), required=False)
    level = forms.TypedChoiceField(label=_("级别"), coerce=int, choices=LEVELS, initial=4)
    note = forms.CharField(
        label=_("看到了什么"),
        max_length=400,
        widget=forms.Textarea(attrs={"rows": 3, "maxlength": 400}),
        help_text=_("写明时间、地点与现象；不写投诉人的姓名、电话与住址。"),
        error_messages={"required": _("请写明看到了什么；未保存。")},
    )

    def __init__(self, *args: object, sections: QuerySet[Section], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.fields["section"].choices = [
            ("", _("请选择")),
            *((s.code, f"{s.name}（{s.district.name}）") for s in sections),
        ]
        water = [
            (f.code, in_language(f.zh, f.en)) for f in factors().values() if f.medium == "water"
        ]
        self.fields["factor"].choices = [("", _("不确定")), *water]
