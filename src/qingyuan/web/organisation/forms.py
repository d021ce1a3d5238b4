"""Forms of the organisation's pages."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from qingyuan.core.calendar import HolidaySpan
from qingyuan.web.accounts.models import Unit, User
from qingyuan.web.accounts.roles import roles
from qingyuan.web.organisation.models import Group, Membership, Shift
from qingyuan.web.registry.models import District

__all__ = [
    "LONGEST_SPAN",
    "AbsenceForm",
    "CalendarForm",
    "GroupForm",
    "HandOverForm",
    "MatrixForm",
    "MemberForm",
    "PersonForm",
    "ShiftForm",
    "UnitForm",
]

_DAY = {"type": "date"}
LONGEST_SPAN = 31
"""Days one entry of the calendar may hold."""


def _day(label: object, *, required: bool = True) -> forms.DateField:
    return forms.DateField(
        label=label,
        required=required,
        widget=forms.DateInput(attrs=_DAY, format="%Y-%m-%d"),
        error_messages={"invalid": _("写成 2026-09-22；未保存。")},
    )


class _PersonField(forms.ModelChoiceField):
    """Choose a colleague, shown with the unit."""

    def __init__(self, **kwargs: Any) -> None:
        found = User.objects.filter(is_active=True, enterprise_code="").select_related("unit")
        super().__init__(queryset=found.order_by("unit__path", "username"), **kwargs)

    def label_from_instance(self, obj: User) -> str:
        """Name and unit."""
        return f"{obj.name}（{obj.unit.name_zh}）"


def _unit(label: object, *, required: bool = True) -> forms.ModelChoiceField:
    return forms.ModelChoiceField(
        Unit.objects.order_by("path"), label=label, required=required, to_field_name="code"
    )


class UnitForm(forms.Form):
    """A unit of the tree."""

    code = forms.CharField(label=_("单位代码"), max_length=39)
    name_zh = forms.CharField(label=_("名称"), max_length=120)
    name_en = forms.CharField(label=_("英文名"), max_length=160, required=False)
    kind = forms.ChoiceField(label=_("类别"), choices=Unit.Kind.choices)
    parent = _unit(_("上级单位"), required=False)
    district_code = forms.ModelChoiceField(
        District.objects.order_by("code"),
        label=_("所属区市"),
        required=False,
        to_field_name="code",
        help_text=_("市级单位不填；填了的，其人员只见这个区市的业务数据。"),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["district_code"].label_from_instance = lambda row: (
            row.name
        )  # the reader's language

    def clean_district_code(self) -> str:
        """Return the code."""
        found = self.cleaned_data["district_code"]
        return found.code if found else ""


class PersonForm(forms.Form):
    """An account without roles, or another seat for one."""

    username = forms.CharField(label=_("账号"), max_length=63)
    name = forms.CharField(label=_("姓名"), max_length=64)
    unit = _unit(_("单位"))
    title = forms.CharField(label=_("职务"), max_length=64, required=False)


class GroupForm(forms.ModelForm):
    """A group for a time."""

    class Meta:
        model = Group
        fields = ("name", "kind", "office", "valid_from", "valid_to", "charter")
        widgets = {
            "valid_from": forms.DateInput(attrs=_DAY, format="%Y-%m-%d"),
            "valid_to": forms.DateInput(attrs=_DAY, format="%Y-%m-%d"),
            "charter": forms.Textarea(attrs={"rows": 4, "maxlength": 4000}),
        }


class MemberForm(forms.Form):
    """Somebody seconded into a group."""

    user = _PersonField(label=_("人员"))
    part = forms.ChoiceField(label=_("职务"), choices=Membership.Part.choices, initial="member")
    valid_from = _day(_("自"))
    valid_to = _day(_("至（含）"), required=False)


class ShiftForm(forms.Form):
    """One shift of the roster."""

    day = _day(_("日期"))
    span = forms.ChoiceField(label=_("班次"), choices=Shift.Span.choices)
    officer = _PersonField(label=_("值班员"))
    leader = _PersonField(label=_("带班领导"), required=False)


class HandOverForm(forms.Form):
    """What the next shift must know."""

    text = forms.CharField(
        label=_("交接事项"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3, "maxlength": 2000}),
        help_text=_("不写群众姓名、电话、住址。"),
    )
    open_matters = forms.CharField(label=_("待续办（编号）"), max_length=400, required=False)


class AbsenceForm(forms.Form):
    """Ask for a deputy."""

    deputy = _PersonField(label=_("代行人"))
    role = forms.ChoiceField(label=_("代行角色"))
    valid_from = _day(_("自"))
    valid_to = _day(_("至（含）"))
    reason = forms.CharField(label=_("事由"), max_length=200)

    def __init__(self, *args: Any, held: frozenset[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["role"].choices = [  # type: ignore[attr-defined]  # a ChoiceField
            (name, role.label)
            for name, role in roles().items()
            if name in held and role.separation == "business"
        ]


class MatrixForm(forms.Form):
    """Who answers for one matter in one district, from a day on."""

    unit = _unit(_("责任单位"))
    user = _PersonField(label=_("责任人"))
    sponsor = _PersonField(label=_("包抓领导"), required=False)
    valid_from = _day(_("生效日期"))


class CalendarForm(forms.Form):
    """Days one notice takes from work or calls back to it."""

    start = _day(_("自"))
    end = _day(_("至（含）"))
    kind = forms.ChoiceField(
        label=_("类别"), choices=[("holiday", _("放假")), ("makeup", _("调休上班"))]
    )
    name = forms.CharField(label=_("名称"), max_length=60)
    notice = forms.CharField(
        label=_("依据文件"),
        max_length=200,
        help_text=_("文件名称与文号，例如 国办发明电〔2026〕× 号"),
    )

    def clean(self) -> dict[str, Any]:
        """Refuse days that end before they begin, or that are too many for one entry."""
        given = super().clean() or {}
        start, end = given.get("start"), given.get("end")
        if isinstance(start, date) and isinstance(end, date):
            if end < start:
                self.add_error("end", _("止日早于起日。"))
            elif (end - start).days >= LONGEST_SPAN:
                self.add_error("end", _("一次不超过 31 天；更长的分次录入。"))
        return given

    @property
    def span(self) -> HolidaySpan:
        """The days as the calendar reads them; a span belongs to the year it begins in."""
        given = self.cleaned_data
        return HolidaySpan(
            given["start"].year,
            given["start"],
            given["end"],
            given["kind"],
            given["name"],
            given["notice"],
        )
