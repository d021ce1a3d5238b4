"""Refusals (写不进去): what a disk or an object store refused, in our own words.

Delta's writer reports the system's error as text; its number is what can be relied upon. Of an object
store there is only the text.
"""

from __future__ import annotations

import errno
import re

from qingyuan.core.problems import Problem

__all__ = ["absence", "refusal"]

_FULL = frozenset({errno.ENOSPC, errno.EFBIG, errno.EDQUOT})
_REMOTE = re.compile(
    r"Generic S3 error|AWS Error|HTTP error|Error performing (GET|HEAD|PUT|POST|DEL)"
)
_REFUSED = re.compile(
    r"\b40[134]\b|HTTP status (40[134])|ACCESS_DENIED|NO_SUCH_BUCKET|INVALID_ACCESS_KEY_ID"
    r"|SIGNATURE_DOES_NOT_MATCH|Forbidden|Unauthorized|permission"
)
_COLOURS = re.compile(r"\x1b\[[0-9;]*m|↳")


def refusal(fault: BaseException, *, table: str, place: str) -> Problem | None:
    """Return ``store.full`` or ``store.unwritable``; None when the system refused nothing."""
    number = _number(fault)
    if number is None:
        return None
    code = "store.full" if number in _FULL else "store.unwritable"
    cause = str(fault).rpartition(": ")[2][:200] or type(fault).__name__
    return Problem(code, table=table, place=place, cause=cause)


def absence(fault: BaseException, *, place: str) -> Problem | None:
    """Return ``store.place_away`` or ``store.place_refused``; None for a fault of another kind."""
    told = " ".join(_COLOURS.sub(" ", str(fault)).split())
    is_socket = isinstance(fault, ConnectionError | TimeoutError)
    if not is_socket and not _REMOTE.search(told):
        return None
    cause = told.rpartition(" - ")[2][:200] or type(fault).__name__
    code = "store.place_refused" if _REFUSED.search(cause) else "store.place_away"
    return Problem(code, place=place, cause=cause)


def _number(fault: BaseException) -> int | None:
    """Return the number of the system's own error, also when it comes as text from below."""
    if isinstance(fault, OSError) and fault.errno is not None:
        return fault.errno
    told = re.search(r"\(os error (\d+)\)", str(fault))
    return int(told[1]) if told else None
