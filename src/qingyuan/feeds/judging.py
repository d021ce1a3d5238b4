"""Judging (判定): what becomes of one item: a row of the store, or a reason.

Pure: the same item, devices and time give the same verdict, so that the journal can be judged
again after a crash.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from qingyuan.feeds.batch import Item
from qingyuan.feeds.stations import Station, Stations
from qingyuan.readings.numbers import number

__all__ = ["Verdict", "judge"]

_EARLY = timedelta(
    days=1
)  # as the gateway: a clock may be wrong; a day ahead it cannot be believed
_OLDEST = datetime(2000, 1, 1, tzinfo=UTC)
# data kinds of HJ 212-2017 and the suffix a value has unless it says so
_SUFFIX: Mapping[str, str] = {"2011": "Rtd", "2051": "Avg", "2061": "Avg", "2031": "Avg"}
_SUFFIXES = frozenset({"Rtd", "Avg", "Min", "Max", "Cou", "ZsRtd", "ZsAvg", "ZsMin", "ZsMax"})
_FLAG = re.compile(r"[A-Za-z0-9]{0,4}")


@dataclass(frozen=True, slots=True)
class Verdict:
    """The outcome for one item: *reason* is empty when its *row* may enter the store.

    ``mn`` names the device of what was refused, where it is known to be registered.
    """

    number: int
    reason: str = ""
    detail: str = ""
    mn: str = ""
    row: Mapping[str, object] | None = None

    @property
    def accepted(self) -> bool:
        """Whether it may enter the store."""
        return not self.reason


def judge(
    item: Item,
    stations: Stations,
    *,
    received_at: datetime,
    allowed: Collection[str] | None = None,
    mn: str = "",
    qn: str = "",
) -> Verdict:
    """Decide about one item.

    Parameters
    ----------
    allowed : collection of str, optional
        The MNs its sender may speak for; None means every registered one.
    mn : str
        The device, where the item names none.
    qn : str
        Where it stands in the journal; kept with the row.

    Returns
    -------
    Verdict
        ``reason`` is a code of this room's messages.
    """
    named = item["mn"] or mn
    station = stations.get(named)
    # whoever may not speak for a device does not learn whether it exists
    if station is None or (allowed is not None and station.mn not in allowed):
        return Verdict(item.number, "feeds.unknown_device", named[:40])
    reason, detail, time = _objection(item, station, received_at)
    if reason or time is None:
        return Verdict(item.number, reason, detail[:120])
    cn = item["cn"] or "2011"
    row = {
        "station": station.station,
        "factor": item["factor"],
        "cn": cn,
        "suffix": item["suffix"] or _SUFFIX[cn],
        "time": time,
        "text": item["value"],
        "flag": item["flag"],
        "unit": station.units[item["factor"]],
        "mn": station.mn,
        "qn": qn,
        "received_at": received_at,
    }
    return Verdict(item.number, row=row)


def _objection(
    item: Item, station: Station, received_at: datetime
) -> tuple[str, str, datetime | None]:
    if not station.active:
        return "feeds.inactive_device", station.mn, None
    factor, unit = item["factor"], item["unit"]
    if factor not in station.units:
        return "feeds.unknown_factor", factor, None
    if unit and unit != station.units[factor]:
        return "feeds.other_unit", unit, None
    if item["cn"] and item["cn"] not in _SUFFIX:
        return "feeds.data_kind", item["cn"], None
    if item["suffix"] and item["suffix"] not in _SUFFIXES:
        return "feeds.data_kind", item["suffix"], None
    if not _FLAG.fullmatch(item["flag"]):
        return "feeds.flag", item["flag"], None
    if number(item["value"]) is None:
        return "feeds.not_a_number", item["value"], None
    try:
        time = datetime.fromisoformat(item["time"])
    except ValueError:
        return "feeds.time", item["time"], None
    if time.tzinfo is None:
        return "feeds.naive_time", item["time"], None
    try:
        time = time.astimezone(UTC)
    except OverflowError:
        return "feeds.time", item["time"], None
    if not _OLDEST <= time <= received_at + _EARLY:
        return "feeds.untimely", item["time"], None
    return "", "", time
