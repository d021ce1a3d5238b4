"""The tables of the room: what a procedure may name (time limits are `limits`').

Roles, pollution types, truth and progress words and column sources are the house's; effects and
marks grow by a line with each app that brings one (its name in the last column).
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from qingyuan.casework.model import Label

__all__ = [
    "COLUMNS",
    "EFFECTS",
    "MARKS",
    "PROGRESS",
    "ROLES",
    "TRUTHS",
    "TYPES",
    "EffectRow",
    "MarkRow",
    "RoleRow",
    "rows_of",
]

_HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class RoleRow:
    """A role a procedure may name (角色); ``acts`` is False for the three administrators (三员)."""

    name: str
    label: Label
    acts: bool


@dataclass(frozen=True, slots=True)
class EffectRow:
    """Something the platform can do after a deed (系统动作), and the app that does it."""

    name: str
    label: Label
    app: str


@dataclass(frozen=True, slots=True)
class MarkRow:
    """A word that may be true of a case (标记), and the app that knows.

    ``lacking`` is said when a deed wants the word and it is not true, ``standing`` when a deed
    wants it false and it is true.
    """

    word: str
    lacking: Label
    standing: Label
    app: str


def rows_of(name: str) -> list[dict[str, str]]:
    """Return the rows of the table *name* as text."""
    with (_HERE / name).open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


ROLES: Mapping[str, RoleRow] = MappingProxyType(
    {
        r["role"]: RoleRow(r["role"], Label(r["zh"], r["en"]), r["acts"] == "1")
        for r in rows_of("roles.csv")
    }
)


def _labels(name: str, key: str) -> Mapping[str, Label]:
    return MappingProxyType({r[key]: Label(r["zh"], r["en"]) for r in rows_of(name)})


TYPES = _labels("types.csv", "type")
"""Pollution types (污染类型), by code."""
TRUTHS = _labels("truths.csv", "word")
"""Truth findings (属实情况), by word."""
PROGRESS = _labels("progress.csv", "word")
"""How far the matter is handled (办理进度), by word; apart from the truth finding."""
COLUMNS = _labels("columns.csv", "source")
"""What a ledger column may be read from, besides ``form.NAME`` and ``given.DEED.FIELD``."""
EFFECTS: Mapping[str, EffectRow] = MappingProxyType(
    {
        r["name"]: EffectRow(r["name"], Label(r["zh"], r["en"]), r["app"])
        for r in rows_of("effects.csv")
    }
)
MARKS: Mapping[str, MarkRow] = MappingProxyType(
    {
        r["word"]: MarkRow(
            word=r["word"],
            lacking=Label(r["zh"], r["en"]),
            standing=Label(
                r.get("not_zh") or f"“{r['word']}”已成立",
                r.get("not_en") or f'"{r["word"]}" holds already',
            ),
            app=r["app"],
        )
        for r in rows_of("marks.csv")
    }
)
