"""Forms of plans."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from qingyuan.core.calendar import WorkCalendar
from qingyuan.web.accounts import selectors as accounts
from qingyuan.web.accounts.models import Unit, User
from qingyuan.web.accounts.scope import Scope
from qingyuan.web.plans.models import Accountability, DocumentUse, Evaluation, Node, Plan
from qingyuan.web.plans.progress import backward
from qingyuan.web.plans.sheet import names_in
from qingyuan.web.registry import selectors as registry
from qingyuan.web.registry.models import District

__all__ = [
    "AccountForm",
    "DocumentForm",
    "EvaluateForm",
    "NodeForm",
    "PhasesForm",
    "PlanForm",
    "ReportForm",
    "TextForm",
]

_MISSING = {"required": _("请填写此项；未保存。")}


def _day(label: Any, *, required: bool = True, help_text: Any = "") -> forms.DateField:
    return forms.DateField(
        label=label,
        required=required,
        help_text=help_text,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={**_MISSING, "invalid": _("写成 2026-09-22；未保存。")},
    )


def _text(
    label: Any, *, most: int, rows: int = 3, required: bool = True, help_text: Any = ""
) -> forms.CharField:
    return forms.CharField(
        label=label,
        max_length=most,
        required=required,
        help_text=help_text,
        widget=forms.Textarea(attrs={"rows": rows}),
        error_messages=_MISSING,
    )


class PlanForm(forms.Form):
    """A new plan."""

    kind = forms.ChoiceField(label=_("类别"), choices=Plan.Kind.choices)
    title = forms.CharField(label=_("名称"), max_length=160, error_messages=_MISSING)
    document_no = forms.CharField(label=_("文号"), max_length=60, required=False)
    issuer = forms.CharField(label=_("制发机关或巡察机构"), max_length=120, required=False)
    office = forms.ModelChoiceField(
        label=_("牵头单位"),
        queryset=Unit.objects.none(),
        to_field_name="code",
        error_messages=_MISSING,
    )
    district = forms.ModelChoiceField(
        label=_("所在区市"),
        queryset=District.objects.none(),
        to_field_name="code",
        help_text=_("责任单位不属任何区市时，案件编在这里。"),
        error_messages=_MISSING,
    )
    group = forms.CharField(
        label=_("领导小组"),
        max_length=300,
        required=False,
        help_text=_("双组长、副组长与成员单位。"),
    )
    starts_on = _day(_("开始"))
    ends_on = _day(_("完成期限"))
    announced = forms.IntegerField(
        label=_("文件所称任务数"),
        required=False,
        min_value=1,
        max_value=999,
        help_text=_("例如“二十五项工作”填 25；与读到的条数不同时如实列出。"),
    )
    rhythm = forms.ChoiceField(label=_("报送周期"), choices=Plan.Rhythm.choices)
    grace_days = forms.IntegerField(
        label=_("周期结束后可报送的日数"), min_value=0, max_value=15, initial=1
    )
    inspected_from = _day(_("巡察开始"), required=False)
    inspected_to = _day(_("巡察结束"), required=False)
    fed_back_on = _day(_("反馈日期"), required=False)
    outlook = _text(_("今后打算（每行一条）"), most=4000, required=False)

    def __init__(self, *args: Any, scope: Scope, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        units = accounts.units().exclude(kind__in=["town"])
        mine = registry.districts(scope)
        if not scope.city:
            units = units.filter(path__startswith=scope.unit_path or "none")
            mine = mine.filter(code__in=sorted(scope.districts))
        self.fields["office"].queryset = units
        self.fields["district"].queryset = mine
        self.fields["district"].label_from_instance = lambda row: row.name  # the reader's language

    def clean(self) -> dict[str, Any]:
        """Say at the field itself when the plan ends before it begins."""
        data = super().clean() or {}
        begin, end = data.get("starts_on"), data.get("ends_on")
        if begin and end and end < begin:
            self.add_error("ends_on", _("完成期限早于开始；未保存。"))
        return data


class PhasesForm(forms.Form):
    """Phases with their dates, or working days to be set backwards from the end (倒排)."""

    lines = _text(
        _("阶段（每行一个）"),
        most=2000,
        rows=5,
        help_text=_(
            "写“动员部署 2026-04-15 2026-04-30”；或只写“动员部署 10”，由完成期限按工作日倒排。"
        ),
    )

    def __init__(self, *args: Any, plan: Plan, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.plan = plan

    def clean_lines(self) -> list[tuple[str, date, date]]:
        """Read the phases; those with working days only are laid out backwards."""
        rows = [line.split() for line in self.cleaned_data["lines"].splitlines() if line.strip()]
        if rows and all(len(r) == 2 and r[1].isdigit() and 1 <= int(r[1]) <= 2000 for r in rows):
            days = WorkCalendar.official()
            return backward(self.plan.ends_on, [(r[0][:60], int(r[1])) for r in rows], days)
        made = []
        for number, row in enumerate(rows, 1):
            try:
                title, begin, end = row
                made.append((title[:60], date.fromisoformat(begin), date.fromisoformat(end)))
            except ValueError:
                raise forms.ValidationError(
                    _(
                        "第 %(n)s 行读不懂：须是“名称 开始 结束”，或每行都是“名称 工作日数”；未保存。"
                    ),
                    params={"n": number},
                ) from None
        return made


class TextForm(forms.Form):
    """The text of a rectification report."""

    text = forms.CharField(
        label=_("通报正文"),
        max_length=400_000,
        widget=forms.Textarea(attrs={"rows": 18}),
        help_text=_(
            "按原文粘贴：“1.问题”“（1）子问题”“整改情况：一是……。二是……。”；序号与书名号中的文件自动识别。"
        ),
        error_messages=_MISSING,
    )


class NodeForm(forms.Form):
    """A heading, a measure or a task."""

    kind = forms.ChoiceField(label=_("类别"), choices=Node.Kind.choices)
    parent = forms.ModelChoiceField(
        label=_("上级条目"), queryset=Node.objects.none(), required=False, empty_label="—"
    )
    number = forms.CharField(label=_("序号"), max_length=12, error_messages=_MISSING)
    title = _text(_("内容"), most=1000)
    units = forms.CharField(
        label=_("责任部门"),
        max_length=400,
        required=False,
        help_text=_("多个以顿号分隔，首个牵头。"),
    )
    leader = forms.ModelChoiceField(
        label=_("责任领导"),
        queryset=User.objects.none(),
        to_field_name="username",
        required=False,
        empty_label="—",
    )
    person = forms.ModelChoiceField(
        label=_("责任人"),
        queryset=User.objects.none(),
        to_field_name="username",
        required=False,
        empty_label="—",
    )
    starts_on = _day(_("启动"), required=False)
    due_on = _day(_("期限"), required=False)
    phase = forms.ModelChoiceField(label=_("阶段"), queryset=None, required=False, empty_label="—")
    year = forms.IntegerField(label=_("年度"), required=False, min_value=2000, max_value=2100)
    target = forms.CharField(label=_("目标"), max_length=200, required=False)
    remark = forms.CharField(label=_("备注"), max_length=400, required=False)

    def __init__(
        self, *args: Any, plan: Plan, scope: Scope, node: Node | None = None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        people = accounts.people_visible(scope)
        for name in ("leader", "person"):
            self.fields[name].queryset = people
            self.fields[name].label_from_instance = lambda user: (
                f"{user.name}（{user.unit.name_zh}）"
            )
        self.fields["phase"].queryset = plan.phases.order_by("seq")
        headings = plan.nodes.exclude(kind__in=Node.WORK).order_by("path")
        self.fields["parent"].queryset = headings
        self.fields["parent"].label_from_instance = lambda row: "　" * row.depth + str(row)[:60]
        if node is not None:
            for name in ("kind", "parent"):
                del self.fields[name]

    def clean_units(self) -> list[str]:
        """Return the departments in order."""
        return list(names_in(self.cleaned_data["units"]))

    @property
    def changes(self) -> dict[str, Any]:
        """The node's own facts."""
        return {n: v for n, v in self.cleaned_data.items() if n not in ("units", "kind", "parent")}


