"""Explaining (解读): a packet piece by piece, for a person to learn from, or as one JSON object.

Every piece says where it stands, what was sent, what it means, which clause rules it, what is wrong
with it and what would be right; in Chinese and English.
"""

from __future__ import annotations

import difflib
import re
from typing import NamedTuple

from qingyuan.hj212.crc import checksum
from qingyuan.hj212.factors import factor_names
from qingyuan.hj212.foreign import name_of_foreign
from qingyuan.hj212.framer import Framer, Noise
from qingyuan.hj212.layout import Piece, pieces
from qingyuan.hj212.packet import Deviation, Packet, Verdict
from qingyuan.hj212.parse import parse
from qingyuan.hj212.sm4 import Key
from qingyuan.hj212.tables import (
    DEVIATIONS,
    SUFFIXES,
    SYSTEMS,
    codes,
    command_of,
    field_clause,
    field_names,
)
from qingyuan.hj212.unwrap import unwrap

__all__ = ["Explained", "Line", "Remark", "as_json", "explain", "explain_text", "text_of"]

_PROPER = {name.upper(): name for where, name in field_names() if where == "header"}
_WRAPPED = re.compile(rb"[ \t]*\r?\n[ \t]*")
_BLANK = b"\r\n \t\0"


class Remark(NamedTuple):
    """One departure as a person reads it: what is wrong, by which clause, and what is right."""

    code: str
    severity: str
    detail: str
    zh: str
    en: str
    clause: str
    right_zh: str
    right_en: str


class Line(NamedTuple):
    """One line of an explanation (解读的一行).

    Parameters
    ----------
    part : str
        ``frame`` (``##``, ``LENGTH``, ``CP``, ``CRC``, ``TAIL``), ``header``, ``field``,
        ``reading`` or, after all pieces, ``deviation`` (every departure once more, *name* its code).
    name, value : str
        As sent; a reading's name is ``w01018-Rtd``.
    zh, en : str
        What it means.
    start, end : int
        Characters of `Explained.text`; -1 for what stands nowhere (a field that is missing).
    clause : str
        Where the standard rules it.
    remarks : tuple of Remark
        What is wrong with this piece.
    """

    part: str
    name: str
    value: str
    zh: str
    en: str
    start: int = -1
    end: int = -1
    clause: str = ""
    remarks: tuple[Remark, ...] = ()


class Explained(NamedTuple):
    """One packet found in a text, explained (解读).

    Parameters
    ----------
    n : int
        From 1, in the order found.
    packet : Packet
        Verdict, dialect, CRC variant and everything else `parse` says.
    text : str
        The packet as text, decrypted where a key was given.
    lines : tuple of Line
        The pieces in the order sent, then the departures.
    at : int
        Byte at which it begins in the bytes the text stands for.
    """

    n: int
    packet: Packet
    text: str
    lines: tuple[Line, ...]
    at: int

    @property
    def marked(self) -> list[tuple[str, int]]:
        """The whole text in pieces: each with the index of its line, or -1 for a separator."""
        found: list[tuple[str, int]] = []
        at = 0
        for index, line in enumerate(self.lines):
            if line.start < at:
                continue
            if line.start > at:
                found.append((self.text[at : line.start], -1))
            found.append((self.text[line.start : line.end], index))
            at = line.end
        return [*found, (self.text[at:], -1)] if at < len(self.text) else found


def explain_text(
    pasted: str | bytes, *, dialect: str = "", key: Key | None = None, most: int = 100
) -> list[Explained]:
    """Explain every packet in a text somebody pasted (粘贴解读).

    Parameters
    ----------
    pasted : str or bytes
        Packets with or without tails, several on a line or one, among other words; or the
        hexadecimal dump of them (``23 23 30 31``, ``hexdump -C``, ``xxd`` …).
    dialect : str
        The dialect of the device; without it one is proposed.
    key : Key, optional
        The SM4 key of the device.
    most : int
        Packets explained; what follows is left out.

    Returns
    -------
    list of Explained
        Empty for blank text. A packet that a page or a mail broke into lines is put together
        again when it is valid so. What is no packet (HTTP, Modbus, registration strings) is there too,
        rejected as ``frame.foreign`` with a line that says what it looks like. Never raises.
    """
    data = pasted.encode("utf-8", "replace") if isinstance(pasted, str) else pasted
    told = _explained(unwrap(data), dialect, key, most)
    if isinstance(pasted, str) and not any(one.packet.verdict is Verdict.VALID for one in told):
        again = _explained(_WRAPPED.sub(b"", data), dialect, key, most)
        if any(one.packet.verdict is Verdict.VALID for one in again):
            return again
    return told


