"""Times on the wire (时间): fourteen or seventeen digits without a zone, always Beijing time.

HJ 212-2017 6.3.3: ``YYYYMMDDhhmmss``; the request number adds milliseconds.
"""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache

from qingyuan.core.periods import CITY_TZ

__all__ = ["instant", "qn_of", "stamp"]


@lru_cache(maxsize=4096)
def instant(text: str) -> datetime | None:
    """Read a time field; None when it is not one. Milliseconds are accepted (hj212.md §6.8).

    Years before 2000 are the clock of a logger that lost its power, not a time.
    """
    if len(text) not in (14, 17) or not (text.isascii() and text.isdigit()) or text < "2000":
        return None
    try:
        return datetime(
            int(text[:4]),
            int(text[4:6]),
            int(text[6:8]),
            int(text[8:10]),
            int(text[10:12]),
            int(text[12:14]),
            int(text[14:] or "0") * 1000,
            tzinfo=CITY_TZ,
        )
    except ValueError:
        return None


def stamp(at: datetime) -> str:
    """Write an aware instant as fourteen digits of Beijing time."""
    return _city(at).strftime("%Y%m%d%H%M%S").rjust(14, "0")


def qn_of(at: datetime) -> str:
    """Write an aware instant as a request number: seventeen digits, milliseconds last."""
    local = _city(at)
    return f"{stamp(local)}{local.microsecond // 1000:03d}"


def _city(at: datetime) -> datetime:
    if at.tzinfo is None:
        raise ValueError("times on the wire are Beijing time; give an aware instant")
    return at.astimezone(CITY_TZ)
