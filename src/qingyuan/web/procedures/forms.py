"""Forms of the procedure pages."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from qingyuan.casework.versions import Migration
from qingyuan.core.problems import Problem

__all__ = ["DraftForm", "MoveForm", "NewForm", "PublishForm"]


class NewForm(forms.Form):
    """Begin a procedure that does not exist yet."""

    name = forms.CharField(
        label=_("程序名"), max_length=40, help_text=_("小写字母、数字和下划线，如 dust_campaign")
    )
    text = forms.CharField(
        label=_("程序文本（TOML）"),
        widget=forms.Textarea(attrs={"rows": 12, "spellcheck": "false", "lang": "zh-Hans"}),
    )


class DraftForm(forms.Form):
    """The text of a draft."""

    text = forms.CharField(
        label=_("程序文本（TOML）"),
        strip=False,
        widget=forms.Textarea(
            attrs={
                "rows": 34,
                "spellcheck": "false",
                "class": "qy-input qy-code",
                "lang": "zh-Hans",
            }
        ),
    )
    seen = forms.IntegerField(widget=forms.HiddenInput)


class PublishForm(forms.Form):
    """The document that orders it, and a reason when closed cases were refused."""

    order_title = forms.CharField(label=_("依据文件"), max_length=160)
    order_number = forms.CharField(
        label=_("文号"), max_length=80, help_text=_("如 青环发〔2026〕12号")
    )
    order_date = forms.DateField(
        label=_("文件日期"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"invalid": _("写成 2026-09-22；未保存。")},
    )
    refused_reason = forms.CharField(
        label=_("试演不符仍发布的理由"),
        max_length=400,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2, "maxlength": 400}),
        help_text=_("试演全部通过时不用填。"),
    )


class MoveForm(forms.Form):
    """The map for open cases."""

    table = forms.CharField(
        label=_("对照表"),
        required=False,
        widget=forms.Textarea(
            attrs={"rows": 5, "class": "qy-input qy-code", "spellcheck": "false"}
        ),
        help_text=_(
            "每行一条：“原环节 = 新环节”，时限写“时限 原 = 新”，新为空即停止；同名的不用写。"
        ),
    )
    reason = forms.CharField(label=_("换版理由"), max_length=200)

    def migration(self) -> Migration:
        """Read the map.

        Raises
        ------
        Problem
            ``procedures.bad_map`` with the line.
        """
        states: dict[str, str] = {}
        clocks: dict[str, str] = {}
        for number, line in enumerate(self.cleaned_data["table"].splitlines(), 1):
            words = line.strip()
            if not words:
                continue
            left, equals, right = words.partition("=")
            clock = left.strip().startswith(("时限", "clock "))
            name = left.strip().removeprefix("时限").removeprefix("clock ").strip()
            if not equals or not name or " " in name or (not right.strip() and not clock):
                raise Problem("procedures.bad_map", line=number, text=words)
            (clocks if clock else states)[name] = right.strip()
        return Migration(states, clocks)
