"""Forms of devices: their record, commands to them, marks on their data, packets to explain."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from datetime import datetime

from django import forms
from django.utils.translation import gettext_lazy as _

from qingyuan.core.factors import factor as factor_of
from qingyuan.core.periods import CITY_TZ
from qingyuan.hj212 import DEVIATIONS, stamp
from qingyuan.hj212.tables import SYSTEMS
from qingyuan.web.monitoring.models import DataMark
from qingyuan.web.monitoring.selectors.commands import Offer
from qingyuan.web.monitoring.selectors.devices import DIALECTS
from qingyuan.web.registry.models import Device
from qingyuan.web.registry.models.geometry import in_language

__all__ = ["CommandForm", "DeviceForm", "MarkForm", "PacketForm", "ReasonForm", "WithdrawForm"]

_CRC = [
    ("standard", _("HJ 212 算法（标准）")),
    ("modbus", _("Modbus CRC-16")),
    ("modbus-swapped", _("Modbus CRC-16，高低字节颠倒")),
    ("ignore", _("不校验：校验码不对或缺失也入库，只计数")),
]
_LINES = {"rows": 3, "spellcheck": "false"}
_REASON = forms.Textarea(attrs={"rows": 2, "maxlength": 200})


def _reason(help_text: object = "") -> forms.CharField:
    return forms.CharField(
        label=_("事由"), max_length=200, widget=_REASON, help_text=help_text,
        error_messages={"required": _("请写明事由；未作改动。")},
    )  # fmt: skip


class ReasonForm(forms.Form):
    """Why."""

    reason = _reason()


class DeviceForm(forms.Form):
    """A device's record (设备档案); secrets are left as they are when nothing is typed."""

    station = forms.ChoiceField(label=_("站点"))
    st = forms.ChoiceField(label=_("系统编码"))
    dialect = forms.ChoiceField(label=_("协议版本"), choices=list(DIALECTS.items()))
    encoding = forms.ChoiceField(
        label=_("文字编码"),
        choices=[("utf-8", "UTF-8"), ("gb18030", "GB18030（GBK）"), ("auto", _("自动识别"))],
    )
    label = forms.ChoiceField(
        label=_("时段标注"), choices=[("start", _("起点（标准）")), ("end", _("终点"))],
        help_text=_("分钟、小时、日数据的 DataTime 是时段的起点还是终点；终点的入库时换算。"),
    )  # fmt: skip
    crc = forms.MultipleChoiceField(
        label=_("可接受的校验"), choices=_CRC, widget=forms.CheckboxSelectMultiple
    )
    repairs = forms.MultipleChoiceField(
        label=_("可接受的偏差"), required=False, widget=forms.CheckboxSelectMultiple,
        help_text=_("勾选后，只有这些偏差的包修复入库；其余的仍进隔离区。"),
    )  # fmt: skip
    answer = forms.ChoiceField(
        label=_("应答"),
        choices=[("flag", _("按标志位")), ("always", _("总是应答")), ("never", _("从不应答"))],
    )
    factors = forms.CharField(
        label=_("因子与单位"), widget=forms.Textarea(attrs={"rows": 6, "spellcheck": "false"}),
        required=False,
        help_text=_("一行一个：编码 单位，如 w21003 mg/L。报文不带单位，以这里登记的为准。"),
    )  # fmt: skip
    interval_s = forms.IntegerField(label=_("实时数据间隔（s）"), min_value=1, max_value=86400)
    interval_minutes = forms.IntegerField(label=_("分钟数据间隔（min）"), min_value=1, max_value=60)
    heartbeat_s = forms.IntegerField(
        label=_("心跳间隔（s）"), min_value=0, max_value=86400, help_text=_("0 为不要求心跳。")
    )
    clock_tolerance_s = forms.IntegerField(
        label=_("时钟允差（s）"), min_value=0, max_value=86400,
        help_text=_("设备时钟偏差超过此数时平台用 1012 校时；0 为不自动校时。"),
    )  # fmt: skip
    backfill = forms.ChoiceField(
        label=_("缺数补调"), choices=[("auto", _("自动向设备补要缺失数据")), ("off", _("不补"))]
    )
    overtime_s = forms.IntegerField(label=_("应答超时（s）"), min_value=1, max_value=600)
    recount = forms.IntegerField(label=_("重发次数"), min_value=0, max_value=20)
    max_per_s = forms.IntegerField(label=_("每秒最多包数"), min_value=1, max_value=100000)
    networks = forms.CharField(
        label=_("允许的来源网段"), required=False, widget=forms.Textarea(attrs=_LINES),
        help_text=_("一行一个，如 10.0.0.0/8；留空为不限。"),
    )  # fmt: skip
    tls = forms.BooleanField(label=_("只接受加密连接（TLS）"), required=False)
    password = forms.CharField(
        label=_("访问密码"), required=False, max_length=9, min_length=1, strip=True,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
        help_text=_("留空为不改；不显示原密码。"),
    )  # fmt: skip
    sm4_key = forms.RegexField(
        label=_("SM4 密钥"), regex=r"^[0-9A-Fa-f]{32}$", required=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
        help_text=_("32 位十六进制；留空为不改。"),
        error_messages={"invalid": _("密钥是 32 位十六进制数字；未保存。")},
    )  # fmt: skip
    active = forms.BooleanField(label=_("在用"), required=False)
    reason = _reason(_("写明依据，例如“厂商函告校验算法”；记入审计。"))

    def __init__(self, *args: object, stations: list[tuple[str, str]], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.fields["station"].choices = stations
        self.fields["st"].choices = [
            (code, f"{code} {in_language(row['zh'], row['en'])}") for code, row in SYSTEMS.items()
        ]
        self.fields["repairs"].choices = [
            (code, in_language(kind.zh, kind.en))
            for code, kind in DEVIATIONS.items()
            if kind.severity == "repair" and not code.startswith("crc.modbus")
        ]

    @staticmethod
    def given(terms: Mapping[str, object]) -> dict[str, object]:
        """Return terms of a device as the form shows them."""
        factors: Mapping[str, str] = terms.get("factors") or {}  # type: ignore[assignment]  # code → unit
        return {
            **terms,
            "factors": "\n".join(f"{code} {unit}".strip() for code, unit in factors.items()),
            "networks": "\n".join(terms.get("networks") or []),  # type: ignore[call-overload]  # a list of text
            "password": "",
            "sm4_key": "",
        }

    def clean_factors(self) -> dict[str, str]:
        """Read one factor a line."""
        found: dict[str, str] = {}
        for number, line in enumerate(self.cleaned_data["factors"].splitlines(), 1):
            code, _space, unit = line.strip().partition(" ")
            if not code:
                continue
            if not code.isascii() or len(code) > 24 or code in found:
                raise forms.ValidationError(
                    _("第 %(n)s 行“%(line)s”不是因子编码与单位，或编码重复；未保存。"),
                    params={"n": number, "line": line.strip()},
                )
            found[code] = unit.strip()[:16]
        return found

    def clean_networks(self) -> list[str]:
        """Read one network a line."""
        found = []
        for line in filter(None, (x.strip() for x in self.cleaned_data["networks"].splitlines())):
            try:
                found.append(str(ipaddress.ip_network(line, strict=False)))
            except ValueError:
                raise forms.ValidationError(
                    _("“%(line)s”不是网段；写成 10.0.0.0/8 的样子。未保存。"), params={"line": line}
                ) from None
        return found

    @property
    def terms(self) -> dict[str, object]:
        """What was given, without the secrets that were left as they are."""
        data = {name: value for name, value in self.cleaned_data.items() if name != "reason"}
        for name in ("password", "sm4_key"):
            if not data[name]:
                del data[name]
        if "sm4_key" in data:
            data["sm4_key"] = str(data["sm4_key"]).upper()
        return data


class CommandForm(forms.Form):
    """The parameters of one command, as its own fields, and why it is asked."""

    def __init__(
        self, *args: object, offer: Offer, device: Device, at: datetime, **kwargs: object
    ) -> None:
        super().__init__(*args, **kwargs)
        self._offer, self._at = offer, at
        for one in offer.fields:
            made = self._field(one.type, one.more, str(one.label), device)
            if made is not None:
                self.fields[one.name] = made
        self.fields["reason"] = _reason()
        if offer.is_risky:
            self.fields["sure"] = forms.BooleanField(
                label=_("我已核对设备与参数；确认改变现场设备的设置或动作"),
                error_messages={"required": _("请勾选确认；命令未下发。")},
            )

    @staticmethod
    def _field(type_: str, more: tuple[str, ...], label: str, device: Device) -> forms.Field | None:
        if type_ == "int":
            low, high, *unit = more
            return forms.IntegerField(
                label=f"{label} {unit[0]}" if unit and unit[0] not in label else label,
                min_value=int(low), max_value=int(high), help_text=f"{low} – {high}",
            )  # fmt: skip
        if type_ == "choice":
            return forms.ChoiceField(label=label, choices=[(v, v) for v in more[0].split()])
        if type_ == "factor":
            return forms.ChoiceField(
                label=label,
                choices=[
                    (code, in_language(factor_of(code).zh, factor_of(code).en))
                    for code in device.factors
                ],
            )
        if type_ == "time":
            return forms.DateTimeField(
                label=label,
                widget=forms.DateTimeInput(
                    attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"
                ),
            )
        if type_ == "password":
            return forms.RegexField(
                label=label, regex=r"^[0-9A-Za-z]{6}$", help_text=_("6 位数字或字母。"),
                widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
                error_messages={"invalid": _("新密码是 6 位数字或字母；命令未下发。")},
            )  # fmt: skip
        if type_ == "code":
            return forms.RegexField(
                label=label, regex=r"^[A-Za-z][0-9A-Za-z]{5}$", help_text="i11001"
            )
        return None  # filled in by the platform

    def clean(self) -> dict[str, object]:
        """Refuse a span that runs backwards."""
        data = super().clean() or self.cleaned_data
        begin, end = data.get("BeginTime"), data.get("EndTime")
        if isinstance(begin, datetime) and isinstance(end, datetime) and end <= begin:
            self.add_error("EndTime", _("结束时间不晚于开始时间；命令未下发。"))
        return data

    @property
    def parameters(self) -> list[tuple[str, str]]:
        """The data area's fields in the order of the standard."""
        found = []
        for one in self._offer.fields:
            if one.type == "now":
                found.append((one.name, stamp(self._at)))
            elif one.type == "time":
                found.append((one.name, stamp(self.cleaned_data[one.name])))
            else:
                found.append((one.name, str(self.cleaned_data[one.name])))
        return found


class MarkForm(forms.Form):
    """What a period of data was."""

    kind = forms.ChoiceField(label=_("标记"), choices=DataMark.Kind.choices)
    factor = forms.ChoiceField(label=_("因子"), required=False)
    from_at = forms.DateTimeField(
        label=_("自"),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )
    to_at = forms.DateTimeField(
        label=_("至"), required=False, help_text=_("尚未结束的留空，结束时再填。"),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )  # fmt: skip
    reason = forms.CharField(
        label=_("说明"), max_length=400, widget=forms.Textarea(attrs={"rows": 2, "maxlength": 400}),
        error_messages={"required": _("请写明做了什么、依据哪份记录；未保存。")},
    )  # fmt: skip
    evidence = forms.FileField(
        label=_("佐证"), required=False, help_text=_("运维记录、校准报告或照片。")
    )

    def __init__(self, *args: object, device: Device, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.fields["factor"].choices = [
            ("", _("全部因子")),
            *(
                (code, in_language(factor_of(code).zh, factor_of(code).en))
                for code in device.factors
            ),
        ]

    def clean(self) -> dict[str, object]:
        """Refuse a period that runs backwards, at its own field."""
        data = super().clean() or self.cleaned_data
        begin, end = data.get("from_at"), data.get("to_at")
        if begin and end and end <= begin:
            self.add_error("to_at", _("结束时间不晚于开始时间；未保存。"))
        return data


class WithdrawForm(forms.Form):
    """Why a mark is taken back."""

    why = forms.CharField(
        label=_("撤回原因"),
        max_length=200,
        error_messages={"required": _("请写明撤回原因；未作改动。")},
    )


class PacketForm(forms.Form):
    """Packets as somebody pastes them, or a file of them."""

    text = forms.CharField(
        label=_("报文"), required=False, strip=False, max_length=400_000,
        widget=forms.Textarea(attrs={"rows": 5, "spellcheck": "false", "class": "qy-code"}),
        help_text=_("粘贴一包或多包：原文、十六进制或抓包文本都可以；不保存、不入库。"),
    )  # fmt: skip
    file = forms.FileField(label=_("或选文件"), required=False, help_text=_("不超过 1 MB。"))
    dialect = forms.ChoiceField(
        label=_("协议版本"), required=False, choices=[("", _("自动识别")), *DIALECTS.items()]
    )
    key = forms.RegexField(
        label=_("SM4 密钥"), regex=r"^[0-9A-Fa-f]{32}$", required=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}, render_value=False),
        help_text=_("报文加密时填；32 位十六进制。"),
        error_messages={"invalid": _("密钥是 32 位十六进制数字。")},
    )  # fmt: skip

    def clean(self) -> dict[str, object]:
        """Take the file when one is given."""
        data = super().clean() or self.cleaned_data
        file = data.get("file")
        if file is not None and file.size > 1 << 20:
            self.add_error("file", _("文件超过 1 MB；请截取需要解读的部分。"))
        elif file is None and not (data.get("text") or "").strip():
            self.add_error("text", _("请粘贴报文或选择文件。"))
        return data


def beijing(at: datetime) -> str:
    """Write an instant as a browser's local-time field wants it."""
    return at.astimezone(CITY_TZ).strftime("%Y-%m-%dT%H:%M")
