"""Which commands are offered to whom (反控命令目录), and how those that were asked stand."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from importlib.resources import files

from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from qingyuan.core.factors import factor as factor_of
from qingyuan.hj212.tables import COMMANDS, codes, field_names, request_command
from qingyuan.web.accounts.scope import Scope
from qingyuan.web.monitoring.models import DeviceCommand
from qingyuan.web.registry.models import Device

__all__ = [
    "COMMANDERS",
    "KINDS",
    "Field",
    "Offer",
    "command_rows",
    "flag_of",
    "may_command",
    "offer",
    "offered",
]

KINDS = {
    "read": _("提取"),
    "clock": _("校时"),
    "set": pgettext_lazy("command", "设置"),
    "control": _("控制"),
}
#: Who may ask what: reading is daily work; what changes a device wants the department.
COMMANDERS: Mapping[str, frozenset[str]] = {
    "read": frozenset({"duty_officer", "district_officer", "department_head"}),
    "clock": frozenset({"duty_officer", "department_head"}),
    "set": frozenset({"department_head"}),
    "control": frozenset({"department_head"}),
}
_FLAGS = {"2005": 1, "2017": 5, "2025": 9, "surface-water": 9}  # version bits, answer wanted
_SECRET = frozenset({"NewPW", "NewSK"})


@dataclass(frozen=True, slots=True)
class Field:
    """One parameter of a command: its name in the standard, how it is typed, its bounds."""

    name: str
    type: str
    more: tuple[str, ...]

    @property
    def label(self) -> str:
        """What the standard calls it, in the reader's language."""
        zh, en = field_names().get(("area", self.name), (self.name, self.name))
        return en if _english() else zh


@dataclass(frozen=True, slots=True)
class Offer:
    """One command as it is offered (可下发的命令)."""

    cn: str
    kind: str
    fields: tuple[Field, ...]
    minutes: int

    @property
    def label(self) -> str:
        """What the command does, in the reader's language."""
        return command_name(self.cn)

    @property
    def is_risky(self) -> bool:
        """Whether it changes the device, so that it is confirmed twice."""
        return self.kind in ("set", "control")

    @property
    def says_kind(self) -> str:
        """Name of its kind."""
        return str(KINDS[self.kind])


def _english() -> bool:
    return (get_language() or "").startswith("en")


def command_name(cn: str) -> str:
    """Return what a request does, without the other direction's half (提取/上传 → 提取)."""
    row = request_command(cn) or (COMMANDS.get(cn) or (None,))[0]
    if row is None:
        return cn
    return row.en if _english() else re.sub(r"^([提取]+)/上传", r"\1", row.zh).split(" / ")[0]


@cache
def _catalogue() -> tuple[Offer, ...]:
    with files("qingyuan.web.monitoring").joinpath("commands.csv").open(encoding="utf-8") as lines:
        return tuple(
            Offer(row["cn"], row["kind"], tuple(_fields(row["fields"])), int(row["minutes"]))
            for row in csv.DictReader(lines)
        )


def _fields(text: str) -> Iterable[Field]:
    for one in filter(None, text.split(";")):
        name, type_, *more = one.split(":")
        yield Field(name, type_, tuple(more))


def may_command(scope: Scope, kind: str) -> bool:
    """Whether a person may ask commands of a kind."""
    return bool(scope.roles & COMMANDERS[kind])


def offered(device: Device, scope: Scope) -> list[Offer]:
    """Return the commands this device's dialect knows and this person may ask."""
    order = list(KINDS)
    return [
        one
        for one in sorted(_catalogue(), key=lambda o: order.index(o.kind))
        if may_command(scope, one.kind)
        and (row := request_command(one.cn)) is not None
        and device.dialect in row.versions.split()
    ]


def offer(cn: str, device: Device, scope: Scope) -> Offer | None:
    """Return one offered command, or None where it is not offered."""
    return next((one for one in offered(device, scope) if one.cn == cn), None)


def flag_of(device: Device) -> int:
    """Return Flag of a request that wants an answer, in the device's dialect."""
    return _FLAGS.get(device.dialect, 5)


@dataclass(frozen=True, slots=True)
class CommandRow:
    """A command as a page shows it."""

    command: DeviceCommand
    name: str
    given: tuple[tuple[str, str], ...]
    result: str
    tone: str
    is_open: bool


_TONES = {
    "queued": "now", "sent": "now", "acknowledged": "now", "done": "ok", "refused": "late",
    "overtime": "late", "cancelled": "", "expired": "warn",
}  # fmt: skip


def command_rows(commands: Iterable[DeviceCommand], *, wall: datetime) -> list[CommandRow]:
    """Return commands for reading; one whose time has run out says so before the worker does."""
    found = []
    for one in commands:
        if one.state == DeviceCommand.State.QUEUED and one.expires_at <= wall:
            one.state = DeviceCommand.State.EXPIRED
        found.append(
            CommandRow(
                one, command_name(one.cn), tuple(_given(one)), _result(one), _TONES[one.state],
                one.state in DeviceCommand.OPEN,
            )
        )  # fmt: skip
    return found


def _given(command: DeviceCommand) -> Iterable[tuple[str, str]]:
    for name, value in command.parameters:
        zh, en = field_names().get(("area", name), (name, name))
        if name == "PolId":
            known = factor_of(value)
            value = known.en if _english() else known.zh
        yield (en if _english() else zh), "••••••" if name in _SECRET else value


def _result(command: DeviceCommand) -> str:
    if not command.result:
        return ""
    known = codes(command.device.dialect)
    names = (
        ("QnRtn", "ExeRtn") if command.state == DeviceCommand.State.REFUSED else ("ExeRtn", "QnRtn")
    )
    row = known.get((names[0], command.result)) or known.get((names[1], command.result))
    return (row["en"] if _english() else row["zh"]) if row else command.result
