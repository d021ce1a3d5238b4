"""Boards of air (空气评价板): the last hour, a day, a month; each figure says where it is explained."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.utils.translation import pgettext_lazy

from qingyuan.core.factors import factor_by_name
from qingyuan.core.periods import city_date, hour_of
from qingyuan.core.quantities import plain, round_gbt8170
from qingyuan.readings.periods import Hours, days_of, span_of
from qingyuan.reporting import AIR_ITEMS
from qingyuan.scoring import daily_index, month_board
from qingyuan.standards import aqi
from qingyuan.standards.air_periods import period_rules_at
from qingyuan.store.observations import Observations
from qingyuan.web.accounts.scope import Scope
from qingyuan.web.assessments.selectors.hours import SERIES, hours_between
from qingyuan.web.assessments.selectors.places import stations
from qingyuan.web.monitoring.models import Latest
from qingyuan.web.registry.models import AirStation

__all__ = [
    "LEVELS",
    "Cell",
    "MonthRow",
    "Row",
    "day_rows",
    "figure_link",
    "hour_rows",
    "layer",
    "level_label",
    "level_name",
    "month_rows",
    "symbol",
    "values_at",
]

LEVELS = ("", "优", "良", "轻度", "中度", "重度", "严重")
_STALE_HOURS = 6
_EDGES = (50, 100, 150, 200, 300)


def figure_link(figure: str, /, **parameters: object) -> str:
    """Return the address of the page that explains a figure."""
    given = {k: v for k, v in parameters.items() if v not in ("", None)}
    return f"{reverse('figure', args=[figure])}?{urlencode(given)}"


def level_name(index: int | None) -> str:
    """Return the short name of an index's level; empty for none."""
    if index is None:
        return ""
    return LEVELS[1 + sum(index > edge for edge in _EDGES)]


LEVEL_LABELS = {
    "优": pgettext_lazy("air", "优"), "良": pgettext_lazy("air", "良"),
    "轻度": _lazy("轻度污染"), "中度": _lazy("中度污染"), "重度": _lazy("重度污染"), "严重": _lazy("严重污染"),
}  # fmt: skip


def level_label(level: str) -> str:
    """Return a level's name in the reader's language."""
    return str(LEVEL_LABELS.get(level, ""))


def symbol(item: str) -> str:
    """Return PM2.5 for 细颗粒物."""
    known = factor_by_name(item)
    return known.symbol if known else item


@dataclass(frozen=True, slots=True)
class Cell:
    """One concentration with its sub-index."""

    name: str
    text: str
    index: int | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """One station in one hour or day (一站一行)."""

    station: AirStation
    end: datetime | None
    index: int | None
    level: str
    primary: str
    cells: tuple[Cell, ...]
    note: str
    link: str
    flags: str = ""

    @property
    def label(self) -> str:
        """The level in the reader's language."""
        return level_label(self.level)


@dataclass(frozen=True, slots=True)
class MonthRow:
    """One station's month so far (一站一月)."""

    station: AirStation
    cells: tuple[Cell, ...]
    index: str
    good: int
    valid: int
    link: str


def values_at(hours: Hours, code: str, day: int, hour: int) -> dict[str, Decimal | None]:
    """Return the concentrations of one hour of a block."""
    row = list(hours.stations).index(code)
    found: dict[str, Decimal | None] = {}
    for name in SERIES:
        units = int(hours.values[name][row, day, hour])
        found[name] = None if units < 0 else Decimal(units).scaleb(-hours.decimals[name])
    return found


def _flags(codes: Sequence[str]) -> dict[str, str]:
    """Return the flags, other than normal, of the newest readings of each station."""
    held: dict[str, set[str]] = {}
    rows = Latest.objects.filter(
        station__in=[f"air:{c}" for c in codes], factor__in=AIR_ITEMS.values()
    )
    for one in rows.exclude(flag__in=["", "N"]):
        held.setdefault(one.station.partition(":")[2], set()).add(one.flag)
    return {code: " ".join(sorted(flags)) for code, flags in held.items()}


def _latest_hour(hours: Hours | None, code: str, *, before: datetime) -> tuple[int, int] | None:
    """Return day and hour of the newest whole hour with any value."""
    if hours is None or code not in hours.stations:
        return None
    row = list(hours.stations).index(code)
    for back in range(_STALE_HOURS):
        end = before - timedelta(hours=back)
        day, hour = hours.place(end)
        if day < 0:
            return None
        if any(int(hours.values[name][row, day, hour]) >= 0 for name in SERIES):
            return day, hour
    return None


def _judged(
    station: AirStation, values: Mapping[str, Decimal | None], *, period: str, at: date
) -> tuple[aqi.AirQuality, tuple[Cell, ...]]:
    rules = aqi.rule_set_at(at)
    found = aqi.evaluate(values, period=period, rules=rules)
    cells = []
    for name in SERIES:
        value, index = values.get(name), found.sub_indices.get(name)
        ladder = rules.ladders[period][name]
        text = "" if value is None else plain(round_gbt8170(value, ladder.places))
        cells.append(Cell(AIR_ITEMS_SHOWN[name], text, index))
    return found, tuple(cells)