def _explained(data: bytes, dialect: str, key: Key | None, most: int) -> list[Explained]:
    framer = Framer()
    told: list[Explained] = []
    at = 0
    for event in (*framer.feed(data), *framer.close()):
        blank = isinstance(event, Noise) and not event.raw.strip(_BLANK)
        if not blank and len(told) < most:
            packet = parse(event, dialect=dialect, key=key)
            lines = tuple(explain(packet, dialect=dialect))
            told.append(Explained(len(told) + 1, packet, text_of(packet), lines, at))
        at += len(event.raw)
    return told


def as_json(packet: Packet, *, n: int) -> dict[str, object]:
    """Return the packet as ``qingyuan hj212 explain --json`` prints it; what is missing is None.

    ``pnum``, ``pno`` and ``rf`` are there only when they were sent.
    """
    said: dict[str, object] = {
        "n": n,
        "verdict": str(packet.verdict),
        "reasons": list(dict.fromkeys(packet.reasons)),
        "crc": packet.crc,
        "dialect": packet.dialect,
        "qn": packet.qn or None,
        "st": packet.st or None,
        "cn": packet.cn or None,
        "mn": packet.mn or None,
        "flag": packet.flag,
        "fields": _fields(packet),
        "factors": packet.factors,
    }
    extra = {"pnum": packet.pnum, "pno": packet.pno, "rf": packet.rf or None}
    return said | {name: value for name, value in extra.items() if value is not None}


def text_of(packet: Packet) -> str:
    """Return the packet as text: in its own encoding, decrypted if `parse` could."""
    raw = packet.raw
    for encoding in (packet.encoding, "latin-1"):
        try:
            text = raw.decode(encoding)
            break
        except UnicodeDecodeError:
            continue
    head, opened, rest = text.partition("CP=&&")
    if opened and packet.area and packet.area not in text:
        # The cipher keeps && out of nothing: only the last one closes it.
        return f"{head}{opened}{packet.area}&&{rest.rpartition('&&')[2]}"
    return text


def explain(packet: Packet, *, dialect: str = "") -> list[Line]:
    """Say what every piece of *packet* means, in the order sent, departures once more at the end.

    Parameters
    ----------
    dialect : str
        Whose tables name commands and results; without it the packet's own.
    """
    dialect = dialect or packet.dialect
    text = text_of(packet)
    if packet.dialect == "unknown" and "##" not in text[:2]:
        zh, en = name_of_foreign(packet.raw)
        lines = [Line("frame", "", text, zh, en, 0, len(text))]
    else:
        lines = [_line(piece, packet, dialect) for piece in pieces(text)]
    lines = _remarked(lines, packet)
    for deviation in packet.deviations:
        kind = DEVIATIONS[deviation.code]
        lines.append(
            Line("deviation", kind.code, deviation.detail, kind.zh, kind.en, clause=kind.source,
                 remarks=(_remark(deviation),))
        )  # fmt: skip
    return lines


def _fields(packet: Packet) -> dict[str, str | list[str]]:
    """Return the plain fields; one that came several times as a list."""
    fields: dict[str, str | list[str]] = dict(packet.fields)
    if "area.repeated" not in packet.reasons:
        return fields
    gathered: dict[str, list[str]] = {}
    for pair in packet.area.replace(";", ",").split(","):
        name, _, value = pair.strip().partition("=")
        gathered.setdefault(name, []).append(value)
    fields.update({name: gathered[name] for name in fields if len(gathered.get(name, ())) > 1})
    return fields


def _line(piece: Piece, packet: Packet, dialect: str) -> Line:
    part, name, value, start, end = piece
    if part == "header":  # FLAG= is told as Flag, and marked elsewhere
        piece = piece._replace(name=_PROPER.get(name.upper(), name))
    zh, en = _meaning(piece, packet, dialect)
    return Line(part, name, value, zh, en, start, end, field_clause(part, piece.name))


def _meaning(piece: Piece, packet: Packet, dialect: str) -> tuple[str, str]:
    part, name, value, *_ = piece
    if part == "reading":
        return _reading(name, value, packet, dialect)
    zh, en = field_names().get(
        ("area" if part == "field" else part, name),
        ("标准以外的字段", "not a field of the standard"),
    )
    more = (
        _of_frame(name, value, packet)
        if part == "frame"
        else _of_value(name, value, packet, dialect)
    )
    return (f"{zh}：{more[0]}", f"{en}: {more[1]}") if more else (zh, en)


