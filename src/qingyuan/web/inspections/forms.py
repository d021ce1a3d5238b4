"""Forms of the inspections."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from qingyuan.core.periods import CITY_TZ
from qingyuan.web.accounts.models import User
from qingyuan.web.cases.models.case import MATTERS
from qingyuan.web.inspections.models import (
    Batch,
    DutyShift,
    GroupMember,
    HandOver,
    LookBackCheck,
    Material,
    Publicity,
    Round,
    RoundPaper,
    RuleMade,
    WorkingGroup,
)
from qingyuan.web.inspections.services.publish import PUBLIC
from qingyuan.web.registry.models import District

__all__ = [
    "KINDS",
    "BulletinForm",
    "CheckForm",
    "DrawForm",
    "FindingForm",
    "PublicForm",
    "RoundForm",
    "RuleForm",
    "SendForm",
]


class Day(forms.DateInput):
    """A date with the browser's own picker."""

    input_type = "date"

    def __init__(self, **attrs: Any) -> None:
        super().__init__(attrs=attrs, format="%Y-%m-%d")


class Moment(forms.DateTimeInput):
    """A moment in city time with the browser's own picker."""

    input_type = "datetime-local"

    def __init__(self, **attrs: Any) -> None:
        super().__init__(attrs=attrs, format="%Y-%m-%dT%H:%M")

    def format_value(self, value: Any) -> str | None:
        """Show a moment in city time."""
        if hasattr(value, "astimezone") and getattr(value, "tzinfo", None):
            value = value.astimezone(CITY_TZ)
        shown: str | None = super().format_value(value)
        return shown


class RoundForm(forms.ModelForm):
    """One round of inspection."""

    class Meta:
        model = Round
        fields = ("code", "level", "ordinal", "stationing", "group", "from_on", "to_on", "hotline", "hours", "mailbox")  # fmt: skip
        widgets = {"from_on": Day(), "to_on": Day()}
        help_texts = {"code": _("导入清单时用，如 S3-2024；只用字母、数字与连字符。")}


