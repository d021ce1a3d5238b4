"""Refusals (写不进去): what a disk refused, in our own words.

Delta's writer reports the system's error as text; its number is what can be relied upon.
"""

from __future__ import annotations

import errno
import re

from qingyuan.core.problems import Problem

__all__ = ["refusal"]

_FULL = frozenset({errno.ENOSPC, errno.EFBIG, errno.EDQUOT})


def refusal(fault: BaseException, *, table: str, place: str) -> Problem | None:
    """Return ``store.full`` or ``store.unwritable``; None when the system refused nothing."""
    number = _number(fault)
    if number is None:
        return None
    code = "store.full" if number in _FULL else "store.unwritable"
    cause = str(fault).rpartition(": ")[2][:200] or type(fault).__name__
    return Problem(code, table=table, place=place, cause=cause)


def _number(fault: BaseException) -> int | None:
    """Return the number of the system's own error, also when it comes as text from below."""
    if isinstance(fault, OSError) and fault.errno is not None:
        return fault.errno
    told = re.search(r"\(os error (\d+)\)", str(fault))
    return int(told[1]) if told else None
