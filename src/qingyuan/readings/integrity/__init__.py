"""Data integrity (数据质量疑点).

Room: what in a series of readings cannot easily be what the water did, and how sure that is.
Knows: series on a regular grid, their own past, limits, relations between factors, marks, chance.
Never knows: databases, users, cases, who is to blame; every answer says 需核查 and nothing more.
Sources: HJ 212-2017 数据标记; HJ 355-2019 比对监测; tables/ beside this file, each with its mark.
"""

from qingyuan.readings.integrity.doubt import Doubt, Words, words_of
from qingyuan.readings.integrity.inspection import KINDS, inspect
from qingyuan.readings.integrity.rules import Rules, rules_at
from qingyuan.readings.integrity.series import ManualSample, Series, Site, series_of

__all__ = [
    "KINDS",
    "Doubt",
    "ManualSample",
    "Rules",
    "Series",
    "Site",
    "Words",
    "inspect",
    "rules_at",
    "series_of",
    "words_of",
]
