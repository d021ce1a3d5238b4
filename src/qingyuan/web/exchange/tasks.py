"""Jobs of exchange, enqueued by name in the deed's own transaction."""

from __future__ import annotations

from django.conf import settings
from procrastinate.contrib.django import app

from qingyuan.host.citytime import CityClock
from qingyuan.web.exchange import services

__all__ = ["check", "export", "write"]


@app.task(name="exchange.check")
def check(import_id: str) -> None:
    """Check a long file and tell who brought it."""
    services.check(import_id=import_id, at=CityClock(settings.FOLDER).now())


@app.task(name="exchange.write")
def write(import_id: str, leave_wrong: bool) -> None:
    """Write a long import that was confirmed; what is refused goes back to its preview."""
    services.write_confirmed(
        import_id=import_id, leave_wrong=leave_wrong, at=CityClock(settings.FOLDER).now()
    )


@app.task(name="exchange.export")
def export(export_id: str) -> None:
    """Make a long table and tell who asked for it."""
    services.run_export(export_id=export_id, at=CityClock(settings.FOLDER).now())
