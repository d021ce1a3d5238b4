"""The devices: whether each is heard, how late, how complete, and one device's day or week."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from statistics import median

from django.db.models import Max, QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from qingyuan.core.periods import Period, city_date
from qingyuan.hj212 import instant
from qingyuan.store.observations import Observations
from qingyuan.store.quarantine import Quarantine
from qingyuan.web.accounts.scope import Scope
from qingyuan.web.monitoring.models import DataMark, DeviceDay, Follower, Latest
from qingyuan.web.monitoring.selectors.completeness import (
    Moments,
    MonthRow,
    due,
    moments,
    month_rows,
)
from qingyuan.web.monitoring.selectors.connections import Lines, connections
from qingyuan.web.monitoring.selectors.rules import rules_for
from qingyuan.web.registry import selectors as registry
from qingyuan.web.registry.models import Device

__all__ = [
    "DIALECTS",
    "KEEPERS",
    "STATES",
    "Cell",
    "DeviceRow",
    "Strip",
    "device_rows",
    "devices_seen",
    "follower",
    "marks_of",
    "strip_of",
]

#: Who keeps the register of devices; the system administrator keeps it without seeing any reading.
KEEPERS = frozenset({"department_head", "system_admin"})
STATES = {
    "fault": (pgettext_lazy("device", "异常"), "warn"),
    "late": (pgettext_lazy("device", "离线"), "late"),
    "never": (_("从未收到"), "warn"),
    "waiting": (_("等首包"), "now"),
    "online": (_("在线"), "ok"),
    "off": (_("停用"), ""),
}
DIALECTS = {
    "2005": "HJ/T 212-2005",
    "2017": "HJ 212-2017",
    "2025": "HJ 212-2025",
    "surface-water": "HJ 1404-2024",
}
_FAULT_SHARE = 0.05  # of today's packets set aside, from which a device that is heard is 异常
_KINDS = {"section": _("断面"), "outfall": _("排污口"), "air": _("空气站")}


def devices_seen(scope: Scope) -> QuerySet[Device]:
    """Return the devices a person may see; who keeps the system sees all of them, without data."""
    if "system_admin" in scope.roles:
        return Device.objects.defer("password", "sm4_key").order_by("station", "mn")
    return registry.devices(scope).defer("password", "sm4_key")


@dataclass(frozen=True, slots=True)
class DeviceRow:
    """One device in the list (设备台账)."""

    device: Device
    name: str
    state: str
    heard_at: datetime | None
    lag_s: float | None
    set_aside: int
    today: DeviceDay | None
    month: MonthRow

    @property
    def kind(self) -> str:
        """What kind of station it serves."""
        return str(_KINDS.get(self.device.station.partition(":")[0], ""))

    @property
    def code(self) -> str:
        """Code of the station."""
        return self.device.station.partition(":")[2]

    @property
    def says(self) -> str:
        """Its state in a word."""
        return str(STATES[self.state][0])

    @property
    def tone(self) -> str:
        """Tone of the state."""
        return STATES[self.state][1]

    @property
    def dialect(self) -> str:
        """The document it speaks by."""
        return DIALECTS.get(self.device.dialect, self.device.dialect)

    @property
    def station_url(self) -> str:
        """The page of the station; empty where it has none."""
        return (
            reverse(kind, args=[self.code])
            if (kind := self.device.station.partition(":")[0]) in ("section", "outfall")
            else ""
        )


def device_rows(
    devices: Iterable[Device], *, at: datetime, store: Path, lines: Lines | None = None
) -> list[DeviceRow]:
    """Return devices with their state now, today's counts and this month's completeness."""
    devices = list(devices)
    lines = lines or connections(store)
    names = registry.label_of_station(d.station for d in devices)
    heard, lags = _heard(devices, lines)
    today = city_date(at)
    aside: dict[str, int] = {}
    for one in Quarantine(store).counts(first=today, last=today):
        aside[one.mn] = aside.get(one.mn, 0) + one.count
    days = {row.device_id: row for row in DeviceDay.objects.filter(day=today)}
    months = month_rows(devices, today.replace(day=1))
    rule = rules_for(at).silence
    rows = []
    for device in devices:
        day = days.get(device.mn)
        state = _state(
            device, heard.get(device.mn), at=at, allowed_s=rule.allowed_s(device.interval_s),
            lines=lines, aside=aside.get(device.mn, 0), came=day.received if day else 0,
        )  # fmt: skip
        rows.append(
            DeviceRow(
                device, names[device.station], state, heard.get(device.mn), lags.get(device.mn),
                aside.get(device.mn, 0), day, months[device.mn],
            )
        )  # fmt: skip
    order = {name: n for n, name in enumerate(STATES)}
    return sorted(rows, key=lambda r: (order[r.state], r.device.station, r.device.mn))


def _heard(
    devices: Sequence[Device], lines: Lines
) -> tuple[Mapping[str, datetime], Mapping[str, float]]:
    """Return when each device was last heard, and how long its newest reading took to come."""
    by_station: dict[str, list[Device]] = {}
    for device in devices:
        by_station.setdefault(device.station, []).append(device)
    newest = {
        row["station"]: row
        for row in Latest.objects.filter(station__in=by_station)
        .exclude(cn="hist")
        .values("station")
        .annotate(heard=Max("received_at"), dated=Max("time"))
    }
    heard: dict[str, datetime] = dict(lines.heard)
    lags: dict[str, float] = {}
    for station, some in by_station.items():
        row = newest.get(station)
        if row is None or len(some) > 1:  # two loggers of one station: only the gateway knows which
            continue
        mn = some[0].mn
        heard[mn] = max(row["heard"], heard.get(mn, row["heard"]))
        lags[mn] = max(0.0, (row["heard"] - row["dated"]).total_seconds())
    return heard, lags


def _state(
    device: Device,
    heard: datetime | None,
    *,
    at: datetime,
    allowed_s: int,
    lines: Lines,
    aside: int,
    came: int,
) -> str:
    """Return how a device stands; nobody is late who has only just had the chance to speak.

    A device on a line that is open and younger than its own allowance is waited for, not blamed.
    """
    if not device.active:
        return "off"
    allowed = timedelta(seconds=allowed_s)
    if heard is not None and at - heard <= allowed:
        faulty = aside >= 3 and aside > _FAULT_SHARE * (came + aside)
        return "fault" if faulty else "online"
    since = [line.since for line in lines.by_mn.get(device.mn, ()) if line.since]
    if since and at - min(since) <= allowed:
        return "waiting"
    if aside:
        return "fault"  # it speaks, and is not believed
    if heard is None:
        return "never"
    return "late"


def follower() -> Follower | None:
    """Return how far the table was read and how late that was; None before the first time."""
    return Follower.objects.filter(name="observations").first()


def marks_of(station: str, period: Period | None = None) -> QuerySet[DataMark]:
    """Return what people said of a station's data, the newest first; withdrawn ones too."""
    found = DataMark.objects.filter(station=station).select_related(
        "declared_by__unit", "withdrawn_by__unit", "evidence"
    )
    if period is not None:
        found = found.filter(from_at__lt=period.end).exclude(to_at__lte=period.start)
    return found.order_by("-from_at", "-pk")


