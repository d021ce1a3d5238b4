"""Write down who took a ledger away."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from qingyuan.web.audit import services as audit
from qingyuan.web.audit.services import Actor

__all__ = ["record_export"]


@transaction.atomic
def record_export(*, by: Actor, at: datetime, query: str, rows: int) -> None:
    """Record who exported the devices with which filter."""
    audit.record(
        actor=by,
        deed="monitoring.export",
        target="ledger:devices",
        at=at,
        detail={"filter": query, "rows": rows},
    )
