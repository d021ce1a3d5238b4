"""Statistics of casework as definitions (办案统计口径).

Room: casework; what a case row is, counts, rates, lengths, rankings, working time.
Knows: numerator, denominator and trap of every figure, and the rows behind them.
Never knows: databases, pages, today's date.
Sources: the documents named in docs/zh/reference/sources.md, casework section.
"""

from qingyuan.casework.statistics.counting import Count, count, grouped
from qingyuan.casework.statistics.figures import (
    Definition,
    Figure,
    definitions,
    figure,
    figures,
    ranked,
)
from qingyuan.casework.statistics.places import repeated
from qingyuan.casework.statistics.rows import CaseRow, Satisfaction, Spell
from qingyuan.casework.statistics.times import Timing, WorkTime, timing

__all__ = [
    "CaseRow",
    "Count",
    "Definition",
    "Figure",
    "Satisfaction",
    "Spell",
    "Timing",
    "WorkTime",
    "count",
    "definitions",
    "figure",
    "figures",
    "grouped",
    "ranked",
    "repeated",
    "timing",
]