@dataclass(frozen=True, slots=True)
class Cell:
    """A piece of the strip: how many came of how many that were due."""

    start: datetime
    end: datetime
    expected: int
    received: int
    values: int
    valid: int
    late: int
    flags: tuple[str, ...]
    marks: tuple[str, ...]
    x: float
    width: float

    @property
    def level(self) -> str:
        """full, part, none, or rest (nothing was due)."""
        if self.expected == 0 and self.received == 0:
            return "rest"
        if self.received == 0:
            return "none"
        return "full" if self.received >= self.expected else "part"

    @property
    def height(self) -> float:
        """Share that came, as height of the bar (0 to 32)."""
        share = 1.0 if not self.expected else min(1.0, self.received / self.expected)
        return 32 * share if self.received else 0.0

    @property
    def top(self) -> float:
        """Where the bar begins."""
        return 32 - self.height


@dataclass(frozen=True, slots=True)
class Strip:
    """A device's time line (时间轴): what came against what was due, and where the clock stands."""

    period: Period
    cells: tuple[Cell, ...]
    ticks: tuple[tuple[float, datetime], ...]
    expected: int
    received: int
    values: int
    valid: int
    late: int
    clock_s: float | None
    gaps: tuple[tuple[datetime, datetime], ...]


_WIDTH = 100.0  # percent of whatever the page is wide
_EDGE = 5.0
_CLOCK_OF = timedelta(hours=2)