class _Record(forms.ModelForm):
    """A record of a round; what belongs to the round is chosen among its own."""

    def __init__(self, *args: Any, round_: Round, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if hasattr(self.instance, "round_id"):
            self.instance.round = round_
        people = User.objects.filter(is_active=True, enterprise_code="").select_related("unit")
        for name in ("person", "giver", "taker", "user"):
            if name in self.fields:
                self.fields[name].queryset = people.order_by("unit__path", "name")
        if "group" in self.fields:
            self.fields["group"].queryset = WorkingGroup.objects.filter(round=round_)
        if "batch" in self.fields:
            self.fields["batch"].queryset = Batch.objects.filter(round=round_).order_by("number")
            self.fields["batch"].label_from_instance = lambda b: f"{b.number}"


class GroupForm(_Record):
    """A working group and its charter."""

    class Meta:
        model = WorkingGroup
        fields = ("name", "charter")


class MemberForm(_Record):
    """Somebody seconded to a group."""

    class Meta:
        model = GroupMember
        fields = ("group", "name", "organisation", "duty", "user", "from_on", "to_on")
        widgets = {"from_on": Day(), "to_on": Day()}


class ShiftForm(_Record):
    """One shift of the desk."""

    class Meta:
        model = DutyShift
        fields = ("person", "from_at", "to_at", "phone")
        widgets = {"from_at": Moment(), "to_at": Moment()}


class HandOverForm(_Record):
    """What one shift told the next."""

    class Meta:
        model = HandOver
        fields = ("giver", "taker", "text")


class MaterialForm(_Record):
    """A material the team asked for."""

    class Meta:
        model = Material
        fields = ("number", "title", "requester", "asked_on", "due_at", "holder")
        widgets = {"asked_on": Day(), "due_at": Moment()}


class PublicityForm(_Record):
    """Where something was made public."""

    link = forms.URLField(label=_("网址"), max_length=300, required=False, assume_scheme="https")

    class Meta:
        model = Publicity
        fields = ("batch", "medium", "outlet", "on", "link")
        widgets = {"on": Day()}
        help_texts = {"batch": _("空着的是整轮的公告，如举报电话与信箱。")}


class PaperForm(_Record):
    """A paper, a requirement or a meeting."""

    class Meta:
        model = RoundPaper
        fields = ("kind", "on", "title", "document_no", "text")
        widgets = {"on": Day()}


KINDS: Mapping[str, tuple[type[_Record], Any]] = MappingProxyType(
    {
        "group": (GroupForm, _("登记工作组")),
        "member": (MemberForm, _("登记抽调人员")),
        "shift": (ShiftForm, _("登记值班")),
        "hand-over": (HandOverForm, _("登记交接班")),
        "material": (MaterialForm, _("登记调阅资料")),
        "publicity": (PublicityForm, _("登记公开")),
        "paper": (PaperForm, _("登记文件、要求与会议")),
    }
)


class FindingForm(forms.Form):
    """One finding the team fed back."""

    problem = forms.CharField(label=_("反馈问题"), max_length=2000, widget=forms.Textarea(attrs={"rows": 4}))  # fmt: skip
    goal = forms.CharField(label=_("整改目标"), max_length=1000, required=False, widget=forms.Textarea(attrs={"rows": 2}))  # fmt: skip
    watcher = forms.CharField(label=_("督导单位"), max_length=80, required=False)
    district_code = forms.ChoiceField(label=_("行政区域"))
    matter = forms.ChoiceField(label=_("事项"), choices=MATTERS, initial="inspection")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = District.objects.order_by("code").values_list("code", "name_zh")
        self.fields["district_code"].choices = list(known)


class BulletinForm(forms.Form):
    """The words of a bulletin, pasted or as a text file."""

    text = forms.CharField(
        label=_("通报全文"),
        required=False,
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 10}),
        help_text=_("粘贴当日批次通报；读出的数与合计不符之处会列出来，不会改动。"),
    )
    file = forms.FileField(label=_("或文本文件（UTF-8、GB18030）"), required=False)

    def clean(self) -> dict[str, Any]:
        """Take the text of the file when nothing was pasted."""
        data: dict[str, Any] = super().clean() or {}
        held = data.get("file")
        if held and not data.get("text"):
            if held.size > 200_000:
                raise forms.ValidationError(_("文件超过 200 kB；未读取。通报是一页文字。"))
            content = held.read()
            for encoding in ("utf-8-sig", "gb18030"):
                try:
                    data["text"] = content.decode(encoding)
                    break
                except UnicodeDecodeError:
                    continue
        if not data.get("text"):
            raise forms.ValidationError(_("请粘贴通报全文，或选一个文本文件；未读取。"))
        return data


class PublicForm(forms.Form):
    """The four public texts of an item."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        labels = {
            "public_problem": _("交办问题基本情况（公开）"),
            "public_finding": _("调查核实情况（公开）"),
            "public_measures": _("处理和整改情况（公开）"),
            "public_blame": _("责任人被处理情况（公开）"),
        }
        for name, _source in PUBLIC:
            self.fields[name] = forms.CharField(
                label=labels[name],
                max_length=2000,
                required=name != "public_blame",
                widget=forms.Textarea(attrs={"rows": 4, "maxlength": 2000}),
            )


class RuleForm(forms.ModelForm):
    """A rule produced or revised because of an item."""

    class Meta:
        model = RuleMade
        fields = ("kind", "title", "document_no", "issuer", "on")
        widgets = {"on": Day()}


class DrawForm(forms.Form):
    """How many to look back at, and the seed of the draw."""

    size = forms.IntegerField(label=_("抽取件数"), min_value=1, max_value=5000)
    seed = forms.CharField(
        label=_("种子"),
        max_length=64,
        help_text=_("任取一串字并当众写下，如日期加一个号码；凭它和抽取范围人人可以重抽。"),
    )
    reason = forms.CharField(label=_("事由"), max_length=200)


class CheckForm(forms.Form):
    """What a look-back found."""

    result = forms.ChoiceField(label=_("复查结果"), choices=LookBackCheck.Result.choices)
    finding = forms.CharField(
        label=_("复查情况"), max_length=1000, widget=forms.Textarea(attrs={"rows": 2})
    )


class SendForm(forms.Form):
    """One sending of a material."""

    file = forms.FileField(label=_("报送的文件"), help_text=_("只记文件名与摘要，用来防止漏报、重报；文件不留存。"))  # fmt: skip
    pages = forms.IntegerField(label=_("页数"), min_value=1, required=False)
    received_by = forms.CharField(label=_("签收人"), max_length=80)
