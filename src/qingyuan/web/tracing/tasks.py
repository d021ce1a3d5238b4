"""Jobs of tracing, enqueued by name in the deed's own transaction."""

from __future__ import annotations

from django.conf import settings
from django.utils.translation import gettext_noop
from procrastinate.contrib.django import app

from qingyuan.host.citytime import CityClock
from qingyuan.web.signals.models import Signal
from qingyuan.web.tracing import services

__all__ = ["run", "trace_signal"]


@app.task(name="tracing.run")
def run(trace_id: str) -> None:
    """Answer one queued trace."""
    services.run_trace(trace_id=trace_id, at=CityClock(settings.FOLDER).now())


@app.task(name="tracing.trace_signal")
def trace_signal(signal_id: int) -> None:
    """Trace a new exceedance at once, in this job."""
    at = CityClock(settings.FOLDER).now()
    signal = Signal.objects.get(pk=signal_id)
    trace = services.request_trace(
        signal=signal, at=at, why=gettext_noop("新的断面超标"), enqueue=False
    )
    services.run_trace(trace_id=str(trace.pk), at=CityClock(settings.FOLDER).now())
