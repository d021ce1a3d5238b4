"""A packet for a reader (报文解读): its bytes in coloured pieces, each with what it means."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from qingyuan.hj212 import Explained, Key, Line, explain_text
from qingyuan.hj212.crc import checksum
from qingyuan.web.monitoring.selectors.devices import DIALECTS
from qingyuan.web.registry.models.geometry import in_language

__all__ = ["PacketView", "Piece", "packet_views"]

VERDICTS = {
    "valid": (_("符合标准"), "ok"),
    "repaired": (_("有偏差，可修复"), "warn"),
    "rejected": (_("不可采信"), "late"),
}
CRC = {
    "standard": _("HJ 212 算法，相符"),
    "modbus": _("Modbus CRC-16，不是 HJ 212 的算法"),
    "modbus-swapped": _("高低字节颠倒的 Modbus CRC-16"),
    "none": _("没有校验码"),
    "unknown": _("与任何已知算法都不符"),
}
_PARTS = {
    "frame": _("通讯包"),
    "header": _("数据段"),
    "field": _("数据区"),
    "reading": _("监测数据"),
}
_SECRET = frozenset({"PW", "NewPW", "NewSK"})
_HIDDEN = "••••••"


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of the raw text: which line explains it (0: none), and how it fares."""

    text: str
    line: int
    tone: str  # "", warn, late
    says: str


@dataclass(frozen=True, slots=True)
class Meaning:
    """One line of the table under the bytes."""

    n: int
    part: str
    name: str
    value: str
    zh: str
    en: str
    clause: str
    remarks: tuple[object, ...]
    tone: str


@dataclass(frozen=True, slots=True)
class PacketView:
    """One packet explained."""

    told: Explained
    pieces: tuple[Piece, ...]
    lines: tuple[Meaning, ...]
    verdict: object
    tone: str
    crc: object
    given: str
    expected: str
    dialect: str
    hidden: bool


def packet_views(
    pasted: str | bytes, *, dialect: str = "", key: Key | None = None, hide: bool = False
) -> list[PacketView]:
    """Explain what was pasted; with *hide* passwords and keys are covered (packets of others)."""
    return [_view(told, hide=hide) for told in explain_text(pasted, dialect=dialect, key=key)]


def _view(told: Explained, *, hide: bool) -> PacketView:
    numbers: dict[int, int] = {}
    lines: list[Meaning] = []
    for index, line in enumerate(told.lines):
        if line.part == "deviation":
            continue
        numbers[index] = len(lines) + 1
        covered = hide and line.name in _SECRET
        lines.append(
            Meaning(
                len(lines) + 1, str(_PARTS.get(line.part, "")), line.name,
                _HIDDEN if covered else _visible(line.value), line.zh, line.en, line.clause,
                line.remarks, _tone(line),
            )
        )  # fmt: skip
    pieces = []
    for text, index in told.marked:
        line = told.lines[index] if index >= 0 else None
        covered = hide and line is not None and line.name in _SECRET
        shown = f"{line.name}={_HIDDEN}" if covered and line is not None else _visible(text)
        says = in_language(line.zh, line.en) if line else ""
        pieces.append(Piece(shown, numbers.get(index, 0), _tone(line) if line else "", says))
    said, tone = VERDICTS[str(told.packet.verdict)]
    given = next((x.value for x in told.lines if x.name == "CRC"), "")
    return PacketView(
        told, tuple(pieces), tuple(lines), said, tone, CRC.get(told.packet.crc, told.packet.crc),
        given, _expected(told, given), DIALECTS.get(told.packet.dialect, _("未能识别")), hide,
    )  # fmt: skip


def _expected(told: Explained, given: str) -> str:
    """Return the checksum the standard wants of the data segment as it was received (附录A)."""
    if not given:
        return ""
    start = next((x.end for x in told.lines if x.name in ("LENGTH",) and x.part == "frame"), -1)
    stop = next((x.start for x in told.lines if x.name == "CRC" and x.part == "frame"), -1)
    if start < 0 or stop < start:
        return ""
    return checksum(told.text[start:stop].encode(told.packet.encoding, "replace")).decode()


def _tone(line: Line) -> str:
    grave = {remark.severity for remark in line.remarks}
    return "late" if "reject" in grave else "warn" if grave else ""


def _visible(text: str) -> str:
    r"""Return text in which nothing is invisible: ``\\r\\n`` for the tail, ``\\xNN`` for other controls."""
    shown = text.replace("\r", "\\r").replace("\n", "\\n")
    return "".join(c if c.isprintable() else f"\\x{ord(c):02x}" for c in shown)
