"""Forms: one made from a deed's fields and evidence, one to open a case by hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from qingyuan import casework
from qingyuan.core.periods import city_date
from qingyuan.web.accounts import selectors as accounts
from qingyuan.web.accounts.scope import Scope
from qingyuan.web.cases.models import Case
from qingyuan.web.cases.models.case import LEVELS, MATTERS, in_language
from qingyuan.web.cases.services import Upload, matrix_assignment
from qingyuan.web.files.services import LARGEST_MB
from qingyuan.web.registry import selectors as registry

__all__ = ["DeedForm", "OpenForm"]

_PICTURES = "image/jpeg,image/png,image/webp"
_ANY_FILE = f"{_PICTURES},.pdf,.docx,.xlsx"
MOST_FILES = 9


class _ManyFiles(forms.ClearableFileInput):
    allow_multiple_selected = True


class _FilesField(forms.FileField):
    """Several files at once; an empty one is named."""

    widget = _ManyFiles

    def clean(self, data: Any, initial: Any = None) -> list[UploadedFile]:
        given = [item for item in (data if isinstance(data, list | tuple) else [data]) if item]
        if self.required and not given:
            raise forms.ValidationError(self.error_messages["required"], code="required")
        if len(given) > MOST_FILES:
            raise forms.ValidationError(_("一次最多 %(n)s 个文件。") % {"n": MOST_FILES})
        return given


class _ProblemsField(forms.CharField):
    """One problem a line, numbers and dashes in front taken away."""

    widget = forms.Textarea

    def to_python(self, value: Any) -> list[str]:
        lines = [
            line.strip().lstrip("0123456789.、．-—（）() ")
            for line in str(value or "").splitlines()
        ]
        return [line[:400] for line in lines if line]

    def validate(self, value: Any) -> None:
        if self.required and not value:
            raise forms.ValidationError(self.error_messages["required"], code="required")

    def run_validators(self, value: Any) -> None:
        """Lengths are cut line by line; the character checks of text do not apply to a list."""

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(value) if isinstance(value, list) else value


class DeedForm(forms.Form):
    """The form of one deed on one case, made from the procedure (动作表单).

    Parameters
    ----------
    deed, case, scope, at
        What is to be done, on what, by whom it is seen, and when.
    have : frozenset of str
        Kinds of evidence the case already has; they are then optional.
    """

    def __init__(
        self,
        *args: Any,
        deed: casework.Deed,
        case: Case,
        scope: Scope,
        at: datetime,
        have: frozenset[str] = frozenset(),
        phone: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.deed, self.case = deed, case
        named = matrix_assignment(case, at=at) if any(f.kind == "unit" for f in deed.fields) else {}
        for field in deed.fields:
            made = _field(field, scope=scope, at=at)
            made.label = in_language(field.label)
            made.required = field.required
            made.error_messages["required"] = _("请填写“%(label)s”。") % {"label": made.label}
            if field.name in named:
                made.initial = named[field.name]
                made.help_text = _("已按责任矩阵填好，可改。")
            self.fields[field.name] = made
        self._add_evidence(have, phone=phone)
        self.fields["seen"] = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def _add_evidence(self, have: frozenset[str], *, phone: bool) -> None:
        alone = {n.kinds[0] for n in self.deed.evidence if len(n.kinds) == 1 and not n.or_field}
        asked = dict.fromkeys(
            [*(k for n in self.deed.evidence for k in n.kinds), *self.deed.offers]
        )
        for kind in asked:
            label = in_language(self.case.rules.evidence[kind])
            required = kind in alone and kind not in have
            picture = kind.endswith("_photo")
            made = _FilesField(required=required, label=label)
            made.widget.attrs["accept"] = _PICTURES if picture else _ANY_FILE
            if picture and phone:
                made.widget.attrs["capture"] = "environment"
            made.error_messages["required"] = _("请上传“%(label)s”。") % {"label": label}
            made.help_text = (
                _("本轮已有，可补充。")
                if kind in have
                else _("照片：JPG、PNG、WebP，不超过 20 MB。")
                if picture
                else _("照片、PDF、Word 或 Excel，不超过 20 MB。")
            )
            self.fields[f"evidence_{kind}"] = made

    @property
    def data_given(self) -> dict[str, object]:
        """The values of the deed's own fields, empty ones left out."""
        names = [f.name for f in self.deed.fields]
        return {n: v for n in names if (v := self.cleaned_data.get(n)) not in (None, "", [])}

    @property
    def uploads(self) -> list[Upload]:
        """The files handed in, with their kind."""
        return [
            Upload(
                name.removeprefix("evidence_"),
                item.name or "",
                item.read(LARGEST_MB * 1_000_000 + 1),
            )
            for name, files in self.cleaned_data.items()
            if name.startswith("evidence_")
            for item in files
        ]


