"""Look for the same elsewhere (举一反三): one task per object, their results on the case they hang on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction

from qingyuan.core.problems import Problem
from qingyuan.web.accounts.models import User
from qingyuan.web.cases.effects.lines import add_line
from qingyuan.web.cases.effects.notify import coordinators, tell
from qingyuan.web.cases.models import Case, CaseLink, CaseThing
from qingyuan.web.cases.services.kept import read_back
from qingyuan.web.cases.services.links import attach, hang
from qingyuan.web.cases.services.locks import locked
from qingyuan.web.cases.services.merge import check_coordinates
from qingyuan.web.cases.services.open import Origin, open_case

__all__ = ["MOST_OBJECTS", "SweepObject", "sweep"]

MOST_OBJECTS = 2000


@dataclass(frozen=True, slots=True)
class SweepObject:
    """One object to be looked at (排查对象): an enterprise, an outfall, a place, a unit.

    ``kind`` and ``ref`` name it for good: an object that has its task in this sweep gets no second.
    """

    kind: str
    ref: str
    label: str
    district_code: str
    title: str = ""
    enterprise_id: str | None = None
    outfall_code: str = ""
    section_code: str = ""
    form: dict[str, object] = field(default_factory=dict)


@transaction.atomic
def sweep(
    *,
    case: Case,
    objects: Sequence[SweepObject],
    by: User,
    at: datetime,
    procedure: str = "",
    title: str = "",
) -> list[Case]:
    """Open one task per object, hanging on *case* (举一反三排查); all of them, or none.

    Parameters
    ----------
    procedure : str
        Procedure of the tasks; the case's own when empty.
    title : str
        What is looked for; each task is titled ``title：object``. The case's title when empty.

    Returns
    -------
    list of Case
        The tasks opened now; objects that had theirs already are passed over.

    Raises
    ------
    Problem
        ``cases.not_coordinator``, ``cases.sweep_count``, and what opening a case may refuse.
    """
    case = locked(case)
    check_coordinates(by, at=at)
    if not 1 <= len(objects) <= MOST_OBJECTS:
        raise Problem("cases.sweep_count", given=len(objects), most=MOST_OBJECTS)
    below = CaseLink.objects.filter(other=case, kind=CaseLink.Kind.SWEEP).values("case_id")
    seen = set(CaseThing.objects.filter(case_id__in=below).values_list("kind", "ref"))
    types = [row.type for row in case.types.order_by("pk")]
    own = procedure in ("", case.procedure.name)
    same = read_back(case.rules.form, case.form) if own else {}
    opened = []
    for thing in objects:
        if (thing.kind, thing.ref) in seen:
            continue
        seen.add((thing.kind, thing.ref))
        task = open_case(
            procedure=procedure or case.procedure.name,
            title=thing.title or f"{title or case.title}：{thing.label}",
            matter=case.matter,
            district_code=thing.district_code,
            origin=Origin("sweep", case.ref, f"举一反三：{case.number}"),
            enterprise_id=thing.enterprise_id,
            by=by,
            at=at,
            summary=case.summary,
            section_code=thing.section_code,
            outfall_code=thing.outfall_code,
            level=case.level,
            types=types,
            form=thing.form or same,
            form_at=at if thing.form else case.opened_at,
            quiet=True,
        )
        hang(task, case, kind=CaseLink.Kind.SWEEP, by=by, at=at)
        attach(task, kind=thing.kind, ref=thing.ref, label=thing.label, at=at)
        opened.append(task)
    add_line(case, "sweep", by=by, at=at, given={"n": len(opened), "note": title})
    _tell(case, opened, by=by, at=at)
    return opened


def _tell(case: Case, opened: Sequence[Case], *, by: User, at: datetime) -> None:
    """Tell the coordinators of each district once, however many tasks it got."""
    many = Counter(task.district_id for task in opened)
    for district, n in sorted(many.items()):
        people = [p for p in coordinators(district, at=at) if p.pk != by.pk]
        label = (f"举一反三，本区市 {n} 件待交办", f"Sweep: {n} tasks of the district to assign")
        tell(case, people, kind="case", deed=label, at=at, apart=True)