def strip_of(
    observations: Observations,
    device: Device,
    *,
    at: datetime,
    hours: int,
    marks: Iterable[DataMark] = (),
) -> Strip:
    """Return the time line of one device over the last *hours*, in some 150 pieces.

    Nothing is due before the device was ever heard, nor while a stop is declared.
    """
    step = timedelta(minutes=10 if hours <= 24 else 60)
    size = step.total_seconds()
    end = datetime.fromtimestamp((at.timestamp() // size + 1) * size, tz=at.tzinfo)
    period = Period(end - timedelta(hours=hours), end)
    found = moments(observations, device, period)
    told = [m for m in marks if m.withdrawn_at is None]
    first = (
        DeviceDay.objects.filter(device=device, received__gt=0)
        .order_by("day")
        .values_list("first_at", flat=True)
        .first()
    )
    since = min([t for t in (first, found[0].time if found else None) if t], default=at)
    every = 3600 if found and found[0].cn == "2061" else device.interval_s
    n = int(period.length / step)
    pieces: list[list[Moments]] = [[] for _ in range(n)]
    for one in found:
        pieces[min(n - 1, int((one.time - period.start) / step))].append(one)
    width = _WIDTH / n
    cells = []
    for number, piece in enumerate(pieces):
        start = period.start + number * step
        cells.append(
            _cell(start, min(start + step, max(start, at)), piece, since=since, every=every, told=told, x=number * width, width=width, whole=step)
        )  # fmt: skip
    hour = timedelta(hours=3 if hours <= 24 else 24)
    return Strip(
        period, tuple(cells), tuple(_ticks(period, hour)),
        sum(c.expected for c in cells), sum(c.received for c in cells),
        sum(c.values for c in cells), sum(c.valid for c in cells), sum(c.late for c in cells),
        _clock(found, at=at), tuple(_gaps(found, since=max(since, period.start), until=at, every=every)),
    )  # fmt: skip


def _cell(
    start: datetime,
    end: datetime,
    piece: list[Moments],
    *,
    since: datetime,
    every: int,
    told: list[DataMark],
    x: float,
    width: float,
    whole: timedelta,
) -> Cell:
    begun = max(start, since)
    here = [m for m in told if m.from_at < start + whole and (m.to_at is None or m.to_at > start)]
    stops = [
        (max(m.from_at, start), min(m.to_at or end, end))
        for m in here
        if m.kind == DataMark.Kind.STOP and not m.factor
    ]
    expected = due(Period(begun, end), step_s=every, stops=stops) if end > begun else 0
    return Cell(
        start=start,
        end=start + whole,
        expected=expected,
        received=len(piece),
        values=sum(m.values for m in piece),
        valid=sum(m.valid for m in piece),
        late=sum((m.received_at - m.time).total_seconds() > 600 + every for m in piece),
        flags=tuple(sorted({f for m in piece for f in m.flags if f != "N"})),
        marks=tuple(dict.fromkeys(m.kind for m in here)),
        x=round(x, 3),
        width=round(width * 0.93, 3),
    )


def _ticks(period: Period, every: timedelta) -> Iterable[tuple[float, datetime]]:
    """Yield where Beijing hours or midnights stand on the line."""
    size = every.total_seconds()
    beijing = 8 * 3600
    first = ((period.start.timestamp() + beijing) // size + 1) * size - beijing
    at = datetime.fromtimestamp(first, tz=period.start.tzinfo)
    while at < period.end:
        x = (at - period.start) / period.length * _WIDTH
        if _EDGE <= x <= _WIDTH - _EDGE:  # a label at the very edge would be cut
            yield round(x, 2), at
        at += every


def _clock(found: list[Moments], *, at: datetime) -> float | None:
    """Return how far the device's clock runs ahead (s): QN is written when a packet is sent."""
    offsets = [
        (sent - one.received_at).total_seconds()
        for one in found
        if at - one.received_at <= _CLOCK_OF
        and (sent := instant(one.qn)) is not None
        and abs((one.received_at - one.time).total_seconds()) < 3600
    ]
    return median(offsets) if offsets else None


def _gaps(
    found: list[Moments], *, since: datetime, until: datetime, every: int
) -> Iterable[tuple[datetime, datetime]]:
    """Yield the spans without a reading, the longest first, at most twenty."""
    step = timedelta(seconds=every)
    edges = [since - step, *(m.time for m in found if m.time >= since), until]
    wide = [
        (before + step, after)
        for before, after in pairwise(edges)
        if after - before > step * 1.5 + (step if after == until else timedelta())
    ]
    return sorted(wide, key=lambda g: g[0] - g[1])[:20]
