"""Forms of the campaigns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from qingyuan import casework
from qingyuan.web.accounts.models import Unit, User
from qingyuan.web.campaigns.models import Campaign, SubPlan, Team, Visit
from qingyuan.web.campaigns.selectors import standing_groups, weeks
from qingyuan.web.campaigns.services.making import PROCEDURES
from qingyuan.web.cases.models import Case
from qingyuan.web.cases.models.case import in_language
from qingyuan.web.cases.selectors.rules import current
from qingyuan.web.registry.models import District, Enterprise, Outfall

__all__ = [
    "CampaignForm",
    "CloseForm",
    "JudgeForm",
    "PlaceForm",
    "ReportForm",
    "RuleForm",
    "SubPlanForm",
    "SubmitForm",
    "SweepForm",
    "TeamForm",
    "VisitForm",
]

MOST_PHOTOS = 9
_RISKS = (
    ("general", _("一般")),
    ("larger", _("较大")),
    ("major", _("重大")),
    ("low", _("低")),
)


class Day(forms.DateInput):
    """A date with the browser's own picker."""

    input_type = "date"

    def __init__(self, **attrs: Any) -> None:
        super().__init__(attrs=attrs, format="%Y-%m-%d")


class ManyFiles(forms.ClearableFileInput):
    """A file control that takes several pictures."""

    allow_multiple_selected = True


class FilesField(forms.FileField):
    """Several files, each opened and judged when it is kept."""

    widget = ManyFiles

    def clean(self, data: Any, initial: Any = None) -> list[UploadedFile]:
        """Return every file given."""
        given = data if isinstance(data, list | tuple) else [data] if data else []
        if len(given) > MOST_PHOTOS:
            raise forms.ValidationError(_("一次最多 %(n)s 个文件。") % {"n": MOST_PHOTOS})
        return [super(FilesField, self).clean(file, initial) for file in given]


def _units() -> QuerySet[Unit]:
    return Unit.objects.exclude(code="enterprises").order_by("path")


def _people(units: QuerySet[Unit] | None = None) -> QuerySet[User]:
    found = User.objects.filter(is_active=True, enterprise_code="").select_related("unit")
    found = found.filter(grants__role__in=_BUSINESS).distinct()
    if units is not None:
        found = found.filter(unit__in=units)
    return found.order_by("unit__path", "name")


_BUSINESS = ("duty_officer", "district_officer", "department_head", "vice_leader", "leader")


def _districts() -> QuerySet[District]:
    return District.objects.defer("wkb").order_by("code")


class _Person(forms.ModelChoiceField):
    def label_from_instance(self, obj: User) -> str:
        """Name a person with the unit."""
        return f"{obj.name}（{obj.unit.name_zh}）"


class _People(forms.ModelMultipleChoiceField):
    def label_from_instance(self, obj: User) -> str:
        """Name a person with the unit."""
        return f"{obj.name}（{obj.unit.name_zh}）"


class _Districts(forms.ModelMultipleChoiceField):
    def __init__(self, **more: Any) -> None:
        super().__init__(
            queryset=District.objects.none(), widget=forms.CheckboxSelectMultiple, **more
        )

    def label_from_instance(self, obj: District) -> str:
        """Name a district in the reader's language."""
        return obj.name


