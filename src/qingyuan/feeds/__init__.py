"""Feeds (外部对接).

Room: data that others bring, by MQTT broker or in batches by HTTP, through one validation.
Knows: batches as JSON and CSV, who may send for which device, the journal and the store.
Never knows: users, pages, limits, cases; it asks no clock but the one it is given.
Sources: MQTT 3.1.1 与 5.0（OASIS）; HJ 212-2017 因子编码与数据类型; architecture.md §2–§4.
"""

from qingyuan.feeds.batch import Item, read_batch
from qingyuan.feeds.fleet import FIX_REFUSALS, FIXED, Vehicle, VehiclesFile, judge_fix, read_fixes
from qingyuan.feeds.http import Answer, receive
from qingyuan.feeds.intake import Arrival, Intake, Matter, Outcome
from qingyuan.feeds.judging import Verdict, judge
from qingyuan.feeds.stations import Station, StationsFile

__all__ = [
    "FIXED",
    "FIX_REFUSALS",
    "Answer",
    "Arrival",
    "Intake",
    "Item",
    "Matter",
    "Outcome",
    "Station",
    "StationsFile",
    "Vehicle",
    "VehiclesFile",
    "Verdict",
    "judge",
    "judge_fix",
    "read_batch",
    "read_fixes",
    "receive",
]
