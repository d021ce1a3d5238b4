"""Forms of tokens."""

from __future__ import annotations

from datetime import timedelta

from django import forms
from django.utils.translation import gettext_lazy as _

__all__ = ["TokenForm"]


class TokenForm(forms.Form):
    """For whom, for which devices, until when."""

    name = forms.CharField(
        label=_("来源"),
        max_length=80,
        help_text=_("哪家单位的哪个系统，例如“微型站运维平台”。"),
        error_messages={"required": _("请写明来源；未签发。")},
    )
    mns = forms.CharField(
        label=_("可代报的设备 MN"),
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("一行一个；只收这些设备的数据，其他设备视为不存在。"),
        error_messages={"required": _("请至少写一个设备的 MN；未签发。")},
    )
    days = forms.TypedChoiceField(
        label=_("有效期"),
        coerce=int,
        choices=[("30", _("30 天")), ("90", _("90 天")), ("365", _("一年"))],
        initial="90",
    )

    @property
    def length(self) -> timedelta:
        """How long it holds."""
        return timedelta(days=self.cleaned_data["days"])

    def clean_mns(self) -> list[str]:
        """Split at blanks and commas."""
        return self.cleaned_data["mns"].replace(",", " ").replace("，", " ").split()
