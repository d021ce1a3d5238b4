"""Counts that many people ask for within the minute (计数缓存): kept per process, never wrong for long.

A count is good as long as no case was opened or changed and the minute has not passed: what a clock
alone moves (a deadline that has just gone by) is at most a minute old.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from datetime import datetime
from threading import Lock
from typing import TypeVar, cast

from django.db.models import Max

from qingyuan.web.accounts.scope import Scope
from qingyuan.web.cases.models import Case

__all__ = ["remembered"]

T = TypeVar("T")
_MOST = 200
_held: OrderedDict[Hashable, object] = OrderedDict()
_lock = Lock()


def remembered(key: Hashable, make: Callable[[], T], *, scope: Scope, at: datetime) -> T:
    """Return what *make* answers, or what it answered to the same question a moment ago.

    People who see the whole city share an answer; everybody else has their own.
    """
    newest = Case.objects.aggregate(changed=Max("changed_at"), last=Max("pk"))
    minute = at.replace(second=0, microsecond=0)
    who: Hashable = "city" if scope.city and scope.staff else scope
    whole = (key, who, minute, newest["changed"], newest["last"])
    with _lock:
        if whole in _held:
            _held.move_to_end(whole)
            return cast(T, _held[whole])
    made = make()
    with _lock:
        _held[whole] = made
        while len(_held) > _MOST:
            _held.popitem(last=False)
    return made
