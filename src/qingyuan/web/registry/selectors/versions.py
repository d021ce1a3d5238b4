"""Versions of a record that is never overwritten (历次版本): what each changed against the one before."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from django.db.models import Model

__all__ = ["Change", "Version", "shown", "versions"]

M = TypeVar("M", bound=Model)


@dataclass(frozen=True, slots=True)
class Change:
    """One field of one version: its label, what it was and what it became, as a reader sees them."""

    label: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Version(Generic[M]):
    """A version and what it changed against the one before."""

    row: M
    changes: list[Change]


def shown(row: Model, name: str) -> str:
    """Return a field as a reader sees it; a dash where it is empty."""
    display = getattr(row, f"get_{name}_display", None)
    value = display() if display else getattr(row, name)
    return "—" if value in (None, "") else str(value)


def versions(
    rows: Iterable[M], fields: Sequence[str], *, said: Callable[[M, str], str] = shown
) -> list[Version[M]]:
    """Return *rows*, the oldest first, as versions, newest first, by their *fields*."""
    told: list[Version[M]] = []
    before: M | None = None
    for row in rows:
        told.append(Version(row, [] if before is None else _changes(before, row, fields, said)))
        before = row
    return told[::-1]


def _changes(
    before: M, after: M, fields: Sequence[str], said: Callable[[M, str], str]
) -> list[Change]:
    found = []
    for name in fields:
        field = after._meta.get_field(name)
        if getattr(before, field.attname) != getattr(after, field.attname):
            found.append(Change(str(field.verbose_name), said(before, name), said(after, name)))
    return found