def _field(field: casework.Field, *, scope: Scope, at: datetime) -> forms.Field:
    """Return the control that asks for one field."""
    match field.kind:
        case "text":
            return forms.CharField(
                max_length=400, widget=forms.Textarea(attrs={"rows": 3, "maxlength": 400})
            )
        case "choice":
            return forms.ChoiceField(
                choices=[
                    ("", _("请选择")),
                    *((n, in_language(c)) for n, c in field.choices.items()),
                ]
            )
        case "date":
            today = city_date(at).isoformat()
            return forms.DateField(
                widget=forms.DateInput(attrs={"type": "date", "min": today}, format="%Y-%m-%d"),
                error_messages={"invalid": _("请写成 2026-10-16 这样的日期。")},
            )
        case "days":
            return forms.IntegerField(min_value=1, max_value=365)
        case "problems":
            return _ProblemsField(
                widget=forms.Textarea(attrs={"rows": 5}),
                help_text=_("每行写一条，将逐条推送、逐条整改。"),
            )
        case "unit":
            return forms.ChoiceField(choices=_units())
        case "person":
            return forms.ChoiceField(choices=_people(scope))
        case "enterprise":
            return forms.ChoiceField(choices=[("", _("请选择")), *_enterprises(scope)])
    return forms.CharField(max_length=200)


def _units() -> list[tuple[str, str]]:
    return [
        ("", _("请选择")),
        *(
            (unit.code, "　" * max(unit.path.count("/") - 2, 0) + unit.name_zh)
            for unit in accounts.units()
        ),
    ]


def _people(scope: Scope) -> Sequence[tuple[str, Any]]:
    groups: dict[str, list[tuple[str, str]]] = {}
    for person in accounts.people_visible(scope):
        groups.setdefault(person.unit.name_zh, []).append((person.username, person.name))
    return [("", _("请选择")), *groups.items()]


def _enterprises(scope: Scope) -> list[tuple[str, str]]:
    return [(e.code, f"{e.name}（{e.district.name}）") for e in registry.enterprises(scope)]


class OpenForm(forms.Form):
    """Open a case by hand (人工立案)."""

    title = forms.CharField(
        label=gettext_lazy("标题"),
        max_length=160,
        help_text=gettext_lazy(
            "写明地点与问题，例如“望澜桥断面氨氮超标”。不写投诉人的姓名、电话与住址。"
        ),
        error_messages={"required": gettext_lazy("请写标题；案件未建立。")},
    )
    district = forms.ChoiceField(
        label=gettext_lazy("区市"), error_messages={"required": gettext_lazy("请选择区市。")}
    )
    matter = forms.ChoiceField(label=gettext_lazy("事项"), choices=MATTERS)
    level = forms.TypedChoiceField(
        label=gettext_lazy("级别"), coerce=int, choices=LEVELS, initial=4
    )
    section = forms.ChoiceField(label=gettext_lazy("断面"), required=False)
    enterprise = forms.ChoiceField(label=gettext_lazy("所涉企业"), required=False)
    summary = forms.CharField(
        label=gettext_lazy("基本情况"),
        max_length=1000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4, "maxlength": 1000}),
    )
    source = forms.CharField(
        label=gettext_lazy("来源"),
        max_length=160,
        help_text=gettext_lazy("例如“现场巡查”“上级交办”。"),
        error_messages={"required": gettext_lazy("请写明来源；案件未建立。")},
    )

    def __init__(self, *args: Any, scope: Scope, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        mine = registry.districts(scope)
        if not scope.city:
            mine = mine.filter(code__in=sorted(scope.districts))
        self._choose("district", _("请选择"), ((d.code, d.name) for d in mine))
        named = ((s.code, f"{s.name}（{s.district.name}）") for s in registry.sections(scope))
        self._choose("section", _("不涉及断面"), named)
        self._choose("enterprise", _("尚未确定"), _enterprises(scope))

    def _choose(self, name: str, nothing: str, rows: Any) -> None:
        field = self.fields[name]
        if isinstance(field, forms.ChoiceField):
            field.choices = [("", nothing), *rows]

    @classmethod
    def prefilled(cls, query: Mapping[str, str]) -> dict[str, str]:
        """Return the initial values another page may hand over in its link."""
        names = (
            "title",
            "district",
            "matter",
            "level",
            "section",
            "enterprise",
            "source",
            "summary",
        )
        return {name: query[name] for name in names if query.get(name)}