class ReportForm(forms.Form):
    """A task's report of the period."""

    percent = forms.IntegerField(
        label=_("进度（%）"), min_value=0, max_value=100, error_messages=_MISSING
    )
    text = _text(_("本期进展"), most=400, rows=4)


class DocumentForm(forms.Form):
    """A document a measure produced, revised or cites."""

    title = forms.CharField(label=_("标题"), max_length=200, error_messages=_MISSING)
    act = forms.ChoiceField(label=_("作为"), choices=DocumentUse.Act.choices)
    number = forms.CharField(label=_("文号"), max_length=60, required=False)
    issuer = forms.CharField(label=_("制发机关"), max_length=120, required=False)
    issued_on = _day(_("印发日期"), required=False)


class AccountForm(forms.Form):
    """Who was held to account."""

    form = forms.ChoiceField(label=_("方式"), choices=Accountability.Form.choices)
    whom = forms.CharField(label=_("对象"), max_length=120, error_messages=_MISSING)
    reason = _text(_("事由"), most=400)
    on = _day(_("日期"))


class EvaluateForm(forms.Form):
    """What became of one measure."""

    year = forms.IntegerField(label=_("评估年度"), min_value=2000, max_value=2100)
    verdict = forms.ChoiceField(label=_("结论"), choices=Evaluation.Verdict.choices)
    finding = _text(_("评估情况"), most=1000)
    problem = _text(_("发现的问题"), most=1000, required=False, help_text=_("填写后立案整改。"))
