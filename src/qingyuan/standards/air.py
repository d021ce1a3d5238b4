"""Ambient air (环境空气): limits of the six pollutants by date.

The rules changed on 2026-03-01 and change again on 2031-01-01; the sample's date chooses. AQI and
period statistics are not here: these are the limits a daily bulletin is held against.
"""

from __future__ import annotations

from datetime import date

from qingyuan.core.problems import Problem
from qingyuan.standards.documents import Document, document_at
from qingyuan.standards.items import item
from qingyuan.standards.limits import Limit, limit_of

__all__ = ["AVERAGING", "limit", "limit_in"]

AVERAGING = {
    "hourly": "1小时平均",
    "mda8": "日最大8小时平均",
    "daily": "24小时平均",
    "annual": "年平均",
}
_GRADE = {1: "一级", 2: "二级"}


def limit(given: str, averaging: str, *, at: date, grade: int = 2) -> Limit:
    """Return the limit of a pollutant.

    Parameters
    ----------
    given : str
        HJ 212 code, Chinese name or symbol (``a34004``, 细颗粒物, PM2.5).
    averaging : str
        ``hourly``, ``mda8`` (臭氧), ``daily`` or ``annual``.
    at : date
        The sample's date.
    grade : int
        1 for class I areas, 2 for the rest.

    Raises
    ------
    Problem
        ``standards.no_limit`` when the document sets none, such as an hourly limit for PM2.5.
    """
    return limit_in(document_at("ambient-air", at), given, averaging, grade=grade)


def limit_in(document: Document, given: str, averaging: str, *, grade: int = 2) -> Limit:
    """Return the limit of a pollutant in one document, whatever the date; otherwise as `limit`."""
    known = item(given)
    condition, cls = AVERAGING.get(averaging, averaging), _GRADE.get(grade, str(grade))
    rows = [
        row
        for row in document.rows
        if (row.item, row.condition, row.cls) == (known.name, condition, cls)
    ]
    if not rows:
        raise Problem(
            "standards.no_limit",
            document=document.document,
            item=known.name,
            detail=f"{cls} {condition}",
        )
    return limit_of(document, rows)
