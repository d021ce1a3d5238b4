"""What a value is held against: the section's target on that day, or the outfall's own limit."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, datetime
from decimal import Decimal

from qingyuan.core.periods import city_date
from qingyuan.core.problems import Problem
from qingyuan.standards import water
from qingyuan.standards.limits import Limit
from qingyuan.web.registry.models import Device, OutfallLimit, Section

__all__ = ["Limits"]

_AVERAGING = {"instant": 0, "hourly": 1}
_AVERAGING_ZH = {"instant": "瞬时限值", "hourly": "小时均值限值，实时值预警"}
_LEAST = frozenset({"w01009"})  # 溶解氧：不低于


class Limits:
    """Limits of every station as the registry has them now (执行限值); a callable for the watch.

    A section is held to its target class on the sample's date (GB 3838 through ``standards``), an
    outfall to its own limit rows in force that day: instantaneous, else hourly as a warning. A
    daily limit holds for the mean of a day and is never held against an instant (`days.py` does
    that); a value in another unit than the limit is not judged, rather than judged wrongly.
    """

    def __init__(self) -> None:
        self._sections = {s.station: s for s in Section.objects.prefetch_related("targets")}
        self._units = {d.station: dict(d.factors) for d in Device.objects.filter(active=True)}
        self._own: dict[tuple[str, str], list[OutfallLimit]] = defaultdict(list)
        for row in OutfallLimit.objects.all():
            self._own[f"outfall:{row.outfall_id}", row.factor].append(row)
        self._known: dict[tuple[str, str, date], Limit | None] = {}

    def __call__(self, station: str, factor: str, time: datetime) -> Limit | None:
        """Return the limit for a sample taken at *time*, or None."""
        key = (station, factor, city_date(time))
        if key not in self._known:
            found = self._find(*key)
            self._known[key] = found if found and self._same_unit(station, factor, found) else None
        return self._known[key]

    def _find(self, station: str, factor: str, day: date) -> Limit | None:
        section = self._sections.get(station)
        if section is None:
            return self._own_limit(station, factor, day)
        target = section.target_on(day)
        try:
            return (
                water.limit(factor, target, at=day, water_type=section.water_type)
                if target
                else None
            )
        except Problem:  # the standard does not judge this item in such water
            return None

    def _own_limit(self, station: str, factor: str, day: date) -> Limit | None:
        held = [
            row
            for row in self._own.get((station, factor), ())
            if row.averaging in _AVERAGING
            and row.valid_from <= day
            and (row.valid_to is None or day < row.valid_to)
        ]
        if not held:
            return None
        row = min(held, key=lambda r: (_AVERAGING[r.averaging], r.limit))
        return Limit(
            item=factor,
            cls=row.level,
            value=row.limit,
            unit=row.unit,
            bound="min" if factor in _LEAST else "max",
            document=row.standard,
            clause=f"{row.level}（{_AVERAGING_ZH[row.averaging]}）".strip(),
        )

    def _same_unit(self, station: str, factor: str, limit: Limit) -> bool:
        sent = self._units.get(station, {}).get(factor, "")
        plain = {"无量纲": "", "pH": ""}
        return (
            not sent
            or plain.get(sent, sent).casefold() == plain.get(limit.unit, limit.unit).casefold()
        )

    def unit_of(self, station: str, factor: str) -> str:
        """Return the unit the station's device sends a factor in; empty where none is known."""
        return self._units.get(station, {}).get(factor, "")

    def is_section(self, station: str) -> bool:
        """Whether a station is a monitored section."""
        return station in self._sections

    def class_of(self, station: str, factor: str, value: object, day: date) -> str:
        """Return the class of one item at a section; empty where the standard has none."""
        section = self._sections.get(station)
        if section is None or not isinstance(value, Decimal):
            return ""
        try:
            return water.class_of(factor, value, at=day, water_type=section.water_type)
        except Problem:
            return ""
