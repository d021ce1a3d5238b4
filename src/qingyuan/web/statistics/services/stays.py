"""Work out how long cases stood in each phase (整理阶段停留), those only that changed since."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator
from datetime import datetime
from itertools import groupby

from django.db.models import F, Max, Q

from qingyuan.casework import Phase
from qingyuan.casework.statistics import Spell, WorkTime
from qingyuan.web.cases.models import CalendarChange, Case, Deed
from qingyuan.web.cases.selectors.memory import mark
from qingyuan.web.cases.selectors.workdays import calendar
from qingyuan.web.statistics.models import CaseStay

__all__ = ["MOST", "freshen", "spells_of"]

MOST = 4000
"""Cases worked out in one go: about a second."""
_AT_ONCE = 2000
_fresh: Hashable = None  # how the cases and the calendar stood when nothing was left to work out


def spells_of(moves: Iterable[tuple[datetime, Phase]]) -> list[Spell]:
    """Return the stays in phases of one case from its deeds in order; the last one lasts."""
    found: list[Spell] = []
    for at, phase in moves:
        if not found:
            found.append(Spell(phase, at))
        elif found[-1].phase is not phase:
            found[-1] = Spell(found[-1].phase, found[-1].start, at)
            found.append(Spell(phase, at))
    return found


def freshen(*, at: datetime, most: int = MOST) -> int:
    """Work out the stays of cases that changed since, *most* at once; return how many are left.

    It is a cache of the deeds: doing it twice, or two people at once, changes nothing.
    """
    global _fresh
    moved = _calendar_moved()
    now = (mark(), moved)
    if now == _fresh:
        return 0
    stale = _stale(moved)
    keys = list(stale.values_list("pk", flat=True)[: most + 1])
    work = WorkTime(calendar())
    for start in range(0, min(len(keys), most), _AT_ONCE):
        _work_out(keys[start : min(start + _AT_ONCE, most)], work=work, at=at)
    if len(keys) > most:
        return stale.count()
    if not keys:  # what was worked out now may yet be rolled back
        _fresh = now
    return 0


def _calendar_moved() -> datetime | None:
    entered = CalendarChange.objects.aggregate(a=Max("entered_at"), b=Max("withdrawn_at"))
    return max((m for m in entered.values() if m is not None), default=None)


def _stale(moved: datetime | None):
    """Return the cases without a stay, or with one older than they or than the calendar."""
    old = Q(stay=None) | ~Q(stay__changed_at=F("changed_at"))
    if moved is not None:
        old |= Q(stay__made_at__lte=moved)
    return Case.objects.filter(old).order_by("pk")


def _moves(keys: list[int]) -> Iterator[tuple[int, list[tuple[datetime, Phase]]]]:
    rules = {
        case.pk: case.rules
        for case in Case.objects.filter(pk__in=keys).prefetch_related("procedure")
    }
    told = Deed.objects.filter(case__in=keys).order_by("case_id", "seq")
    rows = told.values_list("case_id", "at", "to_state")
    for key, group in groupby(rows.iterator(chunk_size=5000), key=lambda row: row[0]):
        states = rules[key].states
        yield key, [(at, states[to].phase) for _, at, to in group if to in states]


def _work_out(keys: list[int], *, work: WorkTime, at: datetime) -> None:
    changed = dict(Case.objects.filter(pk__in=keys).values_list("pk", "changed_at"))
    made = []
    for key, moves in _moves(keys):
        spells = spells_of(moves)
        if not spells or key not in changed:
            continue
        ended: dict[str, int] = {}
        for spell in spells[:-1]:
            if spell.end is not None:
                days = max(work.days(spell.start, spell.end), 0)
                ended[spell.phase.value] = ended.get(spell.phase.value, 0) + days
        last = spells[-1]
        made.append(
            CaseStay(
                case_id=key,
                changed_at=changed[key],
                made_at=at,
                discover=ended.get("discover"),
                handle=ended.get("handle"),
                feedback=ended.get("feedback"),
                phase=last.phase.value,
                since=last.start,
            )
        )
    CaseStay.objects.bulk_create(
        made,
        batch_size=1000,
        update_conflicts=True,
        unique_fields=["case"],
        update_fields=["changed_at", "made_at", "discover", "handle", "feedback", "phase", "since"],
    )
