"""Counts that many people ask for (计数缓存): kept per process, and never wrong.

Every deed writes the audit chain in its own transaction, one after the other, so the chain's length
says whether anything was done since: an answer is good while the chain and the cases are as they
were, until the clock alone moves something (the next deadline passes, the next day begins).
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from datetime import datetime
from threading import Lock
from typing import TypeVar, cast

from django.db import connection
from django.db.models import Min

from qingyuan.core.periods import city_date, day_of
from qingyuan.web.accounts.scope import Scope
from qingyuan.web.cases.models import Case
from qingyuan.web.ui.once import once

__all__ = ["mark", "remembered"]

T = TypeVar("T")
_MOST = 400
_held: OrderedDict[Hashable, tuple[object, datetime, datetime, object]] = OrderedDict()
_lock = Lock()
_MARK = """
SELECT (SELECT max(seq) FROM audit_entry),
       (SELECT max(changed_at) FROM cases_case), (SELECT max(id) FROM cases_case)
"""


def mark() -> Hashable:
    """Return what differs once anything was done, by whichever process."""
    return once("mark", _asked)


def _asked() -> Hashable:
    with connection.cursor() as cursor:
        cursor.execute(_MARK)
        return cast(Hashable, cursor.fetchone())


def remembered(key: Hashable, make: Callable[[], T], *, scope: Scope, at: datetime) -> T:
    """Return what *make* answers, or what it answered to the same question before.

    People who see the whole city share an answer; everybody else has their own.
    """
    who: Hashable = "city" if scope.city and scope.staff else scope
    whole, now = (key, who), mark()
    with _lock:
        held = _held.get(whole)
        if held is not None and held[0] == now and held[1] <= at < held[2]:
            _held.move_to_end(whole)
            return cast(T, held[3])
    made = make()
    with _lock:
        _held[whole] = (now, at, _next_move(at), made)
        _held.move_to_end(whole)
        while len(_held) > _MOST:
            _held.popitem(last=False)
    return made


def _next_move(at: datetime) -> datetime:
    """Return when time alone next changes a count: a deadline that passes, or midnight."""
    tomorrow = day_of(city_date(at)).end
    coming = Case.objects.filter(closed_at=None, due_at__gt=at, due_at__lt=tomorrow)
    return coming.aggregate(next=Min("due_at"))["next"] or tomorrow
