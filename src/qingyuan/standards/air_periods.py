"""Periods of ambient air (环境空气时段评价): which means count, and which statistics make a period.

A rule set is HJ 663 of a year with the limits it is held against; the date chooses unless one is
named. The numbers lie in ``tables/hj663-*.toml``, each beside its clause and its mark.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache

from qingyuan.core.problems import Problem
from qingyuan.standards import air
from qingyuan.standards.documents import Document, document, document_at, documents
from qingyuan.standards.items import item
from qingyuan.standards.limits import Limit

__all__ = ["PeriodRules", "Statistic", "period_rules", "period_rules_at"]

_FAMILY = "air-evaluation"


@dataclass(frozen=True, slots=True)
class Statistic:
    """What is evaluated of one series over a period (评价指标).

    ``daily`` is ``mean`` or ``mda8``; ``percentile`` of the daily values; ``places`` are kept.
    """

    series: str
    item: str
    unit: str
    daily: str
    has_mean: bool
    percentile: int
    places: int


@dataclass(frozen=True, slots=True, eq=False)
class PeriodRules:
    """HJ 663 of one year (时段评价规则集); numbers are described in its table.

    ``index_rules`` names the HJ 633 that goes with it.
    """

    id: str
    document: Document
    limits: Document
    index_rules: str
    day_hours: int
    window: int
    window_hours: int
    first_end: int
    windows: int
    max1h_hours: int
    month_days: int
    february_days: int
    year_days: int
    city_percent: int
    statistics: Mapping[str, Statistic]
    good_aqi: int
    heavy_aqi: int
    dust_items: tuple[str, ...]
    clauses: Mapping[str, str]
    marks: tuple[str, ...]

    def limit(self, series: str, averaging: str, *, grade: int = 2) -> Limit:
        """Return the limit of a series: ``annual``, ``daily`` or ``mda8``."""
        return air.limit_in(self.limits, self.statistics[series].item, averaging, grade=grade)

    def days_needed(self, month: int) -> int:
        """Return how many valid days make a month valid."""
        return self.february_days if month == 2 else self.month_days

    def with_limits(self, name: str) -> PeriodRules:
        """Return the same rules held against another table of limits.

        Raises
        ------
        Problem
            ``standards.unknown_document``.
        """
        return _rules(self.document, document(name))


def period_rules(given: str) -> PeriodRules:
    """Return the rule set named ``HJ663-2013``, ``HJ 663-2026`` …

    Raises
    ------
    Problem
        ``standards.unknown_document``.
    """
    wanted = given.replace(" ", "").casefold()
    held = [one for one in documents() if one.family == _FAMILY]
    for one in held:
        if one.name == wanted:
            return _rules(one, document(one.more["limits"]["table"]))
    known = "、".join(one.document.replace(" ", "") for one in held)
    raise Problem("standards.unknown_document", given=given, known=known)


def period_rules_at(at: date) -> PeriodRules:
    """Return the rule set in force on the Beijing date *at*, with the limits of that date.

    Raises
    ------
    Problem
        ``standards.not_in_force``.
    """
    held = document_at(_FAMILY, at)
    usual = document(held.more["limits"]["table"])
    return _rules(held, usual if at < usual.in_force_from else document_at(usual.family, at))


@cache
def _rules(held: Document, limits: Document) -> PeriodRules:
    more, dust = held.more, document("sand-dust-2017")
    statistics = {
        name: Statistic(name, item(of).name, _unit(limits, of, daily), daily, mean, percent, places)
        for name, (of, daily, mean, percent, places) in more["statistics"].items()
    }
    parts = [part for part in more.values() if "mark" in part]
    marks = (held.mark, *(part["mark"] for part in parts), limits.mark, dust.mark)
    usual = held.more["limits"]["table"] == limits.name
    name = held.document.replace(" ", "")
    return PeriodRules(
        id=name if usual else f"{name}+{limits.name}",
        document=held,
        limits=limits,
        index_rules=more["limits"]["index"],
        day_hours=more["day"]["hours"],
        window=more["mda8"]["window"],
        window_hours=more["mda8"]["needed_hours"],
        first_end=more["mda8"]["first_end"],
        windows=more["mda8"]["needed_windows"],
        max1h_hours=more["max1h"]["hours"],
        month_days=more["month"]["days"],
        february_days=more["month"]["february"],
        year_days=more["year"]["days"],
        city_percent=more["city"]["share_percent"],
        statistics=statistics,
        good_aqi=more["good"]["aqi"],
        heavy_aqi=more["good"]["heavy"],
        dust_items=tuple(dust.more["excluded"]["items"]),
        clauses={part: table["clause"] for part, table in more.items() if "clause" in table},
        marks=tuple(mark for mark in marks if mark),
    )


def _unit(limits: Document, of: str, daily: str) -> str:
    return air.limit_in(limits, of, "mda8" if daily == "mda8" else "daily").unit