def _of_frame(name: str, value: str, packet: Packet) -> tuple[str, str] | None:
    segment = _segment(packet)
    if name == "LENGTH":
        size = len(segment)
        return f"数据段实有 {size} 字节", f"the data segment has {size} bytes"
    if name == "CRC":
        right = checksum(segment).decode()
        if packet.crc == "standard":
            return f"与按附录A计算的 {right} 一致", f"agrees with {right}, computed by Annex A"
        return f"按附录A应为 {right}", f"by Annex A it should be {right}"
    return None


def _segment(packet: Packet) -> bytes:
    """Return the data segment the length and the checksum speak of."""
    text = text_of(packet)
    whole = list(pieces(text))
    start = next((p.end for p in whole if p.name in ("LENGTH", "##") and p.part == "frame"), 0)
    start = next((p.end for p in whole if p.part == "frame" and p.name == "LENGTH"), start)
    stop = next(
        (p.start for p in whole if p.part == "frame" and p.name in ("CRC", "TAIL")), len(text)
    )
    return text[start:stop].encode(packet.encoding, "replace")


def _of_value(name: str, value: str, packet: Packet, dialect: str) -> tuple[str, str] | None:
    if name == "ST" and value in SYSTEMS:
        return SYSTEMS[value]["zh"], SYSTEMS[value]["en"]
    if name == "CN":
        command = command_of(value, dialect=dialect)
        return (command.zh, command.en) if command else None
    if name == "Flag" and packet.flag is not None:
        return _flag(packet)
    if name == "DataTime":
        command = command_of(packet.cn, dialect=dialect)
        if command and command.label:
            start = command.label == "start"
            return (
                ("时段起点", "start of the interval")
                if start
                else ("采集时刻", "instant of collection")
            )
        return None
    row = codes(dialect).get((name, value))
    return (row["zh"], row["en"]) if row else None


def _flag(packet: Packet) -> tuple[str, str]:
    assert packet.flag is not None
    version = {0: "2005", 1: "2017", 2: "2025"}.get(packet.version, "?")
    if packet.dialect == "surface-water" and packet.version == 2:
        version = "HJ 1404"
    zh = [f"版本 {version}", "要求应答" if packet.flag & 1 else "不要求应答"]
    en = [f"version {version}", "answer wanted" if packet.flag & 1 else "no answer wanted"]
    if packet.flag & 2:
        zh.append("有包号")
        en.append("has packet numbers")
    return "，".join(zh), ", ".join(en)


def _reading(name: str, value: str, packet: Packet, dialect: str) -> tuple[str, str]:
    code, _, suffix = name.partition("-")
    factor_zh, factor_en = factor_names(code, st=packet.st)
    known = field_names().get(("suffix", suffix))
    if known is None:
        near = difflib.get_close_matches(suffix, sorted(SUFFIXES), n=1, cutoff=0.6)
        zh, en = "标准以外的后缀", "unknown suffix"
        if near:
            zh, en = f"{zh}，或为 {near[0]}", f"{en}, perhaps {near[0]}"
    else:
        zh, en = known
    row = codes(dialect).get((suffix, value))
    if row:
        zh, en = f"{zh}：{row['zh']}", f"{en}: {row['en']}"
    return f"{factor_zh} {zh}", f"{factor_en} {en}"


def _remark(deviation: Deviation) -> Remark:
    kind = DEVIATIONS[deviation.code]
    return Remark(
        kind.code, kind.severity, deviation.detail, kind.zh, kind.en, kind.source, kind.right_zh,
        kind.right_en,
    )  # fmt: skip


def _remarked(lines: list[Line], packet: Packet) -> list[Line]:
    """Put each departure beside the piece it concerns, or add a line for a piece that is missing."""
    told = list(lines)
    missing: list[Line] = []
    for deviation in packet.deviations:
        at = DEVIATIONS[deviation.code].at
        remark = _remark(deviation)
        index = _place(told, at, deviation.detail)
        if index is not None:
            told[index] = told[index]._replace(remarks=(*told[index].remarks, remark))
        elif at not in ("", "*"):
            zh, en = field_names().get(("header", at)) or field_names().get(("frame", at), ("", ""))
            part = "frame" if ("frame", at) in field_names() else "header"
            missing.append(
                Line(part, at, "", f"{zh}（没有）", f"{en} (missing)", clause=field_clause(part, at),
                     remarks=(remark,))
            )  # fmt: skip
    return told + missing


def _place(lines: list[Line], at: str, detail: str) -> int | None:
    if at == "*":
        pair = detail.partition("=")[0]
        for index, line in enumerate(lines):
            if pair and line.name and (line.name == pair or line.name.partition("-")[0] == pair):
                return index
        return None
    for index, line in enumerate(lines):
        if at and line.name.upper() == at.upper() and line.part in ("frame", "header"):
            return index
    return None
