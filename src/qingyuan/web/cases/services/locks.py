"""Lock cases in one order, always (加锁): two deeds that need the same cases wait, never deadlock.

The audit chain's own lock is taken by the first line a deed writes; every case a deed will touch is
therefore locked before it writes anything.
"""

from __future__ import annotations

from collections.abc import Iterable

from qingyuan.web.cases.models import Case

__all__ = ["locked", "locked_all"]

_WITH = ("procedure", "district", "unit", "person__unit", "sponsor", "opener", "enterprise")


def locked_all(pks: Iterable[int]) -> dict[int, Case]:
    """Return the cases locked, in the order of their rows, as they stand now."""
    wanted = sorted(set(pks))
    list(
        Case.objects.select_for_update(no_key=True)
        .filter(pk__in=wanted)
        .order_by("pk")
        .values_list("pk")
    )
    found = Case.objects.select_related(*_WITH).filter(pk__in=wanted).order_by("pk")
    return {case.pk: case for case in found}


def locked(case: Case, *, also: Iterable[str] = ()) -> Case:
    """Return *case* locked, together with the cases of the numbers in *also*."""
    numbers = [number for number in also if number]
    others = Case.objects.filter(number__in=numbers).values_list("pk", flat=True) if numbers else ()
    return locked_all([case.pk, *others])[case.pk]
