"""Tasks on the engine: one site's problem, a department's task, a joint task (牵头、会同)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from django.db import transaction

from qingyuan.core.problems import Problem
from qingyuan.web.accounts.models import Unit, User
from qingyuan.web.cases.models import Case
from qingyuan.web.cases.services import Origin, attach, open_case, perform
from qingyuan.web.dust.models import SiteRecord

__all__ = ["open_task", "site_case"]

PROCEDURE = "dust_site"
THING = "dust_site"


@transaction.atomic
def site_case(
    record: SiteRecord,
    *,
    problem: str,
    origin: Origin,
    measures: Sequence[str] = (),
    by: User,
    at: datetime,
) -> Case:
    """Open the case of one site's problem (点位问题立案); it waits to be handed over.

    ``measures`` are the names of what was not kept of the six.
    """
    case = open_case(
        procedure=PROCEDURE,
        title=f"{record.name_zh}扬尘问题",
        matter="air",
        district_code=record.district_id,
        origin=origin,
        enterprise_id=None,
        by=by,
        at=at,
        types=("air",),
        summary=problem[:1000],
        form={
            "site": record.site_id,
            "kind": record.kind,
            "place": record.address or f"{record.lon:.5f}, {record.lat:.5f}",
            "trouble": problem,
            **({"measures": "、".join(measures)} if measures else {}),
        },
    )
    attach(case, kind=THING, ref=record.site_id, label=record.name_zh, at=at)
    return case


@transaction.atomic
def open_task(
    *,
    title: str,
    trouble: str,
    kind: str,
    district_code: str,
    unit: Unit,
    person: User,
    co_units: Sequence[Unit] = (),
    records: Sequence[SiteRecord] = (),
    due_on: date,
    by: User,
    at: datetime,
) -> Case:
    """Open a department's task and hand it over at once (牵头任务、会同任务).

    Parameters
    ----------
    unit, person
        Who leads (牵头).
    co_units : sequence of Unit
        Who takes part (会同); each holds a part of the case and reports for it.
    records : sequence of SiteRecord
        The sites it is about.

    Raises
    ------
    Problem
        ``dust.lead_twice``; and whatever opening and handing over refuse.
    """
    if any(co.pk == unit.pk for co in co_units):
        raise Problem("dust.lead_twice", unit=unit.name_zh)
    case = open_case(
        procedure=PROCEDURE,
        title=title,
        matter="air",
        district_code=district_code,
        origin=Origin("dust_task", f"dust_task:{kind}", "扬尘整治任务"),
        enterprise_id=None,
        by=by,
        at=at,
        types=("air",),
        summary=trouble[:1000],
        form={"kind": kind, "trouble": trouble},
        quiet=True,
    )
    for record in records:
        attach(case, kind=THING, ref=record.site_id, label=record.name_zh, at=at)
    return perform(
        case=case,
        deed="assign",
        by=by,
        at=at,
        data={
            "unit": unit.code,
            "person": person.username,
            "co_units": [co.code for co in co_units],
            "due_on": due_on,
        },
    )
