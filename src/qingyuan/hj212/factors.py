"""Factor codes (因子编码): what a code on the wire is called, of whichever edition it is.

HJ 212-2017 附录B; ``xx`` at the end of a process code is the number of the device, 01 to 99. The
display names of the platform's own factors are in `qingyuan.core.factors`; here is the whole annex.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType

from qingyuan.hj212.tables import factor_2017

__all__ = ["annex_b", "factor_names"]


@cache
def annex_b() -> Mapping[str, Mapping[str, str]]:
    """Return the rows of 附录B by code: ``zh``, ``en``, ``unit``, ``type`` and ``source``.

    Units are the standard's; what a device sends is a property of the device (hj212.md §3).
    """
    with files(__package__).joinpath("tables/factors_2017.csv").open(encoding="utf-8") as lines:
        return MappingProxyType({row["code"]: row for row in csv.DictReader(lines)})


def factor_names(code: str, *, st: str) -> tuple[str, str]:
    """Return the Chinese and English name of a code as sent; an unknown one answers as itself."""
    row = annex_b().get(code)
    if row is not None:
        return row["zh"], row["en"]
    modern = factor_2017(code, st=st)
    row = annex_b().get(modern or "")
    if row is not None:
        return f"{row['zh']}（即 {modern}）", f"{row['en']} (now {modern})"
    for tail in ("xx", "x"):
        number = code[-len(tail) :]
        row = annex_b().get(code[: -len(tail)] + tail)
        if row is not None and number.isdigit():
            return f"{row['zh']} {number} 号", f"{row['en']} no. {number}"
    if code.startswith("SB") and code[2:].isdigit():
        return f"治理设施 {code[2:]} 号", f"treatment device no. {code[2:]}"
    return f"{code}（编码表外）", f"{code} (outside the tables)"
