"""Kinds of bulletins and registers (种类、登记册): two tables as data, read once."""

from __future__ import annotations

import tomllib
from calendar import monthrange
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from django.utils.translation import get_language

__all__ = [
    "STATE_AFTER",
    "Column",
    "Kind",
    "Register",
    "kind_named",
    "kinds",
    "registers",
    "step_roles",
]

# 每一步之后的状态；拟稿之后是 draft / the state after each step
STATE_AFTER: Mapping[str, str] = MappingProxyType(
    {"review": "reviewed", "sign": "signed", "publish": "published"}
)
_HERE = Path(__file__).parent


def _in_language(zh: str, en: str) -> str:
    return en if (get_language() or "").startswith("en") else zh


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of bulletin (通报种类): its period, its chain, when it is written by default."""

    name: str
    zh: str
    en: str
    period: str
    mark: str
    chain: tuple[str, ...]
    hour: int
    weekday: int | None = None  # 1 is Monday
    monthday: int | None = None
    month: int | None = None
    on: bool = True

    @property
    def label(self) -> str:
        """Its name in the language of the page."""
        return _in_language(self.zh, self.en)

    def span(self, day: date) -> tuple[date, date]:
        """Return the first and the last day of the period that holds *day*."""
        if self.period == "day":
            return day, day
        if self.period == "week":
            first = day - timedelta(days=day.weekday())
            return first, first + timedelta(days=6)
        if self.period == "year":
            return date(day.year, 1, 1), date(day.year, 12, 31)
        return day.replace(day=1), day.replace(day=monthrange(day.year, day.month)[1])

    def before(self, day: date) -> tuple[date, date]:
        """Return the last whole period before *day*: what is written on that day."""
        first, _ = self.span(day)
        return self.span(first - timedelta(days=1))

    def number(self, last: date) -> str:
        """Return the document's number: by day, week or month of the year."""
        week = last.isocalendar()
        found = {
            "day": (last.year, last.timetuple().tm_yday),
            "week": (week.year, week.week),
            "month": (last.year, last.month),
            "year": (last.year, 1),
        }
        year, n = found[self.period]
        return f"{self.mark}〔{year}〕{n}号"

    def next_step(self, state: str) -> str:
        """Return the step that comes after a state; ``""`` when there is none."""
        done = ("draft", *(STATE_AFTER[step] for step in self.chain))
        return dict(zip(done, self.chain, strict=False)).get(state, "")


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a register."""

    name: str
    zh: str
    en: str
    type: str
    required: bool = False

    @property
    def label(self) -> str:
        """Its name in the language of the page."""
        return _in_language(self.zh, self.en)


@dataclass(frozen=True, slots=True)
class Register:
    """One register (登记册); `done` is empty when its rows have no second date."""

    name: str
    zh: str
    en: str
    source: str
    columns: tuple[Column, ...]
    on: tuple[str, str]
    done: tuple[str, str] | None = None

    @property
    def label(self) -> str:
        """Its name in the language of the page."""
        return _in_language(self.zh, self.en)

    @property
    def on_label(self) -> str:
        """What its date is called."""
        return _in_language(*self.on)

    @property
    def done_label(self) -> str:
        """What its second date is called; ``""`` when it has none."""
        return _in_language(*self.done) if self.done else ""


def _read(name: str) -> Mapping[str, Any]:
    return tomllib.loads((_HERE / name).read_text("utf-8"))


@cache
def kinds() -> Mapping[str, Kind]:
    """Return the kinds by name, in their order."""
    held = _read("kinds.toml")["kinds"]
    return MappingProxyType({
        name: Kind(name=name, **{**row, "chain": tuple(row["chain"])}) for name, row in held.items()
    })  # fmt: skip


def kind_named(name: str) -> Kind:
    """Return a kind."""
    return kinds()[name]


def step_roles(step: str) -> frozenset[str]:
    """Return the roles that do a step."""
    roles: Sequence[str] = _read_steps()[step]
    return frozenset(roles)


@cache
def _read_steps() -> Mapping[str, Sequence[str]]:
    return dict(_read("kinds.toml")["steps"])


@cache
def registers() -> Mapping[str, Register]:
    """Return the registers by name, in their order."""

    def both(row: Mapping[str, str] | None) -> tuple[str, str] | None:
        return (row["zh"], row["en"]) if row else None

    return MappingProxyType({
        name: Register(
            name, row["zh"], row["en"], row["source"],
            tuple(Column(**column) for column in row["columns"]),
            both(row["on"]) or ("", ""), both(row.get("done")),
        )
        for name, row in _read("registers.toml").items()
    })  # fmt: skip
