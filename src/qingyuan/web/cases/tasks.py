"""Jobs of cases, enqueued by name."""

from __future__ import annotations

from django.conf import settings
from procrastinate.contrib.django import app

from qingyuan.host.citytime import CityClock
from qingyuan.web.cases import services

__all__ = ["send_cards"]


@app.task(name="cases.send_cards", queueing_lock="cases.send_cards")
def send_cards() -> None:
    """Send the yellow and red cards whose moment has come."""
    services.send_cards(at=CityClock(settings.FOLDER).now())
