"""What is due (应发数据): which readings and hours a station owes between two instants."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

__all__ = ["BACKFILL", "Due", "due"]

BACKFILL = timedelta(minutes=10)  # spacing of what was missed while time jumped
_DENSE = timedelta(minutes=30)  # a shorter gap is filled at the station's own interval
_LONGEST = timedelta(days=7)  # a logger keeps so much
_HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Due:
    """Instants to be sent: ``live`` is the newest reading, ``missed`` the rest, oldest first."""

    live: datetime | None
    missed: tuple[datetime, ...]
    hours: tuple[datetime, ...]


def _grid(at: datetime, step: timedelta) -> datetime:
    seconds = step.total_seconds()
    return datetime.fromtimestamp(at.timestamp() // seconds * seconds, tz=UTC)


def due(*, after: datetime, now: datetime, interval: timedelta) -> Due:
    """Return what a station owes for ``(after, now]``.

    The newest reading goes first; what lies between is sent at the station's own interval, or
    every ten minutes when time has jumped. Hours are named by their start, as HJ 212-2017 has it.
    """
    after = max(after, now - _LONGEST)
    newest = _grid(now, interval)
    if newest <= after:
        return Due(None, (), _hours(after, now))
    step = interval if now - after <= _DENSE else max(BACKFILL, interval)
    missed = []
    at = _grid(after, step) + step
    while at < newest:
        missed.append(at)
        at += step
    return Due(newest, tuple(missed), _hours(after, now))


def _hours(after: datetime, now: datetime) -> tuple[datetime, ...]:
    found = []
    at = _grid(after, _HOUR)  # an hour is owed once it has ended
    while at + _HOUR <= now:
        if at + _HOUR > after:
            found.append(at)
        at += _HOUR
    return tuple(found)
