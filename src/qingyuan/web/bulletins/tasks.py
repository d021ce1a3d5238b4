"""Jobs of bulletins, enqueued by name."""

from __future__ import annotations

from datetime import date

from django.conf import settings
from procrastinate.contrib.django import app

from qingyuan.host.citytime import CityClock
from qingyuan.web.bulletins import selectors, services

__all__ = ["compose"]


@app.task(name="bulletins.compose")
def compose(kind: str, day: str) -> None:
    """Write one bulletin that was due, unless somebody has."""
    wanted = date.fromisoformat(day)
    if selectors.written(kind, wanted) is None:
        services.compose(kind=kind, day=wanted, at=CityClock(settings.FOLDER).now())
