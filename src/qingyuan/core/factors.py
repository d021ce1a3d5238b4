"""Factors (监测因子): what a six-character code is called, and its display unit.

The table holds what the platform shows and evaluates; a code outside it is kept and shown as it
came, never dropped. Units here are those of display: what a device sends is a property of the
device (HJ 212 carries no units).
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Factor", "factor", "factor_by_name", "factors"]


@dataclass(frozen=True, slots=True)
class Factor:
    """One monitored factor (监测因子) of HJ 212-2017 附录B or its known additions."""

    code: str
    zh: str
    en: str
    symbol: str
    unit: str
    decimals: int
    medium: str
    source: str


@cache
def factors() -> Mapping[str, Factor]:
    """Return the whole table by code, in its own order."""
    with files(__package__).joinpath("tables/factors.csv").open(encoding="utf-8") as lines:
        rows = [Factor(decimals=int(row.pop("decimals")), **row) for row in csv.DictReader(lines)]
    return MappingProxyType({row.code: row for row in rows})


def factor(code: str) -> Factor:
    """Return the factor of *code*; an unknown code answers as itself, without a unit."""
    known = factors().get(code)
    return known or Factor(
        code, code, code, code, "", 3, "unknown", "设备自报 / as sent by the device"
    )


def factor_by_name(name: str) -> Factor | None:
    """Return the factor whose code, Chinese name or symbol is *name*, or None."""
    wanted = name.strip()
    for row in factors().values():
        if wanted in (row.code, row.zh, row.symbol, row.en):
            return row
    return None
