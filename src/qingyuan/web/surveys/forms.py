"""Forms of surveys: bring fixes and roads, issue a slip."""

from __future__ import annotations

from datetime import datetime

from django import forms
from django.utils.translation import gettext_lazy as _

from qingyuan.core.problems import Problem
from qingyuan.web.accounts.models import Unit, User
from qingyuan.web.registry import selectors as registry

__all__ = ["DATUMS", "FixesForm", "RoadsForm", "SlipForm"]

DATUMS = [
    ("", _("CGCS2000 或 WGS-84（图层自带说明的按其说明）")),
    ("GCJ02", _("GCJ-02（高德、腾讯等图商），按通行公式换算，未经官方核实")),
]


class FixesForm(forms.Form):
    """A file of fixes, and what its degrees are."""

    file = forms.FileField(
        label=_("CSV、JSON 或 Parquet 文件"),
        help_text=_("须有 vehicle、time、lon、lat 四列（或中文列名）；没有时区的时间按北京时间。每行入库或按原因计数。"),
        widget=forms.FileInput(attrs={"accept": ".csv,.json,.parquet"}),
    )  # fmt: skip
    datum = forms.ChoiceField(label=_("坐标基准"), choices=DATUMS)


class RoadsForm(forms.Form):
    """A layer of roads, and what its degrees are."""

    file = forms.FileField(
        label=_("GeoJSON、GeoPackage 或打包的 Shapefile"),
        help_text=_("道路中心线，路名在 name 或“路名”字段，单行在 oneway 字段；断头、未打断的交叉口自动修复，逐条列出。"),
        widget=forms.FileInput(attrs={"accept": ".geojson,.json,.gpkg,.zip"}),
    )  # fmt: skip
    datum = forms.ChoiceField(label=_("坐标基准"), choices=DATUMS)


class SlipForm(forms.Form):
    """To whom a slip goes, and until when."""

    unit = forms.ModelChoiceField(label=_("责任单位"), queryset=Unit.objects.none())
    person = forms.ModelChoiceField(label=_("责任人"), queryset=User.objects.none())
    due_on = forms.DateField(
        label=_("整改期限"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )

    def __init__(self, *args: object, district: str, at: datetime, **kwargs: object) -> None:
        super().__init__(*args, initial=_answering(district, at), **kwargs)  # type: ignore[arg-type]  # as Django's form takes them
        units = Unit.objects.filter(district_code=district).order_by("code")
        self.fields["unit"].queryset = units  # type: ignore[attr-defined]  # of a model choice
        people = User.objects.filter(unit__in=units, is_active=True).order_by("username")
        self.fields["person"].queryset = people  # type: ignore[attr-defined]  # as above
        self.fields["person"].label_from_instance = lambda p: f"{p.name}（{p.unit}）"  # type: ignore[attr-defined]  # as above


def _answering(district: str, at: datetime) -> dict[str, object]:
    """Return whom the responsibility matrix names for the district's air; nobody if none."""
    try:
        unit, person = registry.responsible_for(district, "air", at)
    except Problem:
        return {}
    return {"unit": unit, "person": person}
