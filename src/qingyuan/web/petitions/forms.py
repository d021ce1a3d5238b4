"""Forms of petitions: for the desk, for the registers, for the public."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from django import forms
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from qingyuan.web.accounts.models import User
from qingyuan.web.petitions.models import (
    FIVE,
    KINDS_OF_TARGET,
    ConductReport,
    Escalation,
    PackageVisit,
    Petition,
    SampleCheck,
    SampleDraw,
)
from qingyuan.web.petitions.selectors.settings import channels
from qingyuan.web.petitions.tables import Category, categories, parameter_rows
from qingyuan.web.registry.models import District, Enterprise

__all__ = ["AvoidanceForm", "ChannelForm", "CheckForm", "ConductForm", "ConductResultForm", "EscalationForm", "IntakeForm", "LookBackForm", "LookForm", "PackageForm", "ParameterForm", "ProgressForm", "PublicReportForm", "RefuseForm", "RegisterForm", "SampleForm", "StabilityForm", "TargetForm", "TickForm", "VisitForm", "WordsForm"]  # fmt: skip

_DATE = {"type": "date"}


def _english() -> bool:
    return (get_language() or "").startswith("en")


def _day(label: object, **more: Any) -> forms.DateField:
    return forms.DateField(
        label=label, widget=forms.DateInput(attrs=_DATE, format="%Y-%m-%d"), **more
    )


def _area(rows: int = 3, **attrs: object) -> forms.Textarea:
    return forms.Textarea(attrs={"rows": rows, **attrs})


def _kinds() -> list[tuple[str, str]]:
    return [(c.code, c.en if _english() else c.zh) for c in categories().values()]


class Districts(forms.ModelChoiceField):
    """A district, called in the reader's language."""

    def label_from_instance(self, obj: Any) -> str:
        """Return its name."""
        return str(obj.name)


class ManyFiles(forms.ClearableFileInput):
    """A file input that takes several."""

    allow_multiple_selected = True


class Photos(forms.FileField):
    """Several pictures at once."""

    widget = ManyFiles

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        """Return the files as a list."""
        held = data if isinstance(data, list | tuple) else [data] if data else []
        return [super(Photos, self).clean(one, initial) for one in held]


class _Place(forms.Form):
    """A point, whole or absent."""

    lon = forms.FloatField(label=_("经度"), required=False, min_value=-180, max_value=180)
    lat = forms.FloatField(label=_("纬度"), required=False, min_value=-90, max_value=90)

    def clean(self) -> dict[str, Any]:
        """Refuse half a point."""
        given = super().clean() or {}
        if (given.get("lon") is None) != (given.get("lat") is None):
            self.add_error("lat", _("经度与纬度须同时填写或同时留空。"))
        return given


