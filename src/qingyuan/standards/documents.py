"""Documents (标准文件): each table of limits with where it comes from and when it is in force.

A document is ``tables/<name>.csv`` beside ``tables/<name>.toml``. Which one applies is always a
question of a date: the sample's or the deed's, never today's.
"""

from __future__ import annotations

import csv
import hashlib
import io
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import Any

from qingyuan.core.periods import city_date
from qingyuan.core.problems import Problem

__all__ = ["Document", "Row", "document", "document_at", "documents"]


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a table: a bound of an item in a class, under a condition."""

    item: str
    cls: str
    condition: str
    bound: str
    value: Decimal
    unit: str
    clause: str


@dataclass(frozen=True, slots=True, eq=False)
class Document:
    """A table of limits or rules with its provenance (标准文件)."""

    name: str
    family: str
    document: str
    title: str
    issuer: str
    in_force_from: date
    in_force_to: date | None
    superseded_by: str
    checked_by: str
    checked_on: str
    mark: str
    rows: tuple[Row, ...]
    more: Mapping[str, Any]

    def is_in_force(self, at: date) -> bool:
        """Whether it governs a sample of the day *at*."""
        return self.in_force_from <= at and (self.in_force_to is None or at <= self.in_force_to)


@cache
def documents() -> tuple[Document, ...]:
    """Return every document held, by name.

    Raises
    ------
    Problem
        ``standards.table_changed`` if a table is not the one its sidecar describes.
    """
    folder = files(__package__).joinpath("tables")
    names = sorted(
        entry.name.removesuffix(".toml")
        for entry in folder.iterdir()
        if entry.name.endswith(".toml")
    )
    # a table without a family is a list of words, not a document of limits
    return tuple(_read(name) for name in names if "family" in _sidecar(name))


def document(name: str) -> Document:
    """Return one document by table name (``gb3838-2002``) or number (``GB 3838-2002``).

    Raises
    ------
    Problem
        ``standards.unknown_document``.
    """
    for held in documents():
        if name in (held.name, held.document):
            return held
    known = "、".join(held.name for held in documents())
    raise Problem("standards.unknown_document", given=name, known=known)


def document_at(family: str, at: date) -> Document:
    """Return the document of *family* in force on the Beijing date *at*.

    Raises
    ------
    Problem
        ``standards.not_in_force`` if none of those held was.
    """
    return _document_at(family, city_date(at) if isinstance(at, datetime) else at)


@cache
def _document_at(family: str, at: date) -> Document:
    known = [held for held in documents() if held.family == family]
    for held in known:
        if held.is_in_force(at):
            return held
    earliest = min((held.in_force_from for held in known), default="—")
    raise Problem("standards.not_in_force", family=family, at=at, earliest=earliest)


def _sidecar(name: str) -> dict[str, Any]:
    path = files(__package__).joinpath("tables").joinpath(f"{name}.toml")
    return tomllib.loads(path.read_text("utf-8"))


def _read(name: str) -> Document:
    folder = files(__package__).joinpath("tables")
    sidecar = _sidecar(name)
    rows: tuple[Row, ...] = ()
    if "sha256" in sidecar:
        content = folder.joinpath(f"{name}.csv").read_bytes()
        found = hashlib.sha256(content).hexdigest()
        _check(name, "sha256", sidecar["sha256"], found)
        rows = tuple(_row(line) for line in csv.DictReader(io.StringIO(content.decode("utf-8"))))
        _check(name, "rows", sidecar["rows"], len(rows))
    return Document(
        name=name,
        family=sidecar["family"],
        document=sidecar["document"],
        title=sidecar["title"],
        issuer=sidecar["issuer"],
        in_force_from=date.fromisoformat(sidecar["in_force_from"]),
        in_force_to=date.fromisoformat(sidecar["in_force_to"]) if sidecar["in_force_to"] else None,
        superseded_by=sidecar["superseded_by"],
        checked_by=sidecar["checked_by"],
        checked_on=sidecar["checked_on"],
        mark=sidecar["mark"],
        rows=rows,
        more={key: value for key, value in sidecar.items() if isinstance(value, dict)},
    )


def _row(line: Mapping[str, str]) -> Row:
    return Row(
        item=line["item"],
        cls=line["class"],
        condition=line["condition"],
        bound=line["bound"],
        value=Decimal(line["value"]),
        unit=line["unit"],
        clause=line["clause"],
    )


def _check(name: str, what: str, expected: object, found: object) -> None:
    if expected != found:
        raise Problem(
            "standards.table_changed", name=name, what=what, expected=expected, found=found
        )