def hour_rows(store: Observations, scope: Scope, *, at: datetime) -> list[Row]:
    """Return every station's newest whole hour, judged by the rule set of its date."""
    seen = stations(scope)
    whole = hour_of(at).start  # the end of the newest hour that is over
    today = city_date(at)
    hours = hours_between(store, [s.code for s in seen], today - timedelta(days=1), today)
    flags = _flags([s.code for s in seen])
    found = []
    for station in seen:
        place = _latest_hour(hours, station.code, before=whole)
        if hours is None or place is None:
            note = _("近 %(hours)s 小时没有数据") % {"hours": _STALE_HOURS}
            empty = tuple(Cell(AIR_ITEMS_SHOWN[name], "") for name in SERIES)
            found.append(Row(station, None, None, "", "", empty, note, ""))
            continue
        end = hours.label(*place)
        day = hours.first_day + timedelta(days=place[0])
        judged, cells = _judged(
            station, values_at(hours, station.code, *place), period="hour", at=day
        )
        found.append(
            Row(
                station, end, judged.aqi if judged.is_published else None,
                level_name(judged.aqi) if judged.is_published else "",
                "、".join(symbol(p) for p in judged.primary), cells, _note(judged),
                figure_link("air-hour", station=station.code, end=end.isoformat()),
                flags.get(station.code, ""),
            )
        )  # fmt: skip
    return found


def _note(judged: aqi.AirQuality) -> str:
    if judged.is_published:
        return ""
    names = "、".join(AIR_ITEMS_SHOWN.get(name, name) for name in judged.missing)
    return _("缺 %(items)s，不发布") % {"items": names}


AIR_ITEMS_SHOWN = {
    "pm25": "PM2.5", "pm10": "PM10", "so2": "SO2", "no2": "NO2", "co": "CO", "o3": "O3",
}  # fmt: skip


def day_rows(store: Observations, scope: Scope, *, day: date) -> list[Row]:
    """Return every station's day, judged by the rule set of the date."""
    seen = stations(scope)
    rules = period_rules_at(day)
    hours = hours_between(store, [s.code for s in seen], day, day)
    days = days_of(hours, rules=rules) if hours is not None else None
    found = []
    for station in seen:
        values: dict[str, Decimal | None] = dict.fromkeys(SERIES)
        count = 0
        if days is not None and station.code in days.stations:
            row = list(days.stations).index(station.code)
            for name in SERIES:
                exact = days.values[name].fraction((row, 0))
                if exact is not None:
                    values[name] = Decimal(exact.numerator) / Decimal(exact.denominator)
            count = max(int(days.counts[name][row, 0]) for name in SERIES if name != "o3")
        judged, cells = _judged(station, values, period="day", at=day)
        note = _("有效小时 %(n)s") % {"n": count}
        if not judged.is_published:
            note = f"{note}；{_note(judged)}" if count else _("当日没有数据")
        found.append(
            Row(
                station, None, judged.aqi if judged.is_published else None,
                level_name(judged.aqi) if judged.is_published else "",
                "、".join(symbol(p) for p in judged.primary), cells, note,
                figure_link("air-day", kind="station", code=station.code, day=day) if count else "",
            )
        )  # fmt: skip
    return found


def month_rows(store: Observations, scope: Scope, *, first: date, last: date) -> list[MonthRow]:
    """Return every station's means, percentiles and composite index from *first* to *last*."""
    seen = stations(scope)
    rules = period_rules_at(first)
    hours = hours_between(store, [s.code for s in seen], first, last)
    if hours is None:
        return []
    days = days_of(hours, rules=rules)
    board = month_board(days, span_of(first, last + timedelta(days=1)), rules=rules)
    units = board.figures.index_figures(rules)
    index = daily_index(days)
    found = []
    for station in seen:
        if station.code not in days.stations:
            continue
        row = list(days.stations).index(station.code)
        cells = tuple(
            Cell(
                AIR_ITEMS_SHOWN[name],
                _decimal(int(units[name][row]), rules.statistics[name].places),
            )
            for name in SERIES
        )
        published = index.is_published[row]
        good = int((published & (index.aqi[row] <= rules.good_aqi)).sum())
        link = figure_link("air-period", kind="station", code=station.code, first=first, last=last)
        total = _decimal(int(board.index[row]), 2)
        found.append(MonthRow(station, cells, total, good, int(published.sum()), link))
    return sorted(found, key=lambda one: (not one.index, Decimal(one.index or 0)))


def _decimal(units: int, places: int) -> str:
    return "" if units < 0 else str(Decimal(units).scaleb(-places))


def layer(rows: Sequence[Row]) -> dict[str, object]:
    """Return the stations as GeoJSON with the index of their newest hour."""
    return {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "geometry": {
                    "type": "Point", "coordinates": [row.station.lon, row.station.lat],
                },
                "properties": {
                    "kind": "air", "code": row.station.code, "name": row.station.name,
                    "aqi": row.index, "aqi_level": row.level,
                },
            }
            for row in rows
        ],
    }  # fmt: skip
