"""What was set aside (隔离区): counts by reason and device, and the newest packets."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

from qingyuan.core.periods import city_date
from qingyuan.core.problems import messages_of
from qingyuan.hj212 import DEVIATIONS
from qingyuan.store.quarantine import Quarantine
from qingyuan.web.registry import selectors as registry
from qingyuan.web.registry.models import Device

__all__ = [
    "QuarantineView",
    "SetAside",
    "masked",
    "quarantine",
    "reason_name",
    "set_aside",
    "shown",
]

_PASSWORD = re.compile(rb"((?:New)?PW=)[^;&]*")
_MOST = 100
_LONGEST = 31


@dataclass(frozen=True, slots=True)
class SetAside:
    """One packet that was set aside, as a list shows it."""

    received_at: datetime
    peer: str
    mn: str
    reason: str
    says: str
    detail: str
    raw: bytes
    segment: int
    offset: int
    name: str
    known: bool

    @property
    def shown(self) -> str:
        """The bytes, safe to show, without the password."""
        return shown(self.raw)


@dataclass(frozen=True, slots=True)
class QuarantineView:
    """What was set aside in some days: counts by reason and by device, and the newest packets."""

    first: date
    last: date
    by_reason: list[tuple[str, str, int]]
    by_device: list[tuple[str, str, bool, int]]
    by_day: list[tuple[date, int]]
    total: int
    recent: list[SetAside]


def reason_name(code: str, *, english: bool) -> str:
    """Return what a reason's code says, from the deviation table or the room's own messages."""
    kind = DEVIATIONS.get(code)
    if kind is not None:
        return kind.en if english else kind.zh
    row = messages_of(code.partition(".")[0]).get(code)
    if row is None:
        return code
    sentence = row["en" if english else "zh"]
    first = re.split(r"[。；]|\. |; ", sentence, maxsplit=1)[0]
    blank = r"\s*[(（]?(MN=)?%\(\w+\)s[)）]?" + ("" if english else r"\s*")
    return re.sub(blank, "", first).strip() or code


def quarantine(
    store: Path,
    *,
    at: datetime,
    english: bool,
    days: int = 7,
    day: date | None = None,
    mn: str = "",
    reason: str = "",
) -> QuarantineView:
    """Return what was set aside on *day* or in the last *days*, of one device or for one reason."""
    table = Quarantine(store)
    last = day or city_date(at)
    first = day or last - timedelta(days=min(days, _LONGEST) - 1)
    by_reason: dict[str, int] = {}
    by_device: dict[str, int] = {}
    by_day: dict[date, int] = {}
    for one in table.counts(first=first, last=last):
        if (mn and one.mn != mn) or (reason and one.reason != reason):
            continue
        by_reason[one.reason] = by_reason.get(one.reason, 0) + one.count
        by_device[one.mn] = by_device.get(one.mn, 0) + one.count
        by_day[one.day] = by_day.get(one.day, 0) + one.count
    stations = dict(Device.objects.values_list("mn", "station"))
    names = registry.label_of_station(stations.values())
    rows = table.recent(_MOST, mn=mn or None, reason=reason or None) if by_day else []
    recent = [
        _set_aside(row, stations, names, english=english)
        for row in rows
        if first <= city_date(row["received_at"]) <= last  # type: ignore[arg-type]  # an instant
    ]
    return QuarantineView(
        first,
        last,
        [(code, reason_name(code, english=english), n) for code, n in _most(by_reason)],
        [
            (code, names.get(stations.get(code, ""), ""), code in stations, n)
            for code, n in _most(by_device)
        ],
        sorted(by_day.items()),
        sum(by_reason.values()),
        recent,
    )


def set_aside(store: Path, segment: int, offset: int, *, english: bool) -> SetAside | None:
    """Return the packet set aside that lies at a place of the journal, or None."""
    table = Quarantine(store).table
    stations = dict(Device.objects.values_list("mn", "station"))
    names = registry.label_of_station(stations.values())
    columns = [name for name in table.schema.names if name != "day"]
    for day in reversed(table.days()):
        places = table.read(first=day, last=day, columns=["segment", "offset"]).to_pylist()
        for index, place in enumerate(places):
            if place["segment"] == segment and place["offset"] == offset:
                row = table.read(first=day, last=day, columns=columns).slice(index, 1).to_pylist()
                return _set_aside(row[0], stations, names, english=english)
    return None


def _set_aside(
    row: dict[str, object], stations: dict[str, str], names: dict[str, str], *, english: bool
) -> SetAside:
    mn = str(row["mn"])
    return SetAside(
        received_at=row["received_at"],  # type: ignore[arg-type]  # an instant
        peer=str(row["peer"]),
        mn=mn,
        reason=str(row["reason"]),
        says=reason_name(str(row["reason"]), english=english),
        detail=_detail(str(row["reason"]), str(row["detail"]), english=english),
        raw=bytes(row["raw"]),  # type: ignore[call-overload]  # bytes of the packet
        segment=int(str(row["segment"])),
        offset=int(str(row["offset"])),
        name=names.get(stations.get(mn, ""), ""),
        known=mn in stations,
    )


def _detail(reason: str, detail: str, *, english: bool) -> str:
    """Say a detail that is itself a code in words; the MN of an unknown device is said already."""
    if detail in DEVIATIONS:
        return reason_name(detail, english=english)
    return "" if reason in ("gateway.unknown_device", "gateway.wrong_password") else detail


def _most(counted: dict[str, int]) -> list[tuple[str, int]]:
    return sorted(counted.items(), key=lambda one: (-one[1], one[0]))[:50]


def masked(raw: bytes) -> bytes:
    """Return the bytes with the device's password covered; it is nobody's to read on a page."""
    return _PASSWORD.sub(rb"\1******", raw)


def shown(raw: bytes, *, most: int = 1200) -> str:
    r"""Return bytes as text that is safe to show: what is not printable ASCII as ``\xNN``."""
    covered = masked(raw)
    text = "".join(chr(b) if 32 <= b < 127 and b != 92 else f"\\x{b:02x}" for b in covered[:most])
    return text + ("…" if len(covered) > most else "")
