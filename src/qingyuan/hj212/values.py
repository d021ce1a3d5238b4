"""Values (数值): what is odd about a number as sent (hj212.md §6.11). Values are never changed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from qingyuan.hj212.clock import instant
from qingyuan.hj212.packet import Deviation, Reading

__all__ = ["DECIMALS", "odd_time", "odd_value", "sentinels"]

_NUMBER = re.compile(r"([+-]?)(?:[0-9]+(?:\.([0-9]*))?|\.([0-9]+))([eE][+-]?[0-9]+)?")
DECIMALS = 6  # no data type of 附录B has more
_SENTINEL = re.compile(r"-?9{3,}(?:\.9+|\.0+)?")
_NUMERIC = ("Rtd", "Avg", "Min", "Max")


def odd_value(code: str, name: str, text: str) -> Deviation | None:
    """Say what is odd about the value *text* of factor *code*, sent as *name*, or None."""
    detail = f"{name}={text}"[:60]
    if not text:
        return Deviation("value.empty", detail)
    found = _NUMBER.fullmatch(text)
    if found is None:
        return Deviation("value.not_number", detail)
    sign, decimals, bare, exponent = found.groups(default="")
    if exponent:
        return Deviation("value.scientific", detail)
    if sign == "+":
        return Deviation("value.plus", detail)
    if sign == "-" and _is_concentration(code) and text.strip("-0."):
        if _SENTINEL.fullmatch(text):
            return None  # told by `sentinels`
        return Deviation("value.negative", detail)
    if len(decimals or bare) > DECIMALS:
        return Deviation("value.precision", detail)
    return None


def odd_time(name: str, text: str) -> Deviation:
    """Say what is odd about a time that is not a real instant of fourteen digits."""
    code = "milliseconds" if instant(text) else "invalid" if text else "empty"
    return Deviation(f"time.{code}", f"{name}={text}"[:40])


def sentinels(readings: Iterable[Reading]) -> Iterator[Deviation]:
    """Say which values look like placeholders: 999.99, 9999, -9999."""
    for code, values in readings:
        for suffix in _NUMERIC:
            text = values.get(suffix, "")
            if _SENTINEL.fullmatch(text):
                yield Deviation("value.sentinel", f"{code}-{suffix}={text}"[:60])


def _is_concentration(code: str) -> bool:
    """Whether a value below zero makes no sense: not a temperature, pressure or level."""
    return code[:1] in ("w", "a") and code[:3] != "a01" and code != "w01010"
