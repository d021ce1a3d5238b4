"""Merge a case into another (并案)."""

from __future__ import annotations

from collections.abc import Mapping

from qingyuan.core.problems import Problem
from qingyuan.web.cases.effects.context import Doing
from qingyuan.web.cases.effects.lines import add_line
from qingyuan.web.cases.models import Case, CaseLink, CaseThing, CaseType

__all__ = ["merge"]


def merge(doing: Doing, params: Mapping[str, str]) -> None:
    """Hang the case on the one named in the field ``into``, which takes over types and things.

    The deed itself brings the merged case to an end of its own; its discoverer hears the result
    when the other ends. Both are locked before, in the order of their rows.
    """
    number = doing.text("into")
    into = Case.objects.filter(number=number).select_related("procedure").first()
    if into is None:
        raise Problem("cases.unknown_case", given=number or "—")
    if into.pk == doing.case.pk:
        raise Problem("cases.merge_itself", number=number)
    if into.closed_at is not None:
        raise Problem("cases.merge_into_closed", number=number)
    CaseLink.objects.create(
        case=doing.case,
        other=into,
        kind=CaseLink.Kind.MERGED,
        by=str(doing.by),
        at=doing.at,
        reason=doing.why,
    )
    CaseType.objects.bulk_create(
        [CaseType(case=into, type=row.type) for row in doing.case.types.all()],
        ignore_conflicts=True,
    )
    CaseThing.objects.bulk_create(
        [
            CaseThing(case=into, kind=t.kind, ref=t.ref, label=t.label, at=doing.at)
            for t in doing.case.things.all()
        ],
        ignore_conflicts=True,
    )
    add_line(
        into,
        "absorb",
        by=doing.by,
        at=doing.at,
        given={"case": doing.case.number, "note": doing.why},
    )
    Case.objects.filter(pk=into.pk).update(changed_at=doing.at)