class IntakeForm(_Place):
    """A report as somebody brings it to the desk."""

    channel = forms.ChoiceField(label=_("渠道"))
    received_at = forms.DateTimeField(
        label=_("收到时间"),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"],
    )
    source_system = forms.CharField(label=_("来源系统"), max_length=40, required=False)
    source_no = forms.CharField(label=_("来源编号（工单号）"), max_length=80, required=False)
    category = forms.ChoiceField(label=_("类别"))
    text = forms.CharField(label=_("反映内容（原文，密封保存）"), widget=_area(4), max_length=4000)
    place = forms.CharField(label=_("地点（原文，密封保存）"), max_length=200, required=False)
    district = Districts(
        District.objects.none(), label=_("区市"), to_field_name="code", required=False
    )
    name = forms.CharField(label=_("来件人姓名"), max_length=60, required=False)
    phone = forms.CharField(label=_("电话"), max_length=40, required=False)
    id_number = forms.CharField(label=_("证件号"), max_length=40, required=False)
    address = forms.CharField(label=_("住址"), max_length=200, required=False)
    email = forms.EmailField(label=_("邮箱"), required=False)
    note = forms.CharField(label=_("联系备注"), max_length=200, required=False)
    source_url = forms.CharField(label=_("网址（舆情）"), max_length=400, required=False)
    heat = forms.IntegerField(label=_("热度（阅读量）"), min_value=0, required=False)
    photos = Photos(label=_("照片"), required=False, widget=ManyFiles(attrs={"accept": "image/*"}))

    def __init__(self, *args: Any, on: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["channel"].choices = [(c.code, c.label) for c in channels(on=on).values()]
        self.fields["category"].choices = _kinds()
        self.fields["district"].queryset = District.objects.defer("wkb").order_by("code")
        order = ["channel", "received_at", "category", "text", "place", "district", "lon", "lat"]
        self.order_fields(order)

    def clean(self) -> dict[str, Any]:
        """Refuse a number without its system."""
        given = super().clean()
        if bool(given.get("source_system")) != bool(given.get("source_no")):
            self.add_error("source_no", _("来源系统与来源编号须同时填写。"))
        return given


class RegisterForm(_Place):
    """What makes a petition of a report."""

    title = forms.CharField(
        label=_("标题"), max_length=160,
        help_text=_("不得写明来自谁，也不得出现“举报”“投诉”等字样。例如“东山区望海路大气异味问题”。"),
    )  # fmt: skip
    text_inspector = forms.CharField(
        label=_("核查人员可读文本（经您确认）"), widget=_area(4), max_length=1000,
        help_text=_("以下已按规则涂去疑似个人信息，请逐字核对后确认。"),
    )  # fmt: skip
    types = forms.MultipleChoiceField(label=_("污染类型"), widget=forms.CheckboxSelectMultiple)
    kind = forms.ChoiceField(label=_("信访类别"), choices=Petition.Kind.choices)
    district = Districts(District.objects.none(), label=_("区市"), to_field_name="code")
    enterprise = forms.CharField(
        label=_("所涉企业代码"), max_length=40, required=False,
        help_text=_("已知才填；企业不会因此看到本件。"),
    )  # fmt: skip
    provenance = forms.CharField(label=_("交转来源"), max_length=80, required=False)
    batch = forms.CharField(
        label=_("批次"), max_length=80, required=False,
        help_text=_("例如“中央交办第三批信访积案”。"),
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["types"].choices = _kinds()
        self.fields["district"].queryset = District.objects.defer("wkb").order_by("code")

    def clean_enterprise(self) -> str:
        """Refuse a code nobody bears."""
        code = self.cleaned_data["enterprise"].strip()
        if code and not Enterprise.objects.filter(code=code).exists():
            raise forms.ValidationError(_("没有代码为“%(given)s”的企业。"), params={"given": code})
        return code


class RefuseForm(forms.Form):
    """Why a report is not registered."""

    reason = forms.CharField(label=_("不予登记的理由"), max_length=200)


class LookForm(forms.Form):
    """Why one looks."""

    reason = forms.CharField(
        label=_("查看理由"), max_length=200,
        help_text=_("查看将留痕并告知上级；理由中不要写来件人信息。"),
    )  # fmt: skip


class WordsForm(forms.Form):
    """The words one kind of reader may see."""

    reader = forms.ChoiceField(
        label=_("给谁看"), choices=[("inspector", _("核查人员")), ("enterprise", _("企业"))]
    )
    words = forms.CharField(label=_("可读文本（经您确认）"), widget=_area(5), max_length=1000)


class PackageForm(forms.Form):
    """The four ones."""

    leader = forms.ModelChoiceField(
        User.objects.none(), label=_("一名领导"), to_field_name="username"
    )
    team = forms.CharField(label=_("一套班子"), max_length=400, widget=_area(2))
    plan = forms.CharField(label=_("一个方案"), max_length=1000, widget=_area(4))
    pursuit = forms.CharField(
        label=_("一抓到底（何时、怎样算化解）"), max_length=400, widget=_area(2)
    )
    period = forms.CharField(label=_("包案期"), max_length=20, help_text=_("例如“2026下半年”。"))

    def __init__(self, *args: Any, leaders: Sequence[int], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["leader"].queryset = User.objects.filter(pk__in=leaders).order_by("username")


class TickForm(forms.Form):
    """One of the five."""

    kind = forms.ChoiceField(label=_("五包"), choices=FIVE)
    done_on = _day(_("完成日期"))
    note = forms.CharField(label=_("情况"), max_length=400, widget=_area(2))


class VisitForm(forms.Form):
    """One visit."""

    mode = forms.ChoiceField(label=_("方式"), choices=PackageVisit.Mode.choices)
    on = _day(_("日期"))
    note = forms.CharField(label=_("情况（不得含来件人信息）"), max_length=400, widget=_area(2))


class TargetForm(forms.Form):
    """One yearly target."""

    year = forms.IntegerField(label=_("年度"), min_value=2015, max_value=2100)
    kind = forms.ChoiceField(label=_("任务"), choices=KINDS_OF_TARGET)
    count = forms.IntegerField(label=_("件数"), min_value=1)
    basis = forms.CharField(label=_("依据"), max_length=120)


class EscalationForm(forms.Form):
    """A petition past the level."""

    number = forms.CharField(label=_("登记号"), max_length=40)
    district = Districts(District.objects.none(), label=_("区市"), to_field_name="code")
    level = forms.ChoiceField(label=_("层级"), choices=Escalation.Level.choices)
    on = _day(_("日期"))
    people = forms.IntegerField(label=_("人数"), min_value=1, initial=1)
    matter = forms.CharField(label=_("事项（不得含个人信息）"), max_length=200)
    stability = forms.ChoiceField(label=_("稳控状态"), choices=Escalation.Stability.choices)
    case = forms.CharField(label=_("关联案件编号"), max_length=40, required=False)

    def __init__(self, *args: Any, districts: Sequence[str] | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        found = District.objects.defer("wkb").order_by("code")
        self.fields["district"].queryset = (
            found if districts is None else found.filter(code__in=districts)
        )


class StabilityForm(forms.Form):
    """How it stands now."""

    stability = forms.ChoiceField(label=_("稳控状态"), choices=Escalation.Stability.choices)
    note = forms.CharField(label=_("情况（不得含个人信息）"), max_length=400)


class SampleForm(forms.Form):
    """A draw."""

    purpose = forms.ChoiceField(label=_("目的"), choices=SampleDraw.Purpose.choices)
    channel = forms.ChoiceField(label=_("渠道"), required=False)
    since = _day(_("自"))
    until = _day(_("至"))
    rate = forms.DecimalField(
        label=_("比例"), required=False, min_value=0, max_value=100, decimal_places=2, max_digits=5,
        help_text=_("%；留空按参数。"),
    )  # fmt: skip
    reason = forms.CharField(label=_("重抽理由"), max_length=200, required=False)

    def __init__(self, *args: Any, on: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        held = [(c.code, c.label) for c in channels(on=on).values()]
        self.fields["channel"].choices = [("", _("全部")), *held]


class CheckForm(forms.Form):
    """The form of one drawn item."""

    in_time = forms.BooleanField(label=_("按时办结"), required=False)
    replied = forms.BooleanField(label=_("已答复来件人"), required=False)
    evidence = forms.BooleanField(label=_("佐证齐全"), required=False)
    finding = forms.ChoiceField(label=_("结论"), choices=SampleCheck.Finding.choices)
    note = forms.CharField(label=_("说明"), max_length=400, required=False)
    number = forms.CharField(widget=forms.HiddenInput)


class LookBackForm(forms.Form):
    """A campaign of looking back."""

    name = forms.CharField(label=_("名称"), max_length=80)
    basis = forms.CharField(label=_("依据"), max_length=120, required=False)
    channel = forms.ChoiceField(label=_("渠道"), required=False)
    since = _day(_("办结日期自"))
    until = _day(_("至"))

    def __init__(self, *args: Any, on: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        held = [(c.code, c.label) for c in channels(on=on).values()]
        self.fields["channel"].choices = [("", _("全部")), *held]


class ChannelForm(forms.Form):
    """A channel."""

    code = forms.CharField(label=_("代码"), max_length=40)
    zh = forms.CharField(label=_("名称"), max_length=80)
    en = forms.CharField(label=_("英文名"), max_length=120, required=False)
    former = forms.CharField(label=_("曾用名（、分隔）"), max_length=200, required=False)
    procedure = forms.ChoiceField(
        label=_("程序"), choices=[("petition", _("信访举报办理")), ("hotline", _("12345 热线工单"))]
    )
    valid_from = _day(_("自"))
    valid_to = _day(_("至"), required=False)


class ParameterForm(forms.Form):
    """A parameter."""

    name = forms.ChoiceField(label=_("参数"))
    value = forms.DecimalField(label=_("值"), min_value=0, max_digits=12, decimal_places=3)
    valid_from = _day(_("自"))
    document = forms.CharField(label=_("依据"), max_length=120)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].choices = [
            (p.name, p.en if _english() else p.zh) for p in parameter_rows().values()
        ]


class AvoidanceForm(forms.Form):
    """An officer linked to an enterprise."""

    officer = forms.CharField(label=_("人员账号"), max_length=64)
    enterprise = forms.CharField(label=_("企业代码"), max_length=40)
    relation = forms.CharField(label=_("关系"), max_length=120)
    valid_from = _day(_("自"))


class PublicReportForm(_Place):
    """What a citizen tells; the category asks its own questions."""

    place = forms.CharField(
        label=_("在哪里"), max_length=200,
        help_text=_("路名、路口、村庄或附近的明显建筑。"),
    )  # fmt: skip
    text = forms.CharField(label=_("发生了什么"), widget=_area(4), max_length=2000)
    photos = Photos(
        label=_("照片"), required=False, help_text=_("至多 5 张；照片中的拍摄地点等信息会被去除。"),
        widget=ManyFiles(attrs={"accept": "image/*"}),
    )  # fmt: skip
    name = forms.CharField(label=_("怎么称呼您"), max_length=60, required=False)
    phone = forms.CharField(
        label=_("电话"), max_length=40, required=False,
        help_text=_("只用于答复和回访，加密保存，不告知被反映的单位；可以不填。"),
    )  # fmt: skip

    def __init__(self, *args: Any, category: Category, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.questions = []
        for question in category.questions:
            name = f"q_{question.name}"
            self.fields[name] = forms.ChoiceField(
                label=question.en if _english() else question.zh,
                widget=forms.RadioSelect, required=False,
                choices=[(k, en if _english() else zh) for k, (zh, en) in question.choices.items()],
            )  # fmt: skip
            self.questions.append((name, question))
        self.fields["lon"].help_text = _("知道坐标才填。")
        self.order_fields(["place", *[name for name, _question in self.questions], "text"])


class ProgressForm(forms.Form):
    """Number and code."""

    number = forms.CharField(label=_("来件号"), max_length=20)
    code = forms.CharField(
        label=_("查询码"), max_length=12, widget=forms.TextInput(attrs={"inputmode": "numeric"})
    )


class ConductForm(forms.Form):
    """What a citizen says about staff or about what is published."""

    kind = forms.ChoiceField(label=_("反映什么"), choices=ConductReport.Kind.choices)
    subject = forms.CharField(label=_("涉及的窗口、单位或人员"), max_length=200, required=False)
    text = forms.CharField(label=_("情况"), widget=_area(5), max_length=4000)
    contact = forms.CharField(label=_("联系方式"), max_length=200, required=False)


class ConductResultForm(forms.Form):
    """What came of it."""

    proven = forms.BooleanField(label=_("属实"), required=False)
    result = forms.CharField(label=_("办理结果"), widget=_area(4), max_length=2000)
