"""One cell at a time (单元格): text to value by the column's type, or the problem with it."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from qingyuan.cities.credit_code import is_valid_credit_code
from qingyuan.core.problems import Problem
from qingyuan.core.quantities import as_decimal

if TYPE_CHECKING:
    from qingyuan.cities.columns import Column

__all__ = ["value_of"]

_MN = re.compile(r"[0-9A-F]{24}")
_BOOLS = {"1": True, "是": True, "true": True, "0": False, "否": False, "false": False}
_EMPTY: dict[str, Any] = {"text": "", "credit_code": "", "mn": "", "codes": ()}


def value_of(text: str, *, column: Column, file: str, row: int) -> Any:
    """Return the value of one cell; an empty optional cell is None (or empty text).

    Raises
    ------
    Problem
        Naming file, row, column, value and the rule.
    """
    text = text.strip()
    where: dict[str, object] = {"file": file, "row": row, "column": column.name, "value": text}
    if not text:
        if column.required:
            raise Problem("cities.empty", file=file, row=row, column=column.name)
        return _EMPTY.get(column.type)
    value = _typed(text, column, where)
    _check_allowed(value, column, where)
    return value


def _typed(text: str, column: Column, where: dict[str, object]) -> Any:
    match column.type:
        case "number" | "exact":
            exact = _number(text, where)
            return exact if column.type == "exact" else float(exact)
        case "int":
            exact = _number(text, where)
            if exact != exact.to_integral_value():
                raise Problem("cities.not_an_integer", **where)
            return int(exact)
        case "bool":
            if text.lower() not in _BOOLS:
                raise Problem("cities.not_a_bool", **where)
            return _BOOLS[text.lower()]
        case "date":
            try:
                return date.fromisoformat(text)
            except ValueError:
                raise Problem("cities.not_a_date", **where) from None
        case "codes":
            return tuple(part.strip() for part in text.split(";") if part.strip())
        case "credit_code" if not is_valid_credit_code(text):
            raise Problem("cities.bad_credit_code", **where)
        case "mn" if not _MN.fullmatch(text):
            raise Problem("cities.bad_mn", **where)
    return text


def _number(text: str, where: dict[str, object]) -> Decimal:
    try:
        return as_decimal(text)
    except Problem:
        raise Problem("cities.not_a_number", **where) from None


def _check_allowed(value: Any, column: Column, where: dict[str, object]) -> None:
    if column.enum:
        for part in value if isinstance(value, tuple) else (value,):
            if part not in column.enum:
                raise Problem(
                    "cities.not_in_list",
                    **{**where, "value": part, "allowed": "、".join(column.enum)},
                )
    low, high = column.min, column.max
    if (low is not None and value < low) or (high is not None and value > high):
        raise Problem(
            "cities.out_of_range",
            **where,
            lowest="−∞" if low is None else f"{low:g}",
            highest="+∞" if high is None else f"{high:g}",
        )
