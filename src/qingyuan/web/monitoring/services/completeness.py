"""Count the days of every device, so that a month is a sum of rows somebody can open."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import Min

from qingyuan.core.periods import Period, day_of
from qingyuan.store.observations import Observations
from qingyuan.web.monitoring.models import DeviceDay
from qingyuan.web.monitoring.selectors.completeness import Counted, day_counts, due, stops_of
from qingyuan.web.registry.models import Device

__all__ = ["count_day"]

_LATE_S = 600  # received this long after its interval: it was sent again, not sent late


@transaction.atomic
def count_day(observations: Observations, day: date, *, at: datetime) -> int:
    """Count what was due, received and valid of each device on *day* (日传输统计); return how many.

    A device is due from the first moment it was ever heard, so that one registered yesterday is
    not blamed for last month; a device in use that is silent all day has a row of noughts.
    """
    devices = list(Device.objects.filter(active=True))
    counted = day_counts(observations, devices, day, late_s=_LATE_S)
    earlier = dict(
        DeviceDay.objects.filter(received__gt=0)
        .values_list("device_id")
        .annotate(first=Min("first_at"))
    )
    whole = day_of(day)
    whole = Period(whole.start, max(whole.start, min(whole.end, at)))
    stops = stops_of({d.station for d in devices}, whole)
    rows = []
    for device in devices:
        held = counted.get(device.mn)
        known = [t for t in (earlier.get(device.mn), held and held.first_at) if t is not None]
        if not known or min(known) >= whole.end:
            continue
        rows.append(
            _row(device, day, held, Period(max(whole.start, min(known)), whole.end), stops, at)
        )
    names = [
        f.name for f in DeviceDay._meta.concrete_fields if f.name not in ("id", "device", "day")
    ]
    DeviceDay.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["device", "day"],
        update_fields=names,
        batch_size=500,
    )
    return len(rows)


def _row(
    device: Device,
    day: date,
    held: Counted | None,
    period: Period,
    stops: dict[str, list[tuple[datetime, datetime]]],
    at: datetime,
) -> DeviceDay:
    step = 3600 if held and held.cn == "2061" else device.interval_s
    expected = due(period, step_s=step, stops=stops.get(device.station, ()))
    if held is None:
        silent = int((period.end - period.start).total_seconds())
        return DeviceDay(
            device=device, day=day, cn="", expected=expected, received=0, values=0, valid=0,
            gaps=1 if expected else 0, longest_gap_s=silent if expected else 0, counted_at=at,
        )  # fmt: skip
    edges = [
        int(edge.total_seconds())
        for edge in (
            held.first_at - period.start,
            period.end - held.last_at - timedelta(seconds=step),
        )
        if edge.total_seconds() > 1.5 * step
    ]
    return DeviceDay(
        device=device, day=day, cn=held.cn, expected=expected, received=held.received,
        values=held.values, valid=held.valid, late=held.late, gaps=held.gaps + len(edges),
        longest_gap_s=max([held.longest_gap_s, *edges]), first_at=held.first_at,
        last_at=held.last_at, counted_at=at,
    )  # fmt: skip
