"""What a cell means for its column (单元格取值): exact or refused, never guessed."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from qingyuan.cities import is_valid_credit_code
from qingyuan.core.periods import CITY_TZ
from qingyuan.core.problems import Problem
from qingyuan.web.exchange.tables import Column

__all__ = ["Reader", "as_text", "normal", "reader_of"]

Reader = Callable[[object], Any]
_EMPTY: dict[str, Any] = {"text": "", "code": "", "credit": "", "choice": "", "several": ()}
_NOTHING = frozenset({"/", "\\", "-", "--", "—", "——", "－", "无", "N/A", "n/a"})
_SCIENTIFIC = re.compile(r"[+-]?\d(?:\.\d+)?[Ee]\+\d{1,3}")
_GROUPED = re.compile(r"[+-]?\d{1,3}(?:,\d{3})+(?:\.\d+)?")
_DAY = re.compile(
    r"(\d{4})\s*(?:年\s*(\d{1,2})\s*月\s*(\d{1,2})\s*[日号]?|([-/.])(\d{1,2})\4(\d{1,2}))"
)
_PLAIN_DAY = re.compile(r"(\d{4})(\d{2})(\d{2})")
_CLOCK = re.compile(r"[T\s]*(\d{1,2})\s*[:时点]\s*(\d{1,2})?\s*(?:[:分]\s*(?:(\d{1,2})\s*秒?)?)?")
_ARC = re.compile(
    r"(\d{1,3})\s*[°度]\s*(\d{1,2})\s*['′’分]\s*(\d{1,2}(?:\.\d+)?)\s*(?:[\"″”秒]|''|′′)?"
)
_PARTS = re.compile(r"[、,，;；/\n|]+")
_EPOCH = date(1899, 12, 30)
_SERIALS = range(20_000, 80_000)  # 1954 to 2119
_MOST_EXACT = 10**15
_YES = {"是": True, "有": True, "y": True, "yes": True, "true": True, "1": True, "√": True, "✓": True,
        "否": False, "无": False, "n": False, "no": False, "false": False, "0": False, "×": False}  # fmt: skip
_BOUNDS = {"lon": (Decimal(73), Decimal(136)), "lat": (Decimal(3), Decimal(54))}


def normal(text: str) -> str:
    """Return text for comparing: one width, no blanks, small letters."""
    return "".join(unicodedata.normalize("NFKC", text).split()).casefold()


def as_text(raw: object) -> str:
    """Return a cell as a person sees it, for quoting."""
    if isinstance(raw, bool):
        return "TRUE" if raw else "FALSE"
    if isinstance(raw, float):
        return f"{raw:.15g}"
    if isinstance(raw, datetime):
        return f"{raw:%Y-%m-%d}" if raw.time() == time() else f"{raw:%Y-%m-%d %H:%M}"
    return str(raw)


def reader_of(column: Column, *, epoch1904: bool = False) -> Reader:
    """Return what turns a raw cell into the column's value, or raises the `Problem` that says why.

    The column's choices are taken as they are now; settle the sheet first.
    """
    inner = _READERS[column.kind](column, epoch1904)
    empty = _EMPTY.get(column.kind)
    bare = column.kind not in ("text", "code", "choice", "several", "credit", "yes")

    def read(raw: object) -> Any:
        if isinstance(raw, str):
            raw = raw.strip(" \t\r\n\u3000\u00a0\u200b\ufeff")
            if bare and raw in _NOTHING:
                raw = ""
        if raw == "" or raw is None:
            if column.required:
                raise Problem("exchange.empty", column=column.zh)
            return empty
        return inner(raw)

    return read


def _text(column: Column, _: bool) -> Reader:
    def read(raw: object) -> str:
        if isinstance(raw, float) and abs(raw) >= _MOST_EXACT:
            raise Problem("exchange.digits_lost", column=column.zh, value=as_text(raw))
        return _faithful(as_text(raw), column)

    return read


def _faithful(text: str, column: Column) -> str:
    """Return text unchanged, or refuse what would not show as it is stored."""
    if len(text) > column.most:
        raise Problem("exchange.too_long_text", column=column.zh, given=len(text), most=column.most)
    if text.isprintable():
        return text
    for sign in text:
        kind = unicodedata.category(sign)
        control = kind in ("Cc", "Cs", "Co") and sign not in "\n\r\t"
        if control or (kind == "Cf" and sign != "\u200d"):  # the joiner of emoji
            raise Problem("exchange.invisible", column=column.zh, sign=f"U+{ord(sign):04X}")
    return text


def _code(column: Column, _: bool) -> Reader:
    def read(raw: object) -> str:
        if isinstance(raw, bool) or not isinstance(raw, (str, int, float)):
            raise Problem("exchange.code_is_date", column=column.zh, value=as_text(raw))
        if isinstance(raw, str):
            text = _one_width(raw)
            if _SCIENTIFIC.fullmatch(text):
                raise Problem("exchange.code_is_number", column=column.zh, value=text)
        else:
            text = _digits_of_number(raw, column)
        if column.digits and text.isdecimal() and len(text) != column.digits:
            raise Problem(
                "exchange.code_length", column=column.zh, value=text, digits=column.digits
            )
        return _faithful(text, column)

    return read


def _digits_of_number(raw: float, column: Column) -> str:
    """Return the digits of a code kept as a number, only where none can have been lost."""
    whole = float(raw).is_integer() and 0 <= raw < _MOST_EXACT
    text = str(int(raw)) if whole else ""
    known = any(choice.code == text for choice in column.words)
    if whole and (known or (column.digits and len(text) == column.digits)):
        return text
    raise Problem("exchange.code_is_number", column=column.zh, value=as_text(raw))


def _credit(column: Column, _: bool) -> Reader:
    def read(raw: object) -> str:
        if not isinstance(raw, str) or _SCIENTIFIC.fullmatch(_one_width(raw)):
            raise Problem("exchange.code_is_number", column=column.zh, value=as_text(raw))
        text = _one_width(raw).upper()
        if not is_valid_credit_code(text):
            raise Problem("exchange.credit_code", column=column.zh, value=raw[:40])
        return text

    return read


def _one_width(text: str) -> str:
    return text if text.isascii() else unicodedata.normalize("NFKC", text).strip()


def _number(column: Column, _: bool) -> Reader:
    unit = normal(column.unit)

    def read(raw: object) -> Decimal:
        return _decimal(raw, column, unit)

    return read


def _decimal(raw: object, column: Column, unit: str) -> Decimal:
    fault = Problem("exchange.not_number", column=column.zh, value=as_text(raw)[:60])
    if isinstance(raw, bool):
        raise fault
    if isinstance(raw, (int, float)):
        return Decimal(f"{raw:.15g}")  # what Excel itself shows; the rest is binary noise
    if not isinstance(raw, str):
        raise fault
    text = normal(raw)
    if unit and text.endswith(unit):
        text = text[: -len(unit)]
    if _GROUPED.fullmatch(text):
        text = text.replace(",", "")
    try:
        value = Decimal(text)
    except InvalidOperation:
        raise fault from None
    if not value.is_finite() or "_" in text or abs(value.adjusted()) > 30:
        raise fault
    return value


def _whole(column: Column, _: bool) -> Reader:
    unit = normal(column.unit)

    def read(raw: object) -> int:
        value = _decimal(raw, column, unit)
        if value != value.to_integral_value():
            raise Problem("exchange.not_whole", column=column.zh, value=as_text(raw)[:60])
        return int(value)

    return read


def _day(column: Column, epoch1904: bool) -> Reader:
    def read(raw: object) -> date:
        if isinstance(raw, datetime):
            return raw.date()
        if isinstance(raw, date):
            return raw
        found = _day_in(raw, epoch1904)
        if found is None or (found[1] and not _is_midnight(found[1])):
            raise Problem("exchange.not_day", column=column.zh, value=as_text(raw)[:60])
        return found[0]

    return read


def _is_midnight(rest: str) -> bool:
    return not rest.strip(" T0:.")


def _day_in(raw: object, epoch1904: bool) -> tuple[date, str] | None:
    """Return the day a cell names and the text after it; None when it names none."""
    if isinstance(raw, (bool, time, timedelta)):
        return None
    text = _one_width(raw) if isinstance(raw, str) else f"{raw:.15g}"
    found = _DAY.match(text)
    parts = (found[1], found[2] or found[5], found[3] or found[6]) if found else None
    rest = text[found.end() :] if found else ""
    if parts is None and (plain := _PLAIN_DAY.fullmatch(text)):
        parts = (plain[1], plain[2], plain[3])
    if parts:
        try:
            return date(int(parts[0]), int(parts[1]), int(parts[2])), rest
        except ValueError:
            return None
    if text.isdecimal() and int(text) in _SERIALS and not epoch1904:
        return _EPOCH + timedelta(days=int(text)), ""
    return None


def _time(column: Column, epoch1904: bool) -> Reader:
    fault = "exchange.not_time"

    def read(raw: object) -> datetime:
        if isinstance(raw, datetime):
            return _on_minute(raw.replace(tzinfo=CITY_TZ))
        if isinstance(raw, date):
            return datetime(raw.year, raw.month, raw.day, tzinfo=CITY_TZ)
        if isinstance(raw, float) and int(raw) in _SERIALS and not epoch1904:
            return _on_minute(
                datetime(1899, 12, 30, tzinfo=CITY_TZ) + timedelta(seconds=round(raw * 86400))
            )
        found = _day_in(raw, epoch1904)
        clock = _CLOCK.fullmatch(found[1].strip()) if found and found[1].strip() else None
        if found is None or (found[1].strip() and clock is None):
            raise Problem(fault, column=column.zh, value=as_text(raw)[:60])
        try:
            hour, minute, second = (
                (int(part or 0) for part in clock.groups()) if clock else (0, 0, 0)
            )
            return datetime.combine(found[0], time(hour, minute, second), tzinfo=CITY_TZ)
        except ValueError:
            raise Problem(fault, column=column.zh, value=as_text(raw)[:60]) from None

    return read


def _on_minute(at: datetime) -> datetime:
    """Return the instant without the rounding of a serial number (00:29:59.999)."""
    return (at + timedelta(milliseconds=500)).replace(microsecond=0)


def _yes(column: Column, _: bool) -> Reader:
    def read(raw: object) -> bool:
        if isinstance(raw, bool):
            return raw
        value = _YES.get(normal(as_text(raw)))
        if value is None:
            raise Problem("exchange.not_yes", column=column.zh, value=as_text(raw)[:60])
        return value

    return read


def _known(column: Column) -> tuple[dict[str, str], str]:
    codes: dict[str, str] = {}
    for choice in column.words:
        for word in (choice.en, choice.zh, choice.code):
            if word:
                codes[word] = codes[normal(word)] = choice.code
    some = [choice.zh for choice in column.words]
    return codes, "、".join(some[:12]) + ("…" if len(some) > 12 else "")


def _choice(column: Column, _: bool) -> Reader:
    codes, some = _known(column)

    def read(raw: object) -> str:
        text = as_text(raw)
        code = codes.get(text) or codes.get(normal(text))
        if code is None:
            raise Problem("exchange.not_choice", column=column.zh, value=text[:60], known=some)
        return code

    return read


def _several(column: Column, _: bool) -> Reader:
    codes, some = _known(column)

    def read(raw: object) -> tuple[str, ...]:
        found: list[str] = []
        whole = codes.get(normal(as_text(raw)))
        for part in [whole] if whole else _PARTS.split(as_text(raw)):
            if not part.strip():
                continue
            code = codes.get(normal(part))
            if code is None:
                raise Problem(
                    "exchange.not_choice", column=column.zh, value=part.strip()[:60], known=some
                )
            if code not in found:
                found.append(code)
        return tuple(found)

    return read


def _degrees(column: Column, _: bool) -> Reader:
    low, high = _BOUNDS[column.kind]
    other = _BOUNDS["lat" if column.kind == "lon" else "lon"]

    def read(raw: object) -> Decimal:
        arc = (
            _ARC.fullmatch(_one_width(raw).strip(" NSEW东经北纬")) if isinstance(raw, str) else None
        )
        if arc:
            value = int(arc[1]) + Decimal(arc[2]) / 60 + Decimal(arc[3]) / 3600
            value = value.quantize(Decimal("1e-8"))
        else:
            value = _decimal(raw, column, "°")
        if not low <= value <= high:
            swapped = other[0] <= value <= other[1]
            code = "exchange.swapped" if swapped else "exchange.outside"
            raise Problem(code, column=column.zh, value=as_text(raw)[:60], low=low, high=high)
        return value

    return read


_READERS: dict[str, Callable[[Column, bool], Reader]] = {
    "text": _text, "code": _code, "credit": _credit, "number": _number, "whole": _whole,
    "day": _day, "time": _time, "yes": _yes, "choice": _choice, "several": _several,
    "lon": _degrees, "lat": _degrees,
}  # fmt: skip
