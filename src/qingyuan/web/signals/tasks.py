"""Jobs of signals: the nightly inspection of data quality, one job for each station."""

from __future__ import annotations

from datetime import date

from django.conf import settings
from procrastinate.contrib.django import app

from qingyuan.core.periods import day_of
from qingyuan.host.citytime import CityClock
from qingyuan.web.signals import services
from qingyuan.web.signals.services.integrity import TASK

__all__ = ["inspect_station"]


@app.task(name=TASK)
def inspect_station(station: str, day: str) -> None:
    """Inspect one station up to the beginning of *day*."""
    until = day_of(date.fromisoformat(day)).start
    services.inspect_station(station, until=until, at=CityClock(settings.FOLDER).now())
