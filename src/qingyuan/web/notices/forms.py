"""Forms of the ways out."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from qingyuan.web.accounts.models import Unit
from qingyuan.web.notices.models import Channel, Reach

__all__ = ["ChannelForm", "ReachForm"]


class ChannelForm(forms.ModelForm):
    """A robot or another system's address; an empty secret keeps the one it has."""

    class Meta:
        model = Channel
        fields = ("name", "kind", "address", "secret", "unit", "digest_minutes", "active")
        widgets = {"secret": forms.PasswordInput(attrs={"autocomplete": "off"})}
        help_texts = {
            "address": _("主机须在外呼白名单（设置 QINGYUAN_OUTBOUND）中；地址里的密钥不再显示。"),
            "secret": _("钉钉“加签”或签名推送用；留空沿用原密钥。"),
            "unit": _("这个单位及下级单位的人收到的消息，都推到这里。"),
            "digest_minutes": _("这段时间内的消息并成一条；0 为逐条即发。"),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._secret = self.instance.secret
        self.fields["unit"].queryset = Unit.objects.order_by("path")  # type: ignore[attr-defined]  # a ModelChoiceField
        if self.instance.pk:
            self.fields["address"].initial = ""
            self.initial["address"] = ""
            self.fields["address"].required = False
            self._address = Channel.objects.values_list("address", flat=True).get(
                pk=self.instance.pk
            )

    def clean_secret(self) -> str:
        """Keep the secret it has when none is given."""
        return self.cleaned_data["secret"] or self._secret

    def clean_address(self) -> str:
        """Keep the address it has when none is given."""
        return self.cleaned_data["address"] or self._address


class ReachForm(forms.ModelForm):
    """One's own mail and quiet hours."""

    class Meta:
        model = Reach
        fields = ("mail", "quiet_from", "quiet_to", "digest_minutes")
        widgets = {
            "quiet_from": forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
            "quiet_to": forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        }
        help_texts = {
            "mail": _("只发编号、类别、区市、期限和链接，不含内容；不填则只有站内消息。"),
            "quiet_from": _("这段时间内的消息到点后再发；最高级别告警照发。"),
            "digest_minutes": _("这段时间内的消息并成一封；0 为逐条即发。"),
        }

    def clean(self) -> dict[str, Any]:
        """Quiet hours have two ends."""
        data = super().clean() or {}
        if bool(data.get("quiet_from")) != bool(data.get("quiet_to")):
            self.add_error("quiet_to", _("免打扰的起止须同时填写或同时留空；未保存。"))
        return data
