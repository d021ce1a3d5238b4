"""What lies behind a reading: the hours before it, the sections above it, the class of a period."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal

from qingyuan.core.factors import factor as factor_of
from qingyuan.core.periods import Period, day_of
from qingyuan.readings.decline import PeriodClass
from qingyuan.readings.upstream import Upstream
from qingyuan.standards import water
from qingyuan.store.observations import Observations
from qingyuan.web.monitoring.selectors.charts import upstream_lags
from qingyuan.web.registry import selectors as registry
from qingyuan.web.registry.models import Section

__all__ = ["Past", "month_classes", "month_of", "sections_above"]

_HISTORY = timedelta(days=30)
_LEAST_HOURS = 4  # of a day: an instrument that measures every four hours gives six
_LEAST_DAYS = 5  # a month of fewer such days is not held against another

Hours = Mapping[datetime, Decimal]


class Past:
    """One value for each past hour of every section (历史小时值), read once when first asked.

    Outfalls have none here: a treatment plant's step is judged by what the watch heard itself.
    """

    def __init__(self, observations: Observations) -> None:
        self._observations = observations
        self._held: dict[tuple[str, str], dict[datetime, Decimal]] | None = None

    def __call__(self, station: str, factor: str, before: datetime) -> Hours:
        """Return hour → mean of a series before an instant."""
        if not station.startswith("section:"):
            return {}
        if self._held is None:
            self._held = self._read(before)
        hours = self._held.pop((station, factor), {})  # each series asks once
        return {hour: value for hour, value in hours.items() if hour < before}

    def _read(self, before: datetime) -> dict[tuple[str, str], dict[datetime, Decimal]]:
        stations = [f"section:{c}" for c in Section.objects.values_list("code", flat=True)]
        held: dict[tuple[str, str], dict[datetime, Decimal]] = defaultdict(dict)
        if stations:
            span = Period(before - _HISTORY, before)
            for mean in self._observations.means(stations, None, span, step="hour"):
                held[mean.station, mean.factor][mean.period.start] = mean.value
        return held


def sections_above() -> dict[str, Sequence[Upstream]]:
    """Return station → the sections next above it with travel times; None behind a closed gate."""
    found: dict[str, Sequence[Upstream]] = {}
    for section in Section.objects.order_by("code"):
        lags = {upper.code: hours for upper, hours in upstream_lags(section)}
        above = [upper.code for upper, _path in registry.sections_upstream(section)]
        found[section.station] = [Upstream(f"section:{c}", lags.get(c)) for c in above]
    return found


def month_of(day: date, *, back: int = 0, years: int = 0) -> tuple[date, date]:
    """Return first and last-exclusive day of the month of *day*, some months or years before."""
    months = (day.year - years) * 12 + day.month - 1 - back
    first = date(months // 12, months % 12 + 1, 1)
    after = months + 1
    return first, date(after // 12, after % 12 + 1, 1)


def month_classes(
    observations: Observations, sections: Sequence[Section], *, first: date, end: date
) -> dict[str, PeriodClass]:
    """Return station → class over days ``[first, end)`` from the mean of its days' means.

    A day counts with four hours, a section with five such days. 环办〔2011〕22号：按均值评价（日均值的算术平均）；
    the least hours and days are ours.
    """
    span = Period(day_of(first).start, day_of(end).start)
    stations = [section.station for section in sections]
    days: dict[str, dict[str, list[Decimal]]] = defaultdict(lambda: defaultdict(list))
    if stations and first < end:
        for mean in observations.means(stations, None, span, step="day"):
            if mean.count >= _LEAST_HOURS:
                days[mean.station][mean.factor].append(mean.value)
    found: dict[str, PeriodClass] = {}
    for section in sections:
        values = {
            code: sum(held, Decimal(0)) / len(held)
            for code, held in days[section.station].items()
            if len(held) >= _LEAST_DAYS
        }
        target = section.target_on(first) or "Ⅲ"
        made = water.evaluate(values, at=first, water_type=section.water_type, target=target)
        if made.cls is not None:
            found[section.station] = PeriodClass(
                station=section.station,
                start=span.start,
                end=span.end,
                cls=made.cls,
                per_item=dict(made.per_item),
                values={factor_of(code).zh: value for code, value in values.items()},
                target=target,
                water_type=section.water_type,
            )
    return found
