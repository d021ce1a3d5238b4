"""Write down that rows left the house."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from qingyuan.web.accounts.models import User
from qingyuan.web.audit import services as audit
from qingyuan.web.audit.services import Actor

__all__ = ["record_export"]


@transaction.atomic
def record_export(*, by: User, at: datetime, ledger: str, query: str) -> None:
    """Record who exported which ledger with which filter."""
    audit.record(
        actor=Actor.of(by),
        deed="cases.export",
        target=f"ledger:{ledger}",
        at=at,
        detail={"query": query[:400]},
    )
