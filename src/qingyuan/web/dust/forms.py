"""Forms of dust sources: the record, a lead's check, a round, a visit, a task, a seat."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import shapely
from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from qingyuan.core.problems import Problem
from qingyuan.web.accounts import selectors as accounts
from qingyuan.web.accounts.models import Unit, User
from qingyuan.web.dust.models import RECORD_FIELDS, Check, SiteRecord
from qingyuan.web.dust.services.rounds import Said
from qingyuan.web.dust.tables import Measure, departments, kinds
from qingyuan.web.registry.models import District
from qingyuan.web.registry.models.geometry import in_language

__all__ = [
    "CaseForm",
    "DutyForm",
    "HandOverForm",
    "LeadCheckForm",
    "LeadSiteForm",
    "NewSiteForm",
    "PicturesForm",
    "RecordForm",
    "RoundForm",
    "SeatForm",
    "TaskForm",
    "VisitForm",
]

_DATE = {"type": "date"}
_MISSING = {"required": _("请填写此项；未保存。")}
_PHOTO = {"accept": "image/*", "capture": "environment"}


def _kinds() -> list[tuple[str, str]]:
    return [(k.code, k.name) for k in kinds().values()]


def _departments() -> list[tuple[str, str]]:
    return [(d.code, d.name) for d in departments().values()]


def _staff() -> QuerySet[User]:
    """Return the accounts of offices; enterprises answer for themselves elsewhere."""
    return accounts.people().filter(is_active=True, enterprise_code="").select_related("unit")


def _day(label: Any) -> forms.DateField:
    return forms.DateField(
        label=label,
        widget=forms.DateInput(attrs=_DATE, format="%Y-%m-%d"),
        error_messages={**_MISSING, "invalid": _("写成 2026-09-22；未保存。")},
    )


def _text(label: Any, *, most: int, required: bool = True, help_text: Any = "") -> forms.CharField:
    return forms.CharField(
        label=label,
        max_length=most,
        required=required,
        help_text=help_text,
        widget=forms.Textarea(attrs={"rows": 3, "maxlength": most}),
        error_messages=_MISSING,
    )


class _Names(forms.ModelChoiceField):
    """A choice among people, with their unit."""

    def label_from_instance(self, obj: User) -> str:
        return f"{obj.name} · {obj.unit.name_zh}"


class _UnitChoice(forms.ModelChoiceField):
    """A choice among units in the reader's language."""

    def label_from_instance(self, obj: Unit) -> str:
        return in_language(obj.name_zh, obj.name_en)


class _UnitChoices(forms.ModelMultipleChoiceField):
    """Several units in the reader's language."""

    def label_from_instance(self, obj: Unit) -> str:
        return in_language(obj.name_zh, obj.name_en)


