"""Where data comes from: who is heard, who is not, and what was set aside."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from django.db.models import Max
from django.urls import reverse

from qingyuan.core.periods import city_date
from qingyuan.core.problems import messages_of
from qingyuan.hj212 import DEVIATIONS, Line, explain, parse
from qingyuan.store.quarantine import Quarantine
from qingyuan.web.accounts.scope import Scope
from qingyuan.web.monitoring.models import Follower, Latest
from qingyuan.web.monitoring.selectors.rules import rules_for
from qingyuan.web.registry import selectors as registry
from qingyuan.web.registry.models import Device

__all__ = [
    "QuarantineView",
    "SourceRow",
    "follower",
    "packet_lines",
    "quarantine",
    "reason_name",
    "sources",
]

_PASSWORD = re.compile(rb"(PW=)[^;&]*")


@dataclass(frozen=True, slots=True)
class SourceRow:
    """One device: where, how often it should speak, when it was heard."""

    device: Device
    name: str
    heard_at: datetime | None
    state: str  # online, late, never, off
    factors: int
    set_aside: int

    @property
    def url(self) -> str:
        """The page of the station; empty where it has none."""
        kind, _, code = self.device.station.partition(":")
        return reverse(kind, args=[code]) if kind in ("section", "outfall") else ""


def sources(scope: Scope, *, at: datetime, store: Path) -> list[SourceRow]:
    """Return the devices of the stations a person may see, the silent ones first."""
    devices = list(registry.devices(scope))
    names = registry.label_of_station(d.station for d in devices)
    heard = dict(
        Latest.objects.filter(station__in={d.station for d in devices})
        .values_list("station")
        .annotate(heard=Max("received_at"))
    )
    today = city_date(at)
    aside: dict[str, int] = {}
    for one in Quarantine(store).counts(first=today, last=today):
        aside[one.mn] = aside.get(one.mn, 0) + one.count
    rule = rules_for(at).silence
    rows = [
        SourceRow(
            device=d,
            name=names[d.station],
            heard_at=heard.get(d.station),
            state=_state(d, heard.get(d.station), at=at, allowed_s=rule.allowed_s(d.interval_s)),
            factors=len(d.factors),
            set_aside=aside.get(d.mn, 0),
        )
        for d in devices
    ]
    order = {"late": 0, "never": 1, "online": 2, "off": 3}
    return sorted(rows, key=lambda r: (order[r.state], r.device.station))


def _state(device: Device, heard: datetime | None, *, at: datetime, allowed_s: int) -> str:
    if not device.active:
        return "off"
    if heard is None:
        return "never"
    return "online" if at - heard <= timedelta(seconds=allowed_s) else "late"


def follower() -> Follower | None:
    """Return how far the table was read and how late that was; None before the first time."""
    return Follower.objects.filter(name="observations").first()


@dataclass(frozen=True, slots=True)
class QuarantineView:
    """What was set aside: counts by reason and by device, and the newest packets."""

    by_reason: list[tuple[str, str, int]]
    by_device: list[tuple[str, str, int]]
    total: int
    recent: list[dict[str, object]]


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
    return re.sub(r"\s*(MN=|（)?%\(\w+\)s）?\s*", "", first).strip() or code


def quarantine(
    store: Path, *, at: datetime, english: bool, days: int = 7, mn: str = "", reason: str = ""
) -> QuarantineView:
    """Return what was set aside in the last *days*, optionally of one device or for one reason."""
    table = Quarantine(store)
    today = city_date(at)
    counts = table.counts(first=today - timedelta(days=days - 1), last=today)
    by_reason: dict[str, int] = {}
    by_device: dict[str, int] = {}
    for one in counts:
        by_reason[one.reason] = by_reason.get(one.reason, 0) + one.count
        by_device[one.mn] = by_device.get(one.mn, 0) + one.count
    stations = dict(Device.objects.values_list("mn", "station"))
    names = registry.label_of_station(stations.values())
    recent = table.recent(50, mn=mn or None, reason=reason or None)
    return QuarantineView(
        by_reason=[(code, reason_name(code, english=english), n) for code, n in _most(by_reason)],
        by_device=[
            (code, names.get(stations.get(code, ""), ""), n) for code, n in _most(by_device)
        ],
        total=sum(by_reason.values()),
        recent=[
            row
            | {
                "shown": shown(bytes(row["raw"])),  # type: ignore[call-overload]  # bytes of the packet
                "size": len(bytes(row["raw"])),  # type: ignore[call-overload]  # as above
                "lines": packet_lines(bytes(row["raw"])),  # type: ignore[call-overload]  # as above
                "says": reason_name(str(row["reason"]), english=english),
            }
            for row in recent
        ],
    )


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


def packet_lines(raw: bytes) -> list[Line]:
    """Return what each field of a packet means, without the device's password."""
    return [line for line in explain(parse(raw)) if line.name != "PW"]
