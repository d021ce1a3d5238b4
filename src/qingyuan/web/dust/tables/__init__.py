"""What documents say of dust sources, as dated tables: kinds, departments, duties, six measures."""

from __future__ import annotations

import csv
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeVar

from django.utils.translation import get_language

__all__ = [
    "Department",
    "Duty",
    "Kind",
    "Measure",
    "departments",
    "kinds",
    "measures",
    "parameters",
    "shipped_duties",
]

_HOME = Path(__file__).parent


def _rows(name: str) -> list[dict[str, str]]:
    with (_HOME / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


def _english() -> bool:
    return (get_language() or "").startswith("en")


@dataclass(frozen=True, slots=True)
class Department:
    """One responsible department (责任部门)."""

    code: str
    zh: str
    en: str
    short_zh: str
    short_en: str

    @property
    def name(self) -> str:
        """Its name in the reader's language."""
        return self.en if _english() else self.zh

    @property
    def short(self) -> str:
        """What people call it."""
        return self.short_en if _english() else self.short_zh


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of source (类别), and how much dust it raises against the others."""

    code: str
    zh: str
    en: str
    weight: float
    mark: str

    @property
    def name(self) -> str:
        """Its name in the reader's language."""
        return self.en if _english() else self.zh


@dataclass(frozen=True, kw_only=True, slots=True)
class Dated:
    """A row in force ``[valid_from, valid_to)``: where it is written, what is not verified."""

    valid_from: date | None
    valid_to: date | None
    clause_zh: str
    clause_en: str
    mark_zh: str
    mark_en: str

    @property
    def clause(self) -> str:
        """Where it is written, in the reader's language."""
        return self.clause_en if _english() else self.clause_zh

    @property
    def mark(self) -> str:
        """What is not verified about it; empty when the document says it."""
        return self.mark_en if _english() else self.mark_zh

    def holds(self, on: date) -> bool:
        """Whether it is in force on a day."""
        return (self.valid_from is None or self.valid_from <= on) and (
            self.valid_to is None or on < self.valid_to
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class Duty(Dated):
    """Whose duty a kind of source is (职责); ``made_by`` where this city decided it."""

    kind: str
    department: str
    part: str
    made_by: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Measure(Dated):
    """One of the six measures every site must keep to the full (六个百分之百)."""

    code: str
    zh: str
    en: str

    @property
    def name(self) -> str:
        """Its name in the reader's language."""
        return self.en if _english() else self.zh


@cache
def departments() -> Mapping[str, Department]:
    """Return the departments by code, in the table's order."""
    return MappingProxyType({row["code"]: Department(**row) for row in _rows("departments")})


@cache
def kinds() -> Mapping[str, Kind]:
    """Return the kinds of source by code, in the table's order."""
    return MappingProxyType(
        {r["code"]: Kind(**{**r, "weight": float(r["weight"])}) for r in _rows("kinds")}  # type: ignore[arg-type]  # every other column is text
    )


_D = TypeVar("_D", bound=Dated)


@cache
def _dated(table: str, made: type[_D]) -> tuple[_D, ...]:
    told = []
    for row in _rows(table):
        days = {n: _day(row.pop(n)) for n in ("valid_from", "valid_to")}
        words = {f"{n}_zh": row.pop(n) for n in ("clause", "mark")}
        told.append(made(**row, **days, **words))  # type: ignore[arg-type]  # every other column is text
    return tuple(told)


def shipped_duties(*, on: date) -> list[Duty]:
    """Return whose duty each kind is by the shipped table, the leading department of a kind first.

    What a city changed stands in `selectors.duties`; ask there.
    """
    return [duty for duty in _dated("duties", Duty) if duty.holds(on)]


def measures(*, on: date) -> list[Measure]:
    """Return the measures in force on a day."""
    return [m for m in _dated("measures", Measure) if m.holds(on)]


@cache
def parameters(part: str) -> Mapping[str, Any]:
    """Return the numbers of one part of ``parameters.toml``; each is marked there."""
    path = _HOME.parent / "parameters.toml"
    return MappingProxyType(tomllib.loads(path.read_text("utf-8"))[part])
