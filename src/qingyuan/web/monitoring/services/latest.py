"""Keep the newest value of every series."""

from __future__ import annotations

from collections.abc import Iterable

from qingyuan.core.periods import city_date
from qingyuan.readings.intake import judge
from qingyuan.readings.model import Reading
from qingyuan.readings.rules import RuleSet
from qingyuan.web.monitoring.models import Latest
from qingyuan.web.monitoring.selectors.limits import Limits

__all__ = ["SHOWN", "keep_latest"]

SHOWN = frozenset({"Rtd", "Avg"})  # what a page shows as “now”: instants and means, never sums


def keep_latest(rows: Iterable[dict[str, object]], *, rules: RuleSet, limits: Limits) -> int:
    """Replace what is older than *rows* (as the store gives them) and return how many series moved."""
    newest: dict[tuple[str, str], dict[str, object]] = {}
    for row in rows:
        key = (str(row["station"]), str(row["factor"]))
        if row["suffix"] in SHOWN and (key not in newest or row["time"] >= newest[key]["time"]):  # type: ignore[operator]  # both are instants
            newest[key] = row
    held = {
        (one.station, one.factor): one.time
        for one in Latest.objects.filter(station__in={station for station, _ in newest}).only(
            "station", "factor", "time"
        )
    }
    moved = [
        _latest(row, rules=rules, limits=limits)
        for key, row in newest.items()
        if key not in held or row["time"] >= held[key]  # type: ignore[operator]  # both are instants
    ]
    Latest.objects.bulk_create(
        moved,
        update_conflicts=True,
        unique_fields=["station", "factor"],
        update_fields=[
            "time",
            "received_at",
            "text",
            "value",
            "flag",
            "valid",
            "unit",
            "cn",
            "water_class",
        ],
        batch_size=500,
    )
    return len(moved)


def _latest(row: dict[str, object], *, rules: RuleSet, limits: Limits) -> Latest:
    reading = Reading.of(row)
    verdict = judge(reading, rules=rules)
    value = verdict.value if verdict.is_valid else None
    return Latest(
        station=reading.station,
        factor=reading.factor,
        time=reading.time,
        received_at=reading.received_at or reading.time,
        text=reading.text,
        value=None if verdict.value is None else float(verdict.value),
        flag=reading.flag,
        valid=verdict.is_valid,
        unit=str(row["unit"]) or limits.unit_of(reading.station, reading.factor),
        cn=reading.cn,
        water_class=limits.class_of(
            reading.station, reading.factor, value, city_date(reading.time)
        ),
    )
