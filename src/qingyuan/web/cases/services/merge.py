"""Merge cases into one, or split one into several (并案、分案)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction

from qingyuan.core.problems import Problem
from qingyuan.web.accounts.models import User
from qingyuan.web.cases.effects.lines import add_line
from qingyuan.web.cases.models import Case, CaseLink
from qingyuan.web.cases.selectors.facts import actor_of
from qingyuan.web.cases.services.kept import read_back
from qingyuan.web.cases.services.links import attach, hang
from qingyuan.web.cases.services.locks import locked, locked_all
from qingyuan.web.cases.services.open import Origin, open_case
from qingyuan.web.cases.services.perform import perform

__all__ = ["COORDINATING", "SplitPart", "check_coordinates", "merge", "split"]

COORDINATING = frozenset({"duty_officer", "department_head", "vice_leader", "leader"})
"""Roles that may say how cases hang together: 综合组 and those above."""
_MOST_PARTS = 20


@transaction.atomic
def merge(*, cases: Sequence[Case], into: Case, by: User, at: datetime, reason: str) -> Case:
    """Merge *cases* into *into* (并案): all of them, or none.

    Each is brought to an end by the deed ``merge`` of its own procedure, so who may do it, in which
    state, and where it leads stand there. Types and things go over; the discoverers of all hear the
    result when *into* ends.

    Raises
    ------
    Problem
        ``cases.no_merge``: the procedure of one offers no such deed; ``cases.merge_itself``,
        ``cases.merge_into_closed``, and what the deed itself refuses.
    """
    held = locked_all([into.pk, *(case.pk for case in cases)])
    for case in dict.fromkeys(case.pk for case in cases):
        merged = held[case]
        if "merge" not in merged.rules.deeds:
            raise Problem("cases.no_merge", number=merged.number, procedure=merged.rules.label.zh)
        perform(
            case=merged,
            deed="merge",
            by=by,
            at=at,
            data={"into": held[into.pk].number, "reason": reason},
        )
    return locked(into)


@dataclass(frozen=True, slots=True)
class SplitPart:
    """One of the cases a case is split into (分案的一件); what is empty is taken from the whole."""

    title: str
    summary: str = ""
    types: tuple[str, ...] = ()
    district_code: str = ""
    enterprise_id: str | None = None
    form: dict[str, object] = field(default_factory=dict)


@transaction.atomic
def split(
    *, case: Case, parts: Sequence[SplitPart], by: User, at: datetime, reason: str
) -> list[Case]:
    """Open one case per part under the same procedure (分案); the whole goes on beside them.

    Raises
    ------
    Problem
        ``cases.not_coordinator``, ``cases.split_closed``, ``cases.split_count``, and what opening
        a case may refuse; then none is opened.
    """
    case = locked(case)
    check_coordinates(by, at=at)
    if case.closed_at is not None:
        raise Problem("cases.split_closed", number=case.number)
    if not 1 <= len(parts) <= _MOST_PARTS:
        raise Problem("cases.split_count", given=len(parts), most=_MOST_PARTS)
    whole_types = [row.type for row in case.types.order_by("pk")]
    opened = []
    for part in parts:
        made = open_case(
            procedure=case.procedure.name,
            title=part.title,
            matter=case.matter,
            district_code=part.district_code or case.district_id,
            origin=Origin(case.origin_kind, case.origin_ref, case.origin_label),
            enterprise_id=part.enterprise_id or case.enterprise_id,
            by=by,
            at=at,
            summary=part.summary or case.summary,
            section_code=case.section_code,
            outfall_code=case.outfall_code,
            level=case.level,
            types=part.types or whole_types,
            form=part.form or read_back(case.rules.form, case.form),
            form_at=at if part.form else case.opened_at,
            immediate=case.immediate,
        )
        hang(made, case, kind=CaseLink.Kind.SPLIT, by=by, at=at, reason=reason)
        for thing in case.things.all():
            attach(made, kind=thing.kind, ref=thing.ref, label=thing.label, at=at)
        opened.append(made)
    numbers = [made.number for made in opened]
    add_line(case, "split", by=by, at=at, given={"cases": numbers, "note": reason})
    return opened


def check_coordinates(by: User, *, at: datetime) -> None:
    """Refuse whoever may not say how cases hang together."""
    if not actor_of(by, at=at).roles & COORDINATING:
        raise Problem("cases.not_coordinator", person=by.name)
