"""The data area (数据区): ``name=value``, ``,`` within an item, ``;`` between items.

HJ 212-2017 6.3.3. A name with a hyphen is ``factor-Suffix``; one without is a plain field.
Values stay text as sent.
"""

from __future__ import annotations

import re

from qingyuan.hj212.clock import instant
from qingyuan.hj212.packet import Deviation, Reading
from qingyuan.hj212.tables import AREA_FIELDS, SUFFIXES
from qingyuan.hj212.values import DECIMALS, odd_time, odd_value, sentinels

__all__ = ["read_area"]

_LOG = re.compile(r"//.*?//", re.DOTALL)
_RUN_ON = re.compile(r"(?<=[0-9A-Za-z])(?=[a-z][0-9]{5}-[A-Z][A-Za-z]+=)")


def read_area(area: str, notes: list[Deviation]) -> tuple[dict[str, str], tuple[Reading, ...]]:
    """Split *area* into plain fields and readings, adding what is odd to *notes*.

    Returns
    -------
    fields : dict
        Plain fields; the first value where a name comes twice.
    readings : tuple
        ``(code, {suffix: text})`` in the order sent. Suffixes of one factor spread over several
        items are joined; the same suffix again begins a second reading of that factor.
    """
    if "//" in area and _LOG.search(area):
        items = _items_around_logs(area)
    else:
        if " " in area:
            notes.append(Deviation("area.spaces"))
            area = area.replace(" ", "")
        items = [item.split(",") for item in area.split(";")]
    fields: dict[str, str] = {}
    readings: list[Reading] = []
    latest: dict[str, dict[str, str]] = {}
    last_code = ""
    values: dict[str, str] = {}
    odd: list[tuple[str, str, str]] = []
    long = ""
    kinds = SUFFIXES.get
    for item in items:
        for pair in item:
            name, equals, value = pair.partition("=")
            code, hyphen, suffix = name.partition("-")
            if not equals:
                notes.append(Deviation("area.pair" if pair else "area.separator", pair[:40]))
            elif not hyphen:
                if name in fields:
                    notes.append(Deviation("area.repeated", name))
                elif name == "Flag":
                    notes.append(Deviation("area.flag_without_factor"))
                elif name not in AREA_FIELDS:
                    notes.append(Deviation("field.unknown", name[:40]))
                if len(item) > 1:
                    notes.append(Deviation("area.comma", name[:40]))
                fields.setdefault(name, value)
            else:
                kind = kinds(suffix)
                # The usual value is a few digits with at most one point; all else is looked at.
                if kind == "number":
                    if not value.replace(".", "", 1).isdigit():
                        odd.append((code, name, value))
                    elif len(value) > DECIMALS and not long and "." in value[: -1 - DECIMALS]:
                        long = f"{name}={value}"
                elif kind is None:
                    notes.append(Deviation("suffix.unknown", name[:40]))
                elif kind == "time" and (len(value) != 14 or instant(value) is None):
                    notes.append(odd_time(name, value))
                if "=" in value and not value.startswith("//"):
                    value = _run_on(pair, value, readings, latest, notes)
                if code != last_code or suffix in values:
                    last_code = code
                    known = latest.get(code)
                    if known is not None and suffix not in known:
                        values = known
                    else:
                        if known is not None:
                            notes.append(Deviation("area.repeated", name))
                        values = latest[code] = {}
                        readings.append((code, values))
                values[suffix] = value
    if long:  # once: the whole packet is printed that way
        notes.append(Deviation("value.precision", long[:60]))
    if odd:
        notes.extend(note for one in odd if (note := odd_value(*one)))
    if "999" in area:
        notes.extend(sentinels(readings))
    return fields, tuple(readings)


def _items_around_logs(area: str) -> list[list[str]]:
    """Split where the separators lie outside ``//…//`` (log text of i11001, 2017 附录B)."""
    logs: list[str] = []

    def _keep(found: re.Match[str]) -> str:
        logs.append(found[0])
        return f"\0{len(logs) - 1}\0"

    hidden = _LOG.sub(_keep, area.replace("\0", ""))
    back = re.compile(r"\0(\d+)\0")
    return [
        [back.sub(lambda found: logs[int(found[1])], pair) for pair in item.split(",")]
        for item in hidden.split(";")
    ]


def _run_on(
    pair: str,
    value: str,
    readings: list[Reading],
    latest: dict[str, dict[str, str]],
    notes: list[Deviation],
) -> str:
    """Break ``w20143-Flag=Nw20144-Rtd=…`` before the next factor; return the first value."""
    first, *others = _RUN_ON.split(value)
    if not others:
        notes.append(Deviation("area.pair", pair[:40]))
        return value
    notes.append(Deviation("area.separator_missing", pair[:40]))
    for other in others:
        name, _, text = other.partition("=")
        code, _, suffix = name.partition("-")
        if code not in latest:
            latest[code] = {}
            readings.append((code, latest[code]))
        latest[code].setdefault(suffix, text)
    return first
