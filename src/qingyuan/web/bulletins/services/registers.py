"""Rows of registers (登记): put in, replaced by a new row, ended; the old row stays."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

from django.db import transaction

from qingyuan.core.problems import Problem
from qingyuan.web.accounts.models import User
from qingyuan.web.audit import services as audit
from qingyuan.web.audit.services import Actor
from qingyuan.web.bulletins.models import RegisterRow
from qingyuan.web.registry.models import District

__all__ = ["end_row", "put_row"]


@transaction.atomic
def put_row(
    *,
    register: str,
    on: date,
    values: Mapping[str, str],
    by: User,
    at: datetime,
    district: District | None = None,
    done_on: date | None = None,
    replaces: RegisterRow | None = None,
) -> RegisterRow:
    """Put a row into a register; with *replaces* it takes the place of another, which is kept.

    Raises
    ------
    Problem
        ``bulletins.row_ended`` when the other was already replaced or ended.
    """
    if replaces is not None:
        _end(replaces, at)
    row = RegisterRow.objects.create(
        register=register, district=district, on=on, done_on=done_on,
        values={k: v for k, v in values.items() if v != ""}, entered_by=by, entered_at=at,
        replaces=replaces,
    )  # fmt: skip
    _record("replace" if replaces else "enter", row, by, at, old=replaces)
    return row


@transaction.atomic
def end_row(*, row: RegisterRow, by: User, at: datetime) -> RegisterRow:
    """Take a row out of its register; it is kept."""
    ended = _end(row, at)
    _record("end", ended, by, at)
    return ended


def _end(row: RegisterRow, at: datetime) -> RegisterRow:
    found = RegisterRow.objects.select_for_update().get(pk=row.pk)
    if found.ended_at is not None:
        raise Problem("bulletins.row_ended")
    found.ended_at = at
    found.save(update_fields=["ended_at"])
    return found


def _record(
    deed: str, row: RegisterRow, by: User, at: datetime, old: RegisterRow | None = None
) -> None:
    audit.record(
        actor=Actor.of(by),
        deed=f"bulletins.register_{deed}",
        target=f"register:{row.register}:{row.pk}",
        at=at,
        clause=row.rules.source,
        detail={"values": row.values, **({"old": old.values} if old else {})},
    )
