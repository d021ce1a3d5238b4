"""Gaps (缺口): what is missing of a device's data, told by the times of what came.

Pure. A hole in the times of live data after a lost link is asked for with 2051 (minutes) and 2061
(hours), BeginTime and EndTime (HJ 212-2017 附录C); nothing is asked for twice, and nothing older than
a week.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import NamedTuple

from qingyuan.gateway.devices import Device

__all__ = ["Gaps", "Wanted"]

_OLDEST = timedelta(days=7)
_ONE_REQUEST = {"2051": timedelta(days=1), "2061": timedelta(days=7)}
_HOUR = timedelta(hours=1)
_NO_MINUTES = frozenset({"surface-water"})  # HJ 1404-2024 has hours only (second-hand)


class Wanted(NamedTuple):
    """History that a device should be asked for, both ends included (补数范围)."""

    cn: str
    begin: datetime
    end: datetime


class Gaps:
    """The newest data time of each device, and what has been asked for (缺口检查)."""

    def __init__(self) -> None:
        self._newest: dict[str, dict[str, datetime]] = {}
        self._asked: dict[tuple[str, str], datetime] = {}

    def seen(self, device: Device, cn: str, time: datetime, *, at: datetime) -> list[Wanted]:
        """Take the data time of an upload received *at*; return what is missing before it."""
        newest = self._newest.setdefault(device.mn, {})
        before = newest.get(cn)
        if before is not None and time <= before:
            return []
        newest[cn] = time
        if before is None or device.backfill != "auto" or cn not in ("2011", "2051", "2061"):
            return []
        minutes = timedelta(minutes=device.interval_minutes)
        wanted = []
        if cn == "2011":
            if time - before < max(3 * timedelta(seconds=device.interval_s), minutes):
                return []
            if device.dialect not in _NO_MINUTES:
                wanted += self._ask(device.mn, "2051", _floor(before, minutes), time, minutes, at)
            hours = _floor(time, _HOUR) - _HOUR
            wanted += self._ask(device.mn, "2061", _floor(before, _HOUR), hours, _HOUR, at)
        else:
            step = _HOUR if cn == "2061" else minutes
            if time - before > step * 3 / 2:
                wanted += self._ask(device.mn, cn, before + step, time - step, step, at)
        return wanted

    def told(self) -> dict[str, dict[str, str]]:
        """Return the newest times as they are written down."""
        return {
            mn: {cn: time.isoformat() for cn, time in newest.items()}
            for mn, newest in self._newest.items()
        }

    def remember(self, told: Mapping[str, Mapping[str, str]]) -> None:
        """Take newest times that were written down, by an earlier life or another gateway."""
        for mn, times in told.items():
            newest = self._newest.setdefault(mn, {})
            for cn, text in times.items():
                time = datetime.fromisoformat(text)
                if cn not in newest or newest[cn] < time:
                    newest[cn] = time

    def _ask(
        self, mn: str, cn: str, begin: datetime, end: datetime, step: timedelta, at: datetime
    ) -> list[Wanted]:
        asked = self._asked.get((mn, cn))
        begin = max(begin, _floor(at - _OLDEST, step))
        if asked is not None:
            begin = max(begin, asked + step)
        if begin > end:
            return []
        self._asked[mn, cn] = end
        wanted = []
        while begin <= end:
            last = min(end, begin + _ONE_REQUEST[cn] - step)
            wanted.append(Wanted(cn, begin, last))
            begin = last + step
        return wanted


def _floor(time: datetime, step: timedelta) -> datetime:
    """Return the last multiple of *step* since midnight (Beijing is a whole number of hours off)."""
    midnight = time.replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight + (time - midnight) // step * step