class RecordForm(forms.ModelForm):
    """Every column of a site, its outline, and from when and why it changes."""

    outline = forms.CharField(
        label=_("边界"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("每行一点“经度 纬度”，CGCS2000；空白则为点位。图层可在“导入”中带入。"),
    )
    valid_from = _day(_("生效日期"))
    reason = forms.CharField(
        label=_("变更原因"),
        max_length=200,
        widget=forms.Textarea(attrs={"rows": 2, "maxlength": 200}),
        help_text=_("例如“进入主体施工”。旧版本原样保留。"),
        error_messages={"required": _("请写明变更原因；未保存。")},
    )
    seen = forms.IntegerField(widget=forms.HiddenInput)

    class Meta:
        model = SiteRecord
        fields = RECORD_FIELDS
        widgets = {
            "works_from": forms.DateInput(attrs=_DATE, format="%Y-%m-%d"),
            "works_to": forms.DateInput(attrs=_DATE, format="%Y-%m-%d"),
            "note": forms.Textarea(attrs={"rows": 2, "maxlength": 400}),
        }
        labels = {"name_zh": _("名称"), "name_en": _("英文名称")}

    def __init__(self, *args: Any, districts: QuerySet[District], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            if isinstance(field, forms.TypedChoiceField):
                field.choices = [
                    (v, "—" if v in ("", None) else label) for v, label in field.choices
                ]
        self.fields["kind"].choices = _kinds()
        self.fields["department"].choices = _departments()
        self.fields["district"].queryset = districts
        self.fields["district"].label_from_instance = lambda row: row.name
        self.fields["unit"] = _UnitChoice(
            label=self.fields["unit"].label,
            queryset=accounts.units(),
            required=False,
        )
        self.fields["person"] = _Names(
            label=self.fields["person"].label,
            queryset=_staff(),
            required=False,
        )

    def _post_clean(self) -> None:
        """Leave the instance alone: the deed compares with what is in force."""

    def clean(self) -> dict[str, Any]:
        """Refuse works that end before they begin."""
        data: dict[str, Any] = super().clean() or self.cleaned_data
        begin, end = data.get("works_from"), data.get("works_to")
        if begin and end and end < begin:
            problem = Problem("dust.works_period", begin=begin, end=end)
            self.add_error("works_to", in_language(problem.zh, problem.en))
        return data

    def clean_outline(self) -> shapely.Geometry | None:
        """Read the outline: a point a line."""
        points = []
        for number, line in enumerate(self.cleaned_data["outline"].splitlines(), 1):
            if not line.strip():
                continue
            try:
                lon, lat = map(float, line.replace(",", " ").replace("，", " ").split())
            except ValueError:
                raise _refused("dust.outline_unread", line=number, given=line[:40]) from None
            points.append((lon, lat))
        if not points:
            return None
        if len(points) < 3:
            raise _refused("dust.outline_short", count=len(points))
        return shapely.Polygon(points)

    @property
    def changes(self) -> dict[str, Any]:
        """The record's own fields, cleaned."""
        return {
            name: self.cleaned_data[name] for name in RECORD_FIELDS if name in self.cleaned_data
        }


def _refused(code: str, **values: object) -> forms.ValidationError:
    problem = Problem(code, **values)
    return forms.ValidationError(in_language(problem.zh, problem.en))


class NewSiteForm(RecordForm):
    """A site that was not registered yet."""

    code = forms.SlugField(
        label=_("编号"),
        max_length=40,
        help_text=_("字母、数字与连字符，例如 YC-2026-001。"),
        error_messages=_MISSING,
    )
    field_order = ["code"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["seen"].required = False
        self.fields["reason"].initial = _("登记")


class CaseForm(forms.Form):
    """What is wrong, in words."""

    trouble = _text(_("存在问题"), most=400)


class LeadCheckForm(forms.Form):
    """What the patch turned out to be."""

    verdict = forms.ChoiceField(
        label=_("核查结论"),
        choices=[("true", _("属实")), ("false", _("不属实"))],
        widget=forms.RadioSelect,
        error_messages=_MISSING,
    )
    finding = _text(_("核查情况"), most=400)
    picture = forms.FileField(
        label=_("现场照片"),
        required=False,
        widget=forms.ClearableFileInput(attrs=_PHOTO),
    )


class LeadSiteForm(forms.Form):
    """The name a patch is registered under."""

    name = forms.CharField(label=_("点位名称"), max_length=120, error_messages=_MISSING)
    holder = forms.CharField(label=_("责任单位"), max_length=120, required=False)
    address = forms.CharField(label=_("地址"), max_length=240, required=False)


class _ManyFiles(forms.ClearableFileInput):
    """Several files at once."""

    allow_multiple_selected = True


class _Files(forms.FileField):
    """Files, each checked as one is; what is cleaned is their list."""

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        given = data if isinstance(data, list) else [data]
        return [super(_Files, self).clean(one, initial) for one in given or [None]]


class PicturesForm(forms.Form):
    """Pictures of patches, each named by its patch's code."""

    pictures = _Files(
        label=_("图斑图片"),
        widget=_ManyFiles(attrs={"multiple": True, "accept": "image/*"}),
        help_text=_("文件名为图斑编号，例如 YG202609-001.jpg；可多选。"),
        error_messages=_MISSING,
    )


class RoundForm(forms.Form):
    """A new round of a team."""

    title = forms.CharField(label=_("名称"), max_length=120, error_messages=_MISSING)
    team = forms.CharField(label=_("督导组"), max_length=120, error_messages=_MISSING)
    leader = _Names(label=_("组长"), queryset=User.objects.none(), error_messages=_MISSING)
    from_on = _day(_("起"))
    to_on = _day(_("止"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["leader"].queryset = _staff()
        self.fields["members"] = forms.ModelMultipleChoiceField(
            label=_("组员"), queryset=_staff(), required=False,
            widget=forms.SelectMultiple(attrs={"size": 6}),
        )  # fmt: skip


class VisitForm(forms.Form):
    """Six measures, each kept or not, with words and a photo; the sheet a phone shows."""

    note = _text(_("其他情况"), most=400, required=False)

    def __init__(self, *args: Any, measures: list[Measure], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.measures = measures
        made: dict[str, forms.Field] = {}
        for measure in measures:
            made[f"{measure.code}_verdict"] = forms.ChoiceField(
                label=measure.name,
                choices=Check.Verdict.choices,
                widget=forms.RadioSelect,
                error_messages={"required": _("请选择；未保存。")},
            )
            made[f"{measure.code}_note"] = forms.CharField(
                label=_("说明"), max_length=200, required=False
            )
            made[f"{measure.code}_picture"] = forms.FileField(
                label=_("照片"),
                required=False,
                widget=forms.ClearableFileInput(attrs=_PHOTO),
            )
        self.fields = {**made, **self.fields}

    @property
    def blocks(self) -> list[tuple[Measure, Any, Any, Any]]:
        """The fields measure by measure."""
        return [
            (m, self[f"{m.code}_verdict"], self[f"{m.code}_note"], self[f"{m.code}_picture"])
            for m in self.measures
        ]

    @property
    def said(self) -> Mapping[str, Said]:
        """What was filled in, for the deed."""
        data = self.cleaned_data
        told = {}
        for m in self.measures:
            file = data.get(f"{m.code}_picture")
            picture = (file.name, file.read()) if file else None
            told[m.code] = Said(data[f"{m.code}_verdict"], data.get(f"{m.code}_note", ""), picture)
        return told


class HandOverForm(forms.Form):
    """To whom a district's problems go, under which number."""

    district = forms.CharField(widget=forms.HiddenInput)
    to = forms.CharField(
        label=_("交办对象"),
        max_length=120,
        help_text=_("例如“澜城区人民政府”。"),
        error_messages=_MISSING,
    )
    document_no = forms.CharField(label=_("交办文号"), max_length=60, required=False)


class TaskForm(forms.Form):
    """A department's task, or a joint one."""

    title = forms.CharField(label=_("任务"), max_length=120, error_messages=_MISSING)
    kind = forms.ChoiceField(
        label=_("类别"), choices=_kinds, help_text=_("牵头与会同单位按职责表预填，可改。")
    )
    district = forms.ModelChoiceField(
        label=_("区市"),
        queryset=District.objects.none(),
        to_field_name="code",
        error_messages=_MISSING,
    )
    trouble = _text(_("任务要求"), most=400)
    unit = _UnitChoice(
        label=_("牵头单位"),
        queryset=Unit.objects.none(),
        to_field_name="code",
        error_messages=_MISSING,
    )
    person = _Names(
        label=_("责任人"),
        queryset=User.objects.none(),
        to_field_name="username",
        error_messages=_MISSING,
    )
    co_units = _UnitChoices(
        label=_("会同单位"),
        queryset=Unit.objects.none(),
        to_field_name="code",
        required=False,
        widget=forms.SelectMultiple(attrs={"size": 6}),
    )
    due_on = _day(_("完成期限"))

    def __init__(self, *args: Any, districts: QuerySet[District], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["district"].queryset = districts
        self.fields["district"].label_from_instance = lambda row: row.name
        self.fields["unit"].queryset = accounts.units()
        self.fields["co_units"].queryset = accounts.units()
        self.fields["person"].queryset = _staff()


class SeatForm(forms.Form):
    """Who sits for a department, since when."""

    department = forms.ChoiceField(label=_("责任部门"), choices=_departments)
    district = forms.ModelChoiceField(
        label=_("区市"),
        queryset=District.objects.none(),
        to_field_name="code",
        required=False,
        empty_label=_("全市"),
    )
    unit = _UnitChoice(label=_("单位"), queryset=Unit.objects.none(), error_messages=_MISSING)
    person = _Names(label=_("责任人"), queryset=User.objects.none(), error_messages=_MISSING)
    valid_from = _day(_("自"))

    def __init__(self, *args: Any, districts: QuerySet[District], on: date, **kwargs: Any) -> None:
        super().__init__(*args, initial={"valid_from": on}, **kwargs)
        self.fields["district"].queryset = districts
        self.fields["district"].label_from_instance = lambda row: row.name
        self.fields["unit"].queryset = accounts.units()
        self.fields["person"].queryset = _staff()


class DutyForm(forms.Form):
    """Who leads on a kind of source and who takes part, from when, by what decision."""

    kind = forms.ChoiceField(label=_("类别"), choices=_kinds)
    lead = forms.ChoiceField(
        label=_("牵头部门"),
        required=False,
        choices=lambda: [("", _("恢复随程序发布的职责表")), *_departments()],
    )
    helping = forms.MultipleChoiceField(
        label=_("会同部门"),
        required=False,
        choices=_departments,
        widget=forms.CheckboxSelectMultiple,
    )
    valid_from = _day(_("自"))
    basis = forms.CharField(
        label=_("依据"),
        max_length=200,
        help_text=_("文号或会议纪要，例如“扬尘办〔2026〕3 号”。"),
        error_messages=_MISSING,
    )

    def __init__(self, *args: Any, on: date, **kwargs: Any) -> None:
        super().__init__(*args, initial={"valid_from": on}, **kwargs)
