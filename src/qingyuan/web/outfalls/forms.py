"""Forms of the outfall's record."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from qingyuan.core.factors import factors
from qingyuan.core.problems import Problem
from qingyuan.standards.outfalls import class_in_english, outfall_classes
from qingyuan.web.outfalls.models import RECORD_FIELDS, Lineage, OutfallRecord
from qingyuan.web.outfalls.services.samples import Result, parse_result
from qingyuan.web.registry.models import Enterprise, Outfall, OutfallLimit
from qingyuan.web.registry.models.geometry import in_language

__all__ = ["DischargerForm", "EndForm", "LimitForm", "RecordForm", "SampleForm", "WithdrawForm"]

_DATE = {"type": "date"}
_ASKED = ("w01018", "w21003", "w21011", "w21001", "w01019", "w01001", "w20123", "w21016")


def _water() -> list[tuple[str, str]]:
    return [(f.code, in_language(f.zh, f.en)) for f in factors().values() if f.medium == "water"]


class RecordForm(forms.ModelForm):
    """Every column of the record, and from when and why it changes."""

    valid_from = forms.DateField(
        label=_("生效日期"),
        widget=forms.DateInput(attrs=_DATE, format="%Y-%m-%d"),
        error_messages={
            "required": _("请填写生效日期；未保存。"),
            "invalid": _("写成 2026-09-22；未保存。"),
        },
    )
    reason = forms.CharField(
        label=_("变更原因"),
        max_length=200,
        widget=forms.Textarea(attrs={"rows": 2, "maxlength": 200}),
        help_text=_("例如“2026 年排查复核，管径实测”。旧版本原样保留。"),
        error_messages={"required": _("请写明变更原因；未保存。")},
    )
    seen = forms.IntegerField(widget=forms.HiddenInput)

    class Meta:
        model = OutfallRecord
        fields = RECORD_FIELDS
        widgets = {
            "found_on": forms.DateInput(attrs=_DATE, format="%Y-%m-%d"),
            "approved_on": forms.DateInput(attrs=_DATE, format="%Y-%m-%d"),
            "cure_by": forms.DateInput(attrs=_DATE, format="%Y-%m-%d"),
            "measures": forms.Textarea(attrs={"rows": 2, "maxlength": 400}),
            "tracing_result": forms.Textarea(attrs={"rows": 2, "maxlength": 300}),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            if isinstance(field, forms.TypedChoiceField):
                field.choices = [
                    (v, "—" if v in ("", None) else label) for v, label in field.choices
                ]
        held = self.instance.outfall_class
        groups: dict[str, list[tuple[str, str]]] = {}
        for one in outfall_classes().values():
            label = in_language(one.name, class_in_english(one.name))
            head = in_language(one.level1, class_in_english(one.level1))
            groups.setdefault(head, []).append((one.name, label))
        choices: list[tuple[str, Any]] = list(groups.items())
        if held and held not in outfall_classes():
            choices.insert(0, (held, held))
        self.fields["outfall_class"] = forms.ChoiceField(
            label=self.fields["outfall_class"].label, choices=choices
        )
        self.fields["found_level"] = forms.TypedChoiceField(
            label=self.fields["found_level"].label, required=False, coerce=int, empty_value=None,
            choices=[("", "—"), (1, _("一级（遥感、无人机）")), (2, _("二级（人工徒步）")), (3, _("三级（疑难攻坚）"))],
        )  # fmt: skip
        self.fields["target_class"] = forms.ChoiceField(
            label=self.fields["target_class"].label, required=False,
            choices=[("", "—"), *((c, c) for c in ("Ⅰ", "Ⅱ", "Ⅲ", "Ⅳ", "Ⅴ"))],
        )  # fmt: skip

    def _post_clean(self) -> None:
        """Leave the instance alone: the deed compares with what is in force."""

    @property
    def changes(self) -> dict[str, Any]:
        """The record's own fields, cleaned."""
        return {
            name: self.cleaned_data[name] for name in RECORD_FIELDS if name in self.cleaned_data
        }