class CampaignForm(forms.ModelForm):
    """The order of a campaign."""

    joint = forms.ModelMultipleChoiceField(
        Unit.objects.none(), label=_("联合部门"), required=False,
        widget=forms.SelectMultiple(attrs={"size": 6}),
    )  # fmt: skip

    class Meta:
        model = Campaign
        fields = (
            "title", "document", "document_no", "issued_on", "season", "aim", "lead", "starts_on", "ends_on",
            "plan_days", "report_days", "procedure", "matter",
        )  # fmt: skip
        widgets = {
            "issued_on": Day(), "starts_on": Day(), "ends_on": Day(), "aim": forms.Textarea(attrs={"rows": 4}),
        }  # fmt: skip
        help_texts = {
            "plan_days": _("自文件印发起；按工作日历计。"),
            "procedure": _("检查发现的问题按此程序立案。"),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        names = current()
        chosen = [(n, in_language(names[n].label)) for n in PROCEDURES if n in names]
        self.fields["procedure"] = forms.ChoiceField(
            label=_("发现问题立案的程序"), choices=chosen, help_text=_("检查发现的问题按此程序立案。")
        )  # fmt: skip
        self.fields["lead"].queryset = _units()
        self.fields["joint"].queryset = _units()
        if self.instance.pk:
            self.fields["joint"].initial = list(
                self.instance.joint.values_list("unit_id", flat=True)
            )


class RuleForm(forms.Form):
    """The filter that gives the list of objects."""

    kind = forms.ChoiceField(
        label=_("对象类别"), required=False,
        choices=[("enterprise", _("企业")), ("outfall", _("入河排污口")), ("section", _("监测断面")), ("", _("只按名单"))],
    )  # fmt: skip
    districts = _Districts(label=_("区市"), required=False, help_text=_("不选即全市。"))
    trades = forms.CharField(
        label=_("行业代码"), required=False, max_length=120,
        help_text=_("企业用；GB/T 4754 代码的开头，多个用顿号分隔，如 17、22。"),
    )  # fmt: skip
    classes = forms.MultipleChoiceField(
        label=_("管理类别或排口类别"), required=False, widget=forms.CheckboxSelectMultiple
    )
    state = forms.ChoiceField(
        label=_("排口状态"), required=False,
        choices=[("", _("不限")), ("active", _("在用")), ("online", _("在用且有在线监测")), ("ended", _("已封堵或并入"))],
    )  # fmt: skip
    named = forms.CharField(
        label=_("名单"), required=False, max_length=20000, widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("每行一个：企业、排污口或断面的编号；没有编号的点位写“区划代码,名称”。"),
    )  # fmt: skip
    reason = forms.CharField(label=_("事由"), max_length=200)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["districts"].queryset = _districts()
        permits = [c for c in Enterprise._meta.get_field("permit_class").choices if c[0] != "none"]
        kinds = Outfall.objects.values_list("outfall_class", flat=True).distinct()
        outfalls = [(name, name) for name in sorted(set(kinds.order_by()))]
        self.fields["classes"].choices = [*permits, *outfalls]

    def rule(self) -> dict[str, object]:
        """Return the filter as it is kept."""
        data = self.cleaned_data
        trades = data["trades"].replace("，", "、").replace(",", "、").upper().split("、")
        asked: dict[str, object] = {
            "kind": data["kind"],
            "districts": [d.code for d in data["districts"]],
            "trades": [t.strip() for t in trades if t.strip()],
            "classes": data["classes"],
            "state": data["state"],
            "named": [line.strip() for line in data["named"].splitlines() if line.strip()],
        }
        return {name: value for name, value in asked.items() if value}

    @staticmethod
    def shown(rule: Mapping[str, Any]) -> dict[str, object]:
        """Return a kept filter as the form shows it."""
        if not rule:
            return {"kind": "enterprise"}
        return {
            "kind": rule.get("kind", ""),
            "districts": District.objects.filter(code__in=rule.get("districts", [])),
            "trades": "、".join(rule.get("trades", [])),
            "classes": rule.get("classes", []),
            "state": rule.get("state", ""),
            "named": "\n".join(rule.get("named", [])),
        }


class SubPlanForm(forms.Form):
    """A district's task."""

    district = forms.ModelChoiceField(
        District.objects.none(), label=_("区市"), to_field_name="code"
    )
    person = _Person(User.objects.none(), label=_("责任人"))
    quota = forms.IntegerField(label=_("任务数（家次）"), min_value=0, max_value=100000)
    finish_on = forms.DateField(label=_("完成期限"), widget=Day())

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["district"]
        field.queryset = _districts()
        field.label_from_instance = lambda d: d.name
        self.fields["person"].queryset = _people(Unit.objects.exclude(district_code=""))


class SubmitForm(forms.ModelForm):
    """A sub-plan as it is handed in."""

    file = forms.FileField(label=_("方案文件"), required=False)

    class Meta:
        model = SubPlan
        fields = ("text",)
        widgets = {"text": forms.Textarea(attrs={"rows": 5})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["text"].required = True


class JudgeForm(forms.Form):
    """The verdict on a sub-plan."""

    opinion = forms.CharField(label=_("审核意见"), max_length=400, required=False)


class ReportForm(forms.Form):
    """One week's report."""

    week = forms.TypedChoiceField(label=_("周"), coerce=date.fromisoformat)
    text = forms.CharField(
        label=_("进展"), max_length=1000, widget=forms.Textarea(attrs={"rows": 4})
    )

    def __init__(
        self, *args: Any, campaign: Campaign, at: datetime, told: Sequence[date], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        free = [w for w in weeks(campaign, at=at) if w not in told]
        self.fields["week"].choices = [
            (w.isoformat(), f"{w.isoformat()} – {(w + timedelta(days=6)).isoformat()}")
            for w in free
        ]

    @property
    def has_weeks(self) -> bool:
        """Whether any week is left to report."""
        return bool(self.fields["week"].choices)


class TeamForm(forms.ModelForm):
    """A team of one round."""

    districts = _Districts(label=_("区市"))
    head = _Person(User.objects.none(), label=_("组长"))
    members = _People(
        User.objects.none(), label=_("组员"), required=False,
        widget=forms.SelectMultiple(attrs={"size": 8}),
    )  # fmt: skip
    group = forms.ChoiceField(
        label=_("抽调自专班"), required=False, help_text=_("选中后，专班当日的成员都是组员。")
    )

    class Meta:
        model = Team
        fields = ("name", "kind", "unit", "from_on", "to_on")
        widgets = {"from_on": Day(), "to_on": Day()}

    def __init__(self, *args: Any, campaign: Campaign, on: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.instance.campaign = campaign
        carrying = [campaign.lead_id, *campaign.joint.values_list("unit_id", flat=True)]
        self.fields["unit"].queryset = Unit.objects.filter(pk__in=carrying)
        self.fields["districts"].queryset = _districts()
        for name in ("head", "members"):
            self.fields[name].queryset = _people()
        self._groups = standing_groups(on)
        self.fields["group"].choices = [("", _("不从专班抽调")), *((n, n) for n in self._groups)]

    def people(self) -> list[User]:
        """Return the members chosen one by one and those of the group."""
        chosen = list(self.cleaned_data["members"])
        return [*chosen, *self._groups.get(self.cleaned_data.get("group") or "", [])]


class VisitForm(forms.Form):
    """What was found at one object."""

    result = forms.ChoiceField(
        label=_("结果"), choices=Visit.Result.choices, widget=forms.RadioSelect
    )
    finding = forms.CharField(
        label=_("检查情况"), max_length=1000, widget=forms.Textarea(attrs={"rows": 4})
    )
    problem = forms.CharField(
        label=_("问题"), max_length=60, required=False,
        help_text=_("一句话；作为案件标题，企业可见，不写举报与行动名称。"),
    )  # fmt: skip
    types = forms.MultipleChoiceField(
        label=_("污染类型"), required=False, widget=forms.CheckboxSelectMultiple
    )
    risk = forms.ChoiceField(label=_("风险等级"), choices=_RISKS, required=False)
    standard = forms.CharField(label=_("整改要求"), max_length=400, required=False)
    photos = FilesField(
        label=_("现场照片"), required=False, help_text=_("发现问题的至少一张。"),
        widget=ManyFiles(attrs={"accept": "image/*", "capture": "environment", "multiple": True}),
    )  # fmt: skip

    def __init__(self, *args: Any, campaign: Campaign, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["types"].choices = [(n, in_language(c)) for n, c in casework.TYPES.items()]
        self._hazard = campaign.procedure == "hazard"
        if not self._hazard:
            del self.fields["risk"], self.fields["standard"]

    def clean(self) -> dict[str, Any]:
        """Ask for what a problem needs."""
        data: dict[str, Any] = super().clean() or {}
        if data.get("result") == Visit.Result.PROBLEM:
            needed = ["problem", "photos", *(["risk", "standard"] if self._hazard else [])]
            for name in needed:
                if not data.get(name) and name not in self.errors:
                    self.add_error(name, _("发现问题时必须填写。"))
        return data


class PlaceForm(forms.Form):
    """A place found on the way."""

    district = forms.ModelChoiceField(
        District.objects.none(), label=_("区市"), to_field_name="code"
    )
    label = forms.CharField(label=_("名称"), max_length=100)

    def __init__(self, *args: Any, team: Team, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["district"]
        field.queryset = team.districts.defer("wkb").order_by("code")
        field.label_from_instance = lambda d: d.name
        field.empty_label = None


class SweepForm(forms.Form):
    """Look for the same elsewhere on the list."""

    case = forms.ModelChoiceField(Case.objects.none(), label=_("由哪一案"), to_field_name="number")
    title = forms.CharField(label=_("排查什么"), max_length=60)
    standard = forms.CharField(label=_("排查要求"), max_length=400)
    districts = _Districts(label=_("区市"), required=False, help_text=_("不选即清单全部。"))
    unvisited = forms.BooleanField(label=_("只排查尚未检查的对象"), required=False, initial=True)

    def __init__(self, *args: Any, cases: QuerySet[Case], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["case"]
        field.queryset = cases
        field.label_from_instance = lambda c: f"{c.number} {c.title}"
        self.fields["districts"].queryset = _districts()


class CloseForm(forms.Form):
    """The words of the closing report."""

    text = forms.CharField(
        label=_("总结"), max_length=4000, widget=forms.Textarea(attrs={"rows": 8}),
        help_text=_("成效、经验、未销号问题的后续安排。"),
    )  # fmt: skip
