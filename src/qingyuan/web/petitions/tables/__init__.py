"""Tables of the room: channels with their former names, categories with their questions, parameters."""

from __future__ import annotations

import csv
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from types import MappingProxyType

__all__ = ["Category", "ChannelRow", "ParameterRow", "Question", "categories", "channel_rows", "former_names", "parameter_rows"]  # fmt: skip

_HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class ChannelRow:
    """One way in (渠道): what it is called and which procedure its reports follow."""

    code: str
    zh: str
    en: str
    procedure: str
    kind: str
    valid_from: date
    valid_to: date | None
    source: str
    mark: str


@dataclass(frozen=True, slots=True)
class ParameterRow:
    """One number of the room's rules (参数), with its source and what is not verified."""

    name: str
    value: Decimal
    unit: str
    zh: str
    en: str
    valid_from: date
    source: str
    mark: str


@dataclass(frozen=True, slots=True)
class Question:
    """One question a category asks, and its answers."""

    name: str
    zh: str
    en: str
    choices: Mapping[str, tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Category:
    """What a citizen reports (类别); its code is a pollution type."""

    code: str
    zh: str
    en: str
    questions: tuple[Question, ...]


def _rows(name: str) -> list[dict[str, str]]:
    with (_HERE / name).open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


@cache
def channel_rows() -> Mapping[str, ChannelRow]:
    """Return the shipped channels by code."""
    found = {}
    for row in _rows("channels.csv"):
        since = date.fromisoformat(row["valid_from"])
        until = _day(row["valid_to"])
        found[row["code"]] = ChannelRow(**{**row, "valid_from": since, "valid_to": until})
    return MappingProxyType(found)


@cache
def former_names() -> Mapping[str, str]:
    """Return every former or other name of a channel → its code."""
    return MappingProxyType({row["name"]: row["code"] for row in _rows("channel_names.csv")})


@cache
def parameter_rows() -> Mapping[str, ParameterRow]:
    """Return the shipped parameters by name."""
    return MappingProxyType(
        {
            row["name"]: ParameterRow(
                **{
                    **row,
                    "value": Decimal(row["value"]),
                    "valid_from": date.fromisoformat(row["valid_from"]),
                }
            )
            for row in _rows("parameters.csv")
        }
    )


@cache
def categories() -> Mapping[str, Category]:
    """Return what a citizen may report, in the order of the form."""
    table = tomllib.loads((_HERE / "categories.toml").read_text("utf-8"))
    return MappingProxyType(
        {
            code: Category(
                code,
                row["zh"],
                row["en"],
                tuple(
                    Question(
                        name, q["zh"], q["en"],
                        {key: (c["zh"], c["en"]) for key, c in q["choices"].items()},
                    )
                    for name, q in row.get("questions", {}).items()
                ),
            )
            for code, row in table.items()
        }
    )  # fmt: skip
