"""What an address asks for: days and months; what is none, or lies ahead, is answered by the newest."""

from __future__ import annotations

from datetime import date, timedelta

from django.http import HttpRequest

__all__ = ["asked_day", "asked_month", "month_end", "months_beside"]

_EARLIEST = date(2016, 1, 1)  # the first day of the oldest rule set held (HJ 633-2012)


def asked_day(request: HttpRequest, name: str, *, newest: date) -> date:
    """Return the day under *name*, at most *newest*."""
    try:
        day = date.fromisoformat(request.GET.get(name, ""))
    except ValueError:
        return newest
    return day if _EARLIEST <= day <= newest else newest


def asked_month(request: HttpRequest, *, newest: date) -> date:
    """Return the first day of the month asked for (``2026-09``), at most that of *newest*."""
    try:
        first = date.fromisoformat(f"{request.GET.get('month', '')}-01")
    except ValueError:
        return newest.replace(day=1)
    return first if _EARLIEST <= first <= newest else newest.replace(day=1)


def month_end(first: date) -> date:
    """Return the last day of the month that begins with *first*."""
    return (first + timedelta(days=32)).replace(day=1) - timedelta(days=1)


def months_beside(first: date, *, newest: date) -> tuple[date, date | None]:
    """Return the month before and the one after; None after the newest."""
    before = (first - timedelta(days=1)).replace(day=1)
    after = month_end(first) + timedelta(days=1)
    return before, after if after <= newest else None
