"""Jobs of surveys, enqueued by name in the deed's own transaction."""

from __future__ import annotations

from datetime import date

from django.conf import settings
from procrastinate.contrib.django import app

from qingyuan.host.citytime import CityClock
from qingyuan.store.fixes import Fixes
from qingyuan.web.surveys import services

__all__ = ["analyse"]


@app.task(name="surveys.analyse")
def analyse(day: str) -> None:
    """Analyse the window that ends with one day; then compact the days that came in small pieces."""
    services.analyse(day=date.fromisoformat(day), at=CityClock(settings.FOLDER).now())
    Fixes(settings.FOLDER.store).tidy()
