"""Series for charts and the tables beneath them, with units, limits and upstream sections."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from django.utils.translation import gettext as _

from qingyuan.core.factors import factor as factor_of
from qingyuan.core.periods import Period, city_date
from qingyuan.core.problems import Problem
from qingyuan.core.quantities import plain, round_gbt8170
from qingyuan.river.hydraulics import hydraulics
from qingyuan.standards import water
from qingyuan.standards.classes import CLASSES, WORSE
from qingyuan.standards.limits import Limit
from qingyuan.store.observations import Observations
from qingyuan.web.accounts.scope import Scope
from qingyuan.web.monitoring.models import Latest
from qingyuan.web.monitoring.selectors.limits import Limits
from qingyuan.web.registry import selectors as registry
from qingyuan.web.registry.models import Device, RiverReach, Section
from qingyuan.web.registry.models.geometry import in_language

__all__ = ["HOURS", "Chart", "Series", "chart_of", "factors_of", "observations_in", "section_chart"]

HOURS = (24, 72, 168, 720)
_FINE_HOURS = 72  # beyond it a chart shows hourly means
_MOST_POINTS = 3000
_HISTORY = "hist"
_HOURLY_GAP = timedelta(minutes=130)

Point = tuple[datetime, str | None, str]  # instant, value as sent or None for a hole, flag
_FIRST = ("w21003", "w01019", "w21011", "w01018", "w01009", "w01001")


@lru_cache(maxsize=4)
def observations_in(folder: Path) -> Observations:
    """Return this process's one handle on the table."""
    return Observations(folder)


@dataclass(frozen=True, slots=True)
class Series:
    """One line: points ``(instant, value as text or None, flag)`` and its lag to the first line."""

    name: str
    points: list[Point]
    station: str
    lag_hours: float = 0.0


@dataclass(frozen=True, slots=True)
class Chart:
    """One factor at one station over a period, as a chart and as rows."""

    station: str
    factor: str
    title: str
    unit: str
    period: Period
    step: str  # "reading" or "hour"
    series: list[Series]
    limit: Limit | None = None
    classes: list[tuple[str, str | None]] = field(default_factory=list)

    @property
    def config(self) -> dict[str, Any]:
        """The chart element's configuration; instants are milliseconds."""
        limit = None
        if self.limit is not None and self.limit.bound != "range":
            limit = {
                "value": plain(self.limit.value),
                "standard": f"{self.limit.document} {self.limit.clause}",
                "class": self.limit.cls if self.limit.cls in CLASSES else "",
                "bound": self.limit.bound,
            }
        return {
            "title": self.title,
            "unit": self.unit,
            "limit": limit,
            "classes": [list(one) for one in self.classes],
            "series": [
                {
                    "name": s.name,
                    "lag_hours": round(s.lag_hours, 2),
                    "points": [[round(t.timestamp() * 1000), v, flag] for t, v, flag in s.points],
                }
                for s in self.series
            ],
        }

    @property
    def payload(self) -> dict[str, Any]:
        """The same for the data endpoint, with what a reader of the JSON needs besides."""
        return {
            "station": self.station,
            "factor": self.factor,
            "start": self.period.start.isoformat(),
            "end": self.period.end.isoformat(),
            "step": self.step,
            "limit_text": self.limit.text if self.limit else None,
            **self.config,
        }

    @property
    def rows(self) -> list[dict[str, object]]:
        """The first line as a table, newest first, with whether each value is beyond the limit."""
        if not self.series:
            return []
        found = []
        for time, text, flag in reversed(self.series[0].points[-400:]):
            if text is None and not flag:
                continue  # a hole in the line is no reading
            over = self.limit is not None and text is not None and _beyond(self.limit, text)
            found.append({"time": time, "text": text, "flag": flag, "over": over})
        return found


def _beyond(limit: Limit, text: str) -> bool:
    from qingyuan.readings.numbers import number

    value = number(text)
    return value is not None and not limit.allows(value)


def factors_of(station: str) -> list[str]:
    """Return the factors a station reports, the ones that decide its class first."""
    known = set(Latest.objects.filter(station=station).values_list("factor", flat=True))
    for sent in Device.objects.filter(station=station).values_list("factors", flat=True):
        known |= set(sent)
    return sorted(
        known, key=lambda code: (_FIRST.index(code) if code in _FIRST else len(_FIRST), code)
    )


def _points(
    store: Observations,
    station: str,
    factor: str,
    period: Period,
    *,
    fine: bool,
    interval_s: int | None,
) -> list[Point]:
    if fine:
        return _readings(store, station, factor, period, interval_s=interval_s)
    return _hours(store, station, factor, period, interval_s=interval_s)


