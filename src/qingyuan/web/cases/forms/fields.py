"""The control for each kind of field a procedure may ask for (填写项的控件)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _

from qingyuan import casework
from qingyuan.core.periods import city_date
from qingyuan.web.accounts import selectors as accounts
from qingyuan.web.accounts.scope import Scope
from qingyuan.web.cases.models.case import in_language
from qingyuan.web.registry import selectors as registry

__all__ = ["MOST_FILES", "FilesField", "control", "controls", "enterprises", "values_of"]

MOST_FILES = 9


class _ManyFiles(forms.ClearableFileInput):
    allow_multiple_selected = True


class FilesField(forms.FileField):
    """Several files at once; an empty one is named."""

    widget = _ManyFiles

    def clean(self, data: Any, initial: Any = None) -> list[UploadedFile]:
        """Return the files given; at most `MOST_FILES`."""
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


def controls(
    fields: Iterable[casework.Field], *, scope: Scope, at: datetime
) -> dict[str, forms.Field]:
    """Return a labelled control per field, in the order asked."""
    found = {}
    for field in fields:
        made = control(field, scope=scope, at=at)
        made.label = in_language(field.label)
        made.required = field.required
        made.error_messages["required"] = _("请填写“%(label)s”。") % {"label": made.label}
        found[field.name] = made
    return found


def values_of(fields: Iterable[casework.Field], cleaned: dict[str, Any]) -> dict[str, object]:
    """Return the values given, empty ones left out; a plain No is a value."""
    names = [field.name for field in fields]
    return {name: v for name in names if (v := cleaned.get(name)) not in (None, "", [])}


def control(field: casework.Field, *, scope: Scope, at: datetime) -> forms.Field:
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
        case "date" | "day_time":
            return _moment(field, at=at)
        case "days":
            return forms.IntegerField(min_value=1, max_value=3650)
        case "number":
            return forms.DecimalField(max_digits=18, decimal_places=6)
        case "yes":
            return forms.TypedChoiceField(
                choices=[("yes", _("是")), ("no", _("否"))],
                coerce=lambda word: word == "yes",
                empty_value=None,
                widget=forms.RadioSelect,
            )
        case "types":
            return forms.MultipleChoiceField(
                choices=[(n, in_language(c)) for n, c in casework.TYPES.items()],
                widget=forms.CheckboxSelectMultiple,
            )
        case "problems":
            return _ProblemsField(
                widget=forms.Textarea(attrs={"rows": 5}),
                help_text=_("每行写一条，将逐条推送、逐条整改。"),
            )
        case "unit":
            return forms.ChoiceField(choices=[("", _("请选择")), *_units()])
        case "units":
            return forms.MultipleChoiceField(
                choices=_units(),
                widget=forms.SelectMultiple(attrs={"size": 8}),
                help_text=_("可选多个单位；责任人按责任矩阵。"),
            )
        case "person":
            return forms.ChoiceField(choices=_people(scope))
        case "enterprise":
            return forms.ChoiceField(choices=[("", _("请选择")), *enterprises(scope)])
    return forms.CharField(max_length=200)


def _moment(field: casework.Field, *, at: datetime) -> forms.Field:
    if field.kind == "day_time":
        return forms.DateTimeField(
            widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
            error_messages={"invalid": _("请写成 2026-10-16 09:30 这样的时间。")},
        )
    today = {} if field.past else {"min": city_date(at).isoformat()}
    return forms.DateField(
        widget=forms.DateInput(attrs={"type": "date", **today}, format="%Y-%m-%d"),
        error_messages={"invalid": _("请写成 2026-10-16 这样的日期。")},
    )


def _units() -> list[tuple[str, str]]:
    return [
        (unit.code, "　" * max(unit.path.count("/") - 2, 0) + unit.name_zh)
        for unit in accounts.units()
    ]


def _people(scope: Scope) -> Sequence[tuple[str, Any]]:
    groups: dict[str, list[tuple[str, str]]] = {}
    for person in accounts.people_visible(scope):
        groups.setdefault(person.unit.name_zh, []).append((person.username, person.name))
    return [("", _("请选择")), *groups.items()]


def enterprises(scope: Scope) -> list[tuple[str, str]]:
    """Return the enterprises one may name, with their districts."""
    return [(e.code, f"{e.name}（{e.district.name}）") for e in registry.enterprises(scope)]
