"""What a city folder holds (城市包的文件与列), read from ``columns.toml``."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Column", "TableFile", "matters", "roles", "table_files"]


@dataclass(frozen=True, slots=True)
class Column:
    """One column of one file: what may stand in it and what it means."""

    name: str
    type: str
    zh: str
    en: str
    required: bool = False
    unit: str = ""
    enum: tuple[str, ...] = ()
    ref: str = ""
    min: float | None = None
    max: float | None = None


@dataclass(frozen=True, slots=True)
class TableFile:
    """One file of a city folder and its columns."""

    name: str
    zh: str
    en: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    optional: bool = False


@cache
def _document() -> Mapping[str, Any]:
    return tomllib.loads(files(__package__).joinpath("columns.toml").read_text("utf-8"))


def matters() -> Mapping[str, Mapping[str, str]]:
    """Return the matters of the responsibility matrix (事项): code → zh, en."""
    return MappingProxyType(_document()["matters"])


def roles() -> Mapping[str, Mapping[str, str]]:
    """Return the roles a person may have (角色): code → zh, en."""
    return MappingProxyType(_document()["roles"])


def _column(row: Mapping[str, Any]) -> Column:
    enum = row.get("enum", ())
    if isinstance(enum, str):  # the name of another table of the document
        enum = _document()[enum]
    return Column(**{**row, "enum": tuple(enum)})


@cache
def table_files() -> Mapping[str, TableFile]:
    """Return every file of a city folder by name, in the order they are documented."""
    found = {
        name: TableFile(
            name,
            body["zh"],
            body["en"],
            tuple(body["key"]),
            tuple(_column(row) for row in body["columns"]),
            body.get("optional", False),
        )
        for name, body in _document()["files"].items()
    }
    return MappingProxyType(found)
