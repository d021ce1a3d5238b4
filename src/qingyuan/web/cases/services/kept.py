"""Values of forms as JSON keeps them, and back (填写值): days and figures read back exactly."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal

from qingyuan import casework

__all__ = ["plain", "read_back"]


def plain(value: object) -> object:
    """Return a value as JSON keeps it."""
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, date):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal) else value


def read_back(
    fields: Mapping[str, casework.Field], kept: Mapping[str, object]
) -> dict[str, object]:
    """Return kept values as they were given; a name the form no longer asks for is left out."""
    return {name: _read(fields[name].kind, kept[name]) for name in kept if name in fields}


def _read(kind: str, value: object) -> object:
    if not isinstance(value, str):
        return value
    match kind:
        case "date":
            return date.fromisoformat(value)
        case "day_time":
            return datetime.fromisoformat(value)
        case "number":
            return Decimal(value)
    return value
