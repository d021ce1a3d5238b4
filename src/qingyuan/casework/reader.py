"""Walk parsed TOML and gather faults with line and path (逐项读取): the tool `load` reads with."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, TypeVar, cast

from qingyuan.casework.model import Label
from qingyuan.core.problems import Problem

__all__ = ["REQUIRED", "Reader", "Table", "positions_of"]

_HEADER = re.compile(r"^\s*(\[\[|\[)([\w.\-]+)\]{1,2}\s*(?:#.*)?$")
_KEY = re.compile(r"^\s*([\w\-]+)\s*=")
REQUIRED = object()
"""Stands for the default of a key that must be there."""
T = TypeVar("T")


def positions_of(text: str) -> dict[str, int]:
    """Map ``deed[3].to`` and the like to line numbers."""
    found: dict[str, int] = {}
    counts: dict[str, int] = {}
    here = ""
    for number, line in enumerate(text.splitlines(), 1):
        if header := _HEADER.match(line):
            here = header[2]
            if header[1] == "[[":
                counts[here] = counts.get(here, -1) + 1
                here = f"{here}[{counts[here]}]"
            found[here] = number
        elif key := _KEY.match(line):
            found.setdefault(f"{here}.{key[1]}" if here else key[1], number)
    return found


def _line_of(positions: Mapping[str, int], path: str) -> int:
    """Return the line of *path*, or of the nearest thing that holds it."""
    while path and path not in positions:
        cut = max(path.rfind("."), path.rfind("[") if path.endswith("]") else -1)
        path = path[:cut] if cut > 0 else ""
    return positions.get(path, 1)


class Reader:
    """Walks parsed tables and gathers faults instead of stopping at the first."""

    def __init__(self, source: str, positions: Mapping[str, int]) -> None:
        self.source = source
        self.positions = positions
        self.problems: list[Problem] = []

    def fault(self, code: str, path: str, **values: object) -> None:
        """Note a fault at *path*."""
        line = _line_of(self.positions, path)
        self.problems.append(Problem(code, source=self.source, line=line, path=path, **values))


class Table:
    """One table being read; `done` reports keys nobody asked for."""

    def __init__(self, reader: Reader, path: str, data: object) -> None:
        self.reader, self.path = reader, path
        self.left: dict[str, Any] = {}
        if isinstance(data, dict):
            self.left = dict(data)
        else:
            reader.fault("casework.wrong_type", path, expected="table", given=repr(data))

    def take(self, key: str, kind: type[T], default: object = REQUIRED) -> T:
        """Take *key*, noting a fault if it is missing or of another kind."""
        path = f"{self.path}.{key}" if self.path else key
        if key not in self.left:
            if default is REQUIRED:
                self.reader.fault("casework.missing_key", self.path or key, key=key)
                return kind()
            return cast(T, default)
        value = self.left.pop(key)
        if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
            self.reader.fault(
                "casework.wrong_type", path, expected=kind.__name__, given=repr(value)
            )
            return kind()
        return value

    def word(self, key: str, known: tuple[str, ...], default: object = REQUIRED) -> str:
        """Take a word out of *known*."""
        value = self.take(key, str, default)
        if value not in known and value is not default and value != "":
            self.reader.fault(
                "casework.unknown_word",
                f"{self.path}.{key}",
                given=value,
                known="、".join(known),
            )
        return value

    def names(self, key: str) -> tuple[str, ...]:
        """Take a list of names; none if it is missing."""
        values = self.take(key, list, [])
        if not all(isinstance(v, str) for v in values):
            self.reader.fault(
                "casework.wrong_type",
                f"{self.path}.{key}",
                expected="list of names",
                given=repr(values),
            )
            return ()
        return tuple(values)

    def tables(self, key: str) -> list[Table]:
        """Take a list of tables; none if it is missing."""
        path = f"{self.path}.{key}" if self.path else key
        rows = self.take(key, list, [])
        return [Table(self.reader, f"{path}[{n}]", row) for n, row in enumerate(rows)]

    def named(self, key: str) -> dict[str, Table]:
        """Take tables by name; none if it is missing."""
        path = f"{self.path}.{key}" if self.path else key
        rows = self.take(key, dict, {})
        return {name: Table(self.reader, f"{path}.{name}", row) for name, row in rows.items()}

    def label(self) -> Label:
        """Take ``zh`` and ``en``."""
        return Label(self.take("zh", str), self.take("en", str))

    def done(self) -> None:
        """Note every key that was not taken."""
        for key in self.left:
            self.reader.fault("casework.unknown_key", f"{self.path}.{key}", key=key)