class SampleForm(forms.Form):
    """One sample: when, by whom, and a result per factor."""

    taken_at = forms.DateTimeField(
        label=_("采样时间"),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}),
        error_messages={"required": _("请填写采样时间；未保存。")},
    )
    laboratory = forms.CharField(label=_("检测单位"), max_length=120)
    report_no = forms.CharField(label=_("报告编号"), max_length=60, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        names = dict(_water())
        for code in _ASKED:
            if code in names:
                self.fields[code] = forms.CharField(
                    label=f"{names[code]}（mg/L）", required=False, max_length=24
                )

    @property
    def result_fields(self) -> list[forms.BoundField]:
        """The fields of the factors."""
        return [self[name] for name in self.fields if name in _ASKED]

    def clean(self) -> dict[str, Any]:
        """Read each result; one that is none is told at its own field."""
        data = super().clean() or {}
        self.results: list[Result] = []
        for code in _ASKED:
            text = (data.get(code) or "").strip()
            if not text:
                continue
            try:
                self.results.append(parse_result(code, text))
            except Problem as problem:
                self.add_error(code, in_language(problem.zh, problem.en))
        if not self.results and not self.errors:
            raise forms.ValidationError(_("至少填写一个因子的结果；未保存。"))
        return data


class WithdrawForm(forms.Form):
    """Why a result is withdrawn."""

    reason = forms.CharField(
        label=_("撤销理由"),
        max_length=200,
        error_messages={"required": _("请写明撤销理由；未作改动。")},
    )


class DischargerForm(forms.Form):
    """Who discharges through it."""

    enterprise = forms.ModelChoiceField(
        label=_("登记企业"),
        queryset=Enterprise.objects.none(),
        required=False,
        to_field_name="code",
    )
    name = forms.CharField(label=_("名称（不在企业名录时）"), max_length=120, required=False)
    credit_code = forms.RegexField(
        label=_("统一社会信用代码"), regex=r"^[0-9A-Z]{18}$", required=False
    )
    permit_no = forms.CharField(label=_("排污许可证编号"), max_length=40, required=False)
    outlet_no = forms.RegexField(
        label=_("排放口编号"),
        regex=r"^DW\d{3}$",
        required=False,
        help_text=_("DW 加三位数字（HJ 608-2017）"),
    )
    quantity_m3_d = forms.FloatField(label=_("水量（m³/d）"), required=False, min_value=0)
    duty = forms.CharField(label=_("各方责任"), max_length=200, required=False)
    responsible = forms.BooleanField(label=_("责任主体"), required=False)
    valid_from = forms.DateField(
        label=_("自"), widget=forms.DateInput(attrs=_DATE, format="%Y-%m-%d")
    )

    def __init__(self, *args: Any, enterprises: QuerySet[Enterprise], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["enterprise"].queryset = enterprises
        self.fields["enterprise"].label_from_instance = lambda row: (
            row.name
        )  # the reader's language

    def clean(self) -> dict[str, Any]:
        """Ask for a name where no enterprise was chosen."""
        data = super().clean() or {}
        if not data.get("enterprise") and not (data.get("name") or "").strip():
            raise forms.ValidationError(_("选择企业或填写名称；未保存。"))
        return data


class LimitForm(forms.Form):
    """A limit from a day on."""

    factor = forms.ChoiceField(label=_("因子"))
    limit = forms.DecimalField(label=_("限值"), max_digits=18, decimal_places=6, min_value=0)
    unit = forms.CharField(label=_("单位"), max_length=16, initial="mg/L")
    averaging = forms.ChoiceField(
        label=_("均值时段"), choices=OutfallLimit._meta.get_field("averaging").choices
    )
    standard = forms.CharField(label=_("执行标准"), max_length=120)
    level = forms.CharField(label=_("级别"), max_length=60, required=False)
    valid_from = forms.DateField(
        label=_("自"), widget=forms.DateInput(attrs=_DATE, format="%Y-%m-%d")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["factor"].choices = _water()


class EndForm(forms.Form):
    """How and when an outfall ended."""

    kind = forms.ChoiceField(label=_("方式"), choices=Lineage.Kind.choices)
    into = forms.CharField(
        label=_("并入或改建为（编号）"), max_length=40, required=False,
        help_text=_("封堵不填；并入、改建填写另一排污口的编号。"),
    )  # fmt: skip
    on = forms.DateField(label=_("日期"), widget=forms.DateInput(attrs=_DATE, format="%Y-%m-%d"))
    reason = forms.CharField(
        label=_("理由"), max_length=200, widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": _("请写明理由；未作改动。")},
    )  # fmt: skip

    def clean_into(self) -> Outfall | None:
        """Return the outfall named, if one was."""
        code = self.cleaned_data["into"].strip()
        if not code:
            return None
        found = Outfall.objects.filter(code=code).first()
        if found is None:
            raise forms.ValidationError(_("没有编号为此的排污口；未作改动。"))
        return found
