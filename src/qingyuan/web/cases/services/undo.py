"""Take the last deed back (撤回), where the procedure says it is cheap."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction

from qingyuan.core.problems import Problem
from qingyuan.web.accounts.models import User
from qingyuan.web.cases.effects.lines import add_line
from qingyuan.web.cases.effects.notify import tell
from qingyuan.web.cases.models import Case, Deed
from qingyuan.web.cases.selectors.workdays import calendar
from qingyuan.web.cases.services.clocks import set_due
from qingyuan.web.cases.services.locks import locked
from qingyuan.web.cases.services.snapshot import restore
from qingyuan.web.notices.models import Notice

__all__ = ["UNDO_WITHIN", "undo_last", "undoable"]

UNDO_WITHIN = timedelta(minutes=10)


def undoable(case: Case, *, by: User, at: datetime) -> Deed | None:
    """Return the deed *by* may take back now: the last one, their own, marked so, still fresh."""
    last = case.deeds.order_by("-seq").first()
    if last is None or last.doer_id != by.pk or last.before is None:
        return None
    rule = case.rules.deeds.get(last.name)
    fresh = at - last.at <= UNDO_WITHIN
    return last if rule is not None and rule.undo and fresh and last.undoes_id is None else None


@transaction.atomic
def undo_last(*, case: Case, by: User, at: datetime) -> Case:
    """Take the last deed back: the case stands as before it, and a new line says so.

    The deed's own line, its files and the chain's entry stay; those it told are told again.

    Raises
    ------
    Problem
        ``cases.cannot_undo``: somebody else's, too old, not marked ``undo``, or not the last.
    """
    case = locked(case)
    deed = undoable(case, by=by, at=at)
    if deed is None:
        raise Problem("cases.cannot_undo", minutes=int(UNDO_WITHIN.total_seconds() // 60))
    left = case.state
    kept: dict[str, object] = dict(deed.before or {})
    restore(case, kept)
    case.changed_at = at
    set_due(case, calendar=calendar())
    case.save()
    rule = case.rules.deeds[deed.name]
    add_line(
        case,
        "undo",
        by=by,
        at=at,
        given={"deed": deed.name, "note": rule.label.zh},
        undoes=deed,
        from_state=left,
    )
    told = Notice.objects.filter(url__contains=f"/{case.number}/", at=deed.at, kind="case")
    people = [notice.user for notice in told.select_related("user") if notice.user_id != by.pk]
    label = (f"已撤回“{rule.label.zh}”", f'"{rule.label.en}" was taken back')
    tell(case, people, kind="case", deed=label, at=at)
    return case
