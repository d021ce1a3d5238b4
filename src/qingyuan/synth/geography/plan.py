"""The skeleton, the trades and the name parts, as read."""

from __future__ import annotations

import csv
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

__all__ = ["EFFLUENT", "Trade", "names", "plan", "trades"]

# the factors a trade's effluent is described by, in the order the world carries them (mg/L; μS/cm)
EFFLUENT = ("w01018", "w21003", "w21011", "w01019", "w21001", "w21017", "w01014")


@dataclass(frozen=True, slots=True)
class Trade:
    """One trade (行业): what it is called, how many there are, what it lets out."""

    code: str
    name: str
    word: str
    en: str
    kind: str
    weight: float
    low_m3_d: float
    high_m3_d: float
    cycle: str
    effluent: Mapping[str, float]


def _text(name: str) -> str:
    return files(__package__).joinpath(name).read_text("utf-8")


@cache
def plan() -> Mapping[str, Any]:
    """Return the skeleton of the city."""
    return tomllib.loads(_text("plan.toml"))


@cache
def names() -> Mapping[str, Any]:
    """Return the parts of invented names."""
    return tomllib.loads(_text("names.toml"))


@cache
def trades() -> Mapping[str, Trade]:
    """Return the trades by their GB/T 4754-2017 code."""
    found = {}
    for row in csv.DictReader(_text("trades.csv").splitlines()):
        found[row["code"]] = Trade(
            row["code"],
            row["name"],
            row["word"],
            row["en"],
            row["kind"],
            float(row["weight"]),
            float(row["low_m3_d"]),
            float(row["high_m3_d"]),
            row["cycle"],
            {factor: float(row[factor]) for factor in EFFLUENT},
        )
    return found