def _readings(
    store: Observations, station: str, factor: str, period: Period, *, interval_s: int | None
) -> list[Point]:
    """Return every reading, and a hole wherever one is missing; history comes by the hour."""
    table = store.series(station, factor, period)
    columns = (table.column(n).to_pylist() for n in ("time", "text", "value", "flag", "cn"))
    often = timedelta(seconds=max(3 * (interval_s or 300), 600))
    points: list[Point] = []
    before = ""
    for time, text, value, flag, cn in zip(*columns, strict=True):
        allowed = _HOURLY_GAP if _HISTORY in (cn, before) else often
        if points and time - points[-1][0] > allowed:
            points.append((points[-1][0] + timedelta(milliseconds=1), None, ""))
        points.append((time, text if value is not None else None, flag))
        before = cn
    return points


def _hours(
    store: Observations, station: str, factor: str, period: Period, *, interval_s: int | None
) -> list[Point]:
    """Return hourly means: of readings where enough of them came, else the history's own."""
    made: dict[datetime, Point] = {}
    for sources, every in ((((_HISTORY, "Avg"),), None), ((("2011", "Rtd"),), interval_s)):
        for mean in store.means(
            [station], [factor], period, step="hour", interval_s=every, sources=sources
        ):
            start = mean.period.start
            if mean.is_valid or start not in made:
                text = plain(round_gbt8170(mean.value, factor_of(factor).decimals))
                made[start] = (start, text, "" if mean.is_valid else _("不足"))
    points: list[Point] = []
    for start in sorted(made):
        if points and start - points[-1][0] > _HOURLY_GAP:
            points.append((points[-1][0] + timedelta(milliseconds=1), None, ""))
        points.append(made[start])
    return points


def chart_of(
    store: Observations,
    station: str,
    factor: str,
    *,
    at: datetime,
    hours: int,
    name: str,
    others: Sequence[tuple[str, str, float]] = (),
) -> Chart:
    """Return one factor of a station over the last *hours*, beside lagged *others*.

    Parameters
    ----------
    others : sequence of (station, name, lag in hours)
        At most four more lines; each is read as much earlier as it lags.
    """
    hours = hours if hours in HOURS else HOURS[0]
    period = Period(at - timedelta(hours=hours), at + timedelta(microseconds=1))
    intervals = dict(Device.objects.filter(active=True).values_list("station", "interval_s"))
    interval = intervals.get(station)
    fine = hours <= _FINE_HOURS and hours * 3600 / (interval or 300) <= _MOST_POINTS
    lines = [(station, name, 0.0), *others[:4]]
    series = []
    for of, label, lag in lines:
        span = Period(period.start - timedelta(hours=lag), period.end)
        points = _points(store, of, factor, span, fine=fine, interval_s=intervals.get(of))
        if points or of == station:
            series.append(Series(label, points, of, lag))
    limits = Limits()
    unit = limits.unit_of(station, factor) or factor_of(factor).unit
    return Chart(
        station=station,
        factor=factor,
        title=in_language(factor_of(factor).zh, factor_of(factor).en),
        unit=_(unit),
        period=period,
        step="reading" if fine else "hour",
        series=series,
        limit=limits(station, factor, at),
    )


def section_chart(
    store: Observations, section: Section, factor: str, *, scope: Scope, at: datetime, hours: int
) -> Chart:
    """Return a section's chart with the upstream sections one may see, lagged by travel time."""
    seen = set(registry.sections(scope).values_list("code", flat=True))
    others = [
        (upper.station, upper.name, lag)
        for upper, lag in upstream_lags(section)
        if upper.code in seen
    ]
    made = chart_of(
        store, section.station, factor, at=at, hours=hours, name=section.name, others=others
    )
    made.classes.extend(_ladder(section, factor, at=at))
    return made


def _ladder(section: Section, factor: str, *, at: datetime) -> list[tuple[str, str | None]]:
    try:
        bounds = [
            water.limit(factor, c, at=city_date(at), water_type=section.water_type) for c in CLASSES
        ]
    except Problem:
        return []
    if any(b.bound != "max" for b in bounds):  # dissolved oxygen and pH have no ladder upwards
        return []
    return [*((b.cls, plain(b.value)) for b in bounds), (WORSE, None)]


def upstream_lags(section: Section) -> list[tuple[Section, float]]:
    """Return the sections next upstream with the hours their water takes to arrive (ordinary flow)."""
    paths = registry.sections_upstream(section)
    codes = {code for _, path in paths for code, _ in path}
    reaches = list(RiverReach.objects.filter(code__in=codes).order_by("code"))
    if not reaches:
        return []
    columns = ("slope", "manning_n", "bottom_width_m", "side_slope")
    state = hydraulics(
        np.array([r.flow_m3_s for r in reaches]),
        **{name: np.array([getattr(r, name) for r in reaches]) for name in columns},
    )
    speed = {r.code: float(v) for r, v in zip(reaches, state.velocity_m_s, strict=True)}
    found = []
    for upper, path in paths:
        if all(speed[code] > 0 for code, _ in path):  # behind a closed gate nothing arrives
            found.append((upper, sum(metres / speed[code] for code, metres in path) / 3600))
    return sorted(found, key=lambda one: one[1])
