"""Explaining (解读): one packet field by field, for a person or as one JSON object."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from qingyuan.core.factors import factors
from qingyuan.hj212.packet import Packet
from qingyuan.hj212.tables import (
    COMMANDS,
    DEVIATIONS,
    SYSTEMS,
    data_flags,
    factor_2017,
    field_names,
    results,
    upload_command,
)

__all__ = ["Line", "as_json", "explain"]


class Line(NamedTuple):
    """One line of an explanation: *part* is ``header``, ``field``, ``reading`` or ``deviation``."""

    part: str
    name: str
    value: str
    zh: str
    en: str


def as_json(packet: Packet, *, n: int) -> dict[str, object]:
    """Return the packet as ``qingyuan hj212 explain --json`` prints it; what is missing is None."""
    return {
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
        "pnum": packet.pnum,
        "pno": packet.pno,
        "fields": _fields(packet),
        "factors": packet.factors,
    }


def explain(packet: Packet) -> list[Line]:
    """Say what every field of *packet* means, in both languages, departures last."""
    lines = [*_header(packet), *_plain_fields(packet), *_readings(packet)]
    for deviation in packet.deviations:
        kind = DEVIATIONS[deviation.code]
        lines.append(Line("deviation", kind.code, deviation.detail, kind.zh, kind.en))
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


def _header(packet: Packet) -> Iterator[Line]:
    said = {
        "QN": packet.qn,
        "ST": packet.st,
        "CN": packet.cn,
        "PW": packet.pw,
        "MN": packet.mn,
        "Flag": _text(packet.flag),
        "PNUM": _text(packet.pnum),
        "PNO": _text(packet.pno),
        "RF": packet.rf,
    }
    for name, value in said.items():
        if value:
            zh, en = field_names()["header", name]
            more_zh, more_en = _meaning(packet, name)
            yield Line("header", name, value, zh + more_zh, en + more_en)


def _text(number: int | None) -> str:
    return "" if number is None else str(number)


def _meaning(packet: Packet, name: str) -> tuple[str, str]:
    if name == "ST" and packet.st in SYSTEMS:
        row = SYSTEMS[packet.st]
        return f"：{row['zh']}", f": {row['en']}"
    if name == "CN" and packet.cn in COMMANDS:
        command = upload_command(packet.cn) or COMMANDS[packet.cn][0]
        return f"：{command.zh}", f": {command.en}"
    if name == "Flag" and packet.flag is not None:
        version = {0: "2005", 1: "2017", 2: "2025"}.get(packet.version, "?")
        zh = [f"版本 {version}", "要求应答" if packet.flag & 1 else "不要求应答"]
        en = [f"version {version}", "answer wanted" if packet.flag & 1 else "no answer wanted"]
        if packet.flag & 2:
            zh.append("有包号")
            en.append("has packet numbers")
        return f"：{'，'.join(zh)}", f": {', '.join(en)}"
    return "", ""


def _plain_fields(packet: Packet) -> Iterator[Line]:
    for name, value in packet.fields.items():
        zh, en = field_names().get(
            ("area", name), ("标准以外的字段", "not a field of the standard")
        )
        result = results().get((name, value))
        if result:
            zh, en = f"{zh}：{result['zh']}", f"{en}: {result['en']}"
        elif name == "DataTime" and (command := upload_command(packet.cn)) and command.label:
            start = command.label == "start"
            zh = f"{zh}（{'时段起点' if start else '采集时刻'}）"
            en = f"{en} ({'start of the interval' if start else 'instant of collection'})"
        yield Line("field", name, value, zh, en)


def _readings(packet: Packet) -> Iterator[Line]:
    for code, values in packet.readings:
        known = factors().get(factor_2017(code, st=packet.st) or code)
        factor_zh, factor_en = (known.zh, known.en) if known else (code, code)
        for suffix, text in values.items():
            zh, en = field_names().get(("suffix", suffix), ("标准以外的后缀", "unknown suffix"))
            flag = data_flags().get(text) if suffix == "Flag" else None
            if flag:
                zh, en = f"{zh}：{flag['zh']}", f"{en}: {flag['en']}"
            yield Line(
                "reading", f"{code}-{suffix}", text, f"{factor_zh} {zh}", f"{factor_en} {en}"
            )
