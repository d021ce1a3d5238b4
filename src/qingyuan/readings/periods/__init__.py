"""Periods (时段统计).

Room: from hourly concentrations to days, months, seasons and years, exactly and for many stations.
Knows: validity of means, largest 8-h mean, percentiles, city means, masks of sand-dust hours.
Never knows: indices and ranks, databases, users, today's date.
Sources: GB 3095 表4, HJ 663, 环办监测〔2016〕120号 in `qingyuan.standards`; GB/T 8170.
"""

from qingyuan.readings.periods.days import Days, city_days, days_of, gather_days, put_day
from qingyuan.readings.periods.exact import Exact, round_half_even
from qingyuan.readings.periods.exclusions import Exclusion, mask_of
from qingyuan.readings.periods.explained import explain_day, explain_figure
from qingyuan.readings.periods.hours import MISSING, SERIES, Hours, gather_hours
from qingyuan.readings.periods.sections import Sampling, SectionMeans, section_means, undetected
from qingyuan.readings.periods.spans import Span, months_in, seasons_in, span_of, years_in
from qingyuan.readings.periods.statistics import Figures, figures_of

__all__ = [
    "MISSING",
    "SERIES",
    "Days",
    "Exact",
    "Exclusion",
    "Figures",
    "Hours",
    "Sampling",
    "SectionMeans",
    "Span",
    "city_days",
    "days_of",
    "explain_day",
    "explain_figure",
    "figures_of",
    "gather_days",
    "gather_hours",
    "mask_of",
    "months_in",
    "put_day",
    "round_half_even",
    "seasons_in",
    "section_means",
    "span_of",
    "undetected",
    "years_in",
]
