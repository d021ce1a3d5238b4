"""Which department answers for which kind, from a day on (职责调整)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from django.db import transaction

from qingyuan.core.problems import Problem
from qingyuan.web.accounts.models import User
from qingyuan.web.audit import services as audit
from qingyuan.web.audit.services import Actor
from qingyuan.web.dust.models import DutyChange
from qingyuan.web.dust.tables import departments

__all__ = ["put_duty"]

CLAUSE = "部门各自把口；扬尘分部门牵头"


@transaction.atomic
def put_duty(
    *,
    kind: str,
    lead: str,
    helping: Sequence[str] = (),
    basis: str,
    valid_from: date,
    by: User,
    at: datetime,
) -> DutyChange:
    """Give a kind of source to a department from a day on; what held before ends that day.

    Parameters
    ----------
    lead : str
        The department that leads; empty to go back to the shipped table.
    helping : sequence of str
        Departments that take part.
    basis : str
        The document or decision it rests on.

    Raises
    ------
    Problem
        ``dust.duty_basis``, ``dust.duty_twice``, ``dust.duty_nobody``, ``dust.duty_period``,
        ``dust.duty_same``.
    """
    basis, helping = basis.strip(), sorted(set(helping), key=list(departments()).index)
    if not basis:
        raise Problem("dust.duty_basis")
    if helping and not lead:
        raise Problem("dust.duty_nobody")
    if lead in helping:
        raise Problem("dust.duty_twice", department=departments()[lead].short_zh)
    held = DutyChange.objects.select_for_update().filter(kind=kind, valid_to=None).first()
    if held is not None and held.valid_from > valid_from:
        raise Problem("dust.duty_period", since=held.valid_from)
    now = (held.lead, held.helping) if held else ("", [])
    if (lead, helping) == now:
        raise Problem("dust.duty_same")
    if held is not None:
        held.valid_to = valid_from
        held.save(update_fields=["valid_to"])
    made = DutyChange.objects.create(
        kind=kind, lead=lead, helping=helping, basis=basis, valid_from=valid_from, made_by=by, made_at=at
    )  # fmt: skip
    audit.record(
        actor=Actor.of(by), deed="dust.duty", target=f"dust_duty:{kind}", at=at, clause=CLAUSE,
        detail={"lead": lead, "helping": helping, "before": {"lead": now[0], "helping": now[1]},
                "basis": basis, "from": valid_from.isoformat()},
    )  # fmt: skip
    return made
