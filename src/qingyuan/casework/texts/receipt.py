"""Receipt numbers of the inspections (督察受理编号): ``X3HB202406020025`` taken apart.

Pattern ``[DX]<round><province letters><YYYYMMDD><4-digit serial>`` (湖北日报 2024-06-15). That X is
a letter and D a call is common usage, not read in a rule. Other teams number differently: a number
that does not fit is still a number, only without parts.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date

__all__ = ["Receipt", "plain_number", "read_receipt"]

_PATTERN = re.compile(r"([DX])(\d)([A-Z]{2})(\d{4})(\d{2})(\d{2})(\d{4})")
_CHANNELS = {"X": "letter", "D": "call"}


@dataclass(frozen=True, slots=True)
class Receipt:
    """The parts of a receipt number: channel ``call`` or ``letter``, round, province, day, serial."""

    channel: str
    round: int
    province: str
    day: date
    serial: int


def plain_number(text: str) -> str:
    """Return a number as it is compared: half width, upper case, no blanks (受理编号).

    >>> plain_number(" ｘ3HB2024 06020025 ")
    'X3HB202406020025'
    """
    return "".join(unicodedata.normalize("NFKC", text).split()).upper()


def read_receipt(text: str) -> Receipt | None:
    """Take a receipt number apart; None when it follows another pattern or its day is none.

    >>> read_receipt("X3HB202406020025").day.isoformat()
    '2024-06-02'
    """
    match = _PATTERN.fullmatch(plain_number(text))
    if match is None:
        return None
    channel, ordinal, province, year, month, day, serial = match.groups()
    try:
        on = date(int(year), int(month), int(day))
    except ValueError:
        return None
    return Receipt(_CHANNELS[channel], int(ordinal), province, on, int(serial))
