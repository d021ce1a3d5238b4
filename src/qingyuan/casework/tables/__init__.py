"""The tables of the room: roles a procedure may name, and time limits with their clauses."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import cast

from qingyuan.casework.model import Label, Unit

__all__ = ["LIMITS", "ROLES", "Limit", "RoleRow"]

_HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class RoleRow:
    """A role a procedure may name (角色); ``acts`` is False for the three administrators (三员)."""

    name: str
    label: Label
    acts: bool


@dataclass(frozen=True, slots=True)
class Limit:
    """A time limit of a law or rule (法定或约定时限); ``mark`` is empty when its text was read."""

    code: str
    label: Label
    length: int
    unit: Unit
    from_event: str
    source: str
    mark: str


def _rows(name: str) -> list[dict[str, str]]:
    with (_HERE / name).open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


ROLES: Mapping[str, RoleRow] = MappingProxyType(
    {
        r["role"]: RoleRow(r["role"], Label(r["zh"], r["en"]), r["acts"] == "1")
        for r in _rows("roles.csv")
    }
)
LIMITS: Mapping[str, Limit] = MappingProxyType(
    {
        r["code"]: Limit(
            code=r["code"],
            label=Label(r["zh"], r["en"]),
            length=int(r["length"]),
            unit=cast(Unit, r["unit"]),
            from_event=r["from_event"],
            source=r["source"],
            mark=r["mark"],
        )
        for r in _rows("limits.csv")
    }
)
