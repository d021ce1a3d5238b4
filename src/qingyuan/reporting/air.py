"""Air in a bulletin (大气环境): six figures, index, good days, ranks and changes on last year."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from types import MappingProxyType

from qingyuan.core.factors import factor
from qingyuan.reporting.change import percent, points_text, relative_text, share
from qingyuan.reporting.document import (
    Cell,
    Chart,
    Link,
    Paragraph,
    Section,
    Series,
    Table,
    Text,
    rows_link,
)
from qingyuan.reporting.wording import Words

__all__ = [
    "AIR_ITEMS",
    "LEVELS",
    "LONGEST_TABLE",
    "AirDayIndex",
    "AirFigures",
    "AirPeriod",
    "AirPlace",
    "air_section",
    "change_table",
    "day_table",
    "ranking_chart",
    "standing_table",
]

AIR_ITEMS: Mapping[str, str] = MappingProxyType({
    "pm25": "a34004", "pm10": "a34002", "so2": "a21026", "no2": "a21004", "co": "a21005",
    "o3": "a05024",
})  # fmt: skip
LEVELS = ("优", "良", "轻度", "中度", "重度", "严重")
LONGEST_TABLE = 31
_NONE: Mapping[str, Decimal | None] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class AirFigures:
    """What a period says of one place, rounded as it is published (GB/T 8170).

    `values`: means of SO2, NO2, PM10, PM2.5; 95th percentile of CO; 90th of the daily largest 8-h
    mean of O3. `index` is the composite index; None when a figure is missing.
    """

    values: Mapping[str, Decimal | None] = field(default_factory=lambda: _NONE)
    index: Decimal | None = None
    days: int = 0
    valid_days: int = 0
    good_days: int = 0

    @property
    def good_share(self) -> Decimal | None:
        """The share of good days among valid ones (优良率), per cent."""
        return share(self.good_days, self.valid_days)


@dataclass(frozen=True, slots=True)
class AirPlace:
    """A city, district or station with its standing; `year_ago` under the same rules, or None."""

    code: str
    name: str
    name_en: str = ""
    now: AirFigures = field(default_factory=AirFigures)
    year_ago: AirFigures | None = None
    rank: int | None = None


@dataclass(frozen=True, slots=True)
class AirDayIndex:
    """One day of the city: index, level and its official colour; None without an index."""

    day: date
    aqi: int | None
    level: str = ""
    primary: str = ""
    pm25: Decimal | None = None
    o3: Decimal | None = None


@dataclass(frozen=True, slots=True)
class AirPeriod:
    """The air of a period: the city, its districts, its days."""

    city: AirPlace
    districts: Sequence[AirPlace] = ()
    days: Sequence[AirDayIndex] = ()
    rules: Sequence[str] = ()
    pm25_limit: Decimal | None = None
    pm25_limit_name: str = ""


def air_section(air: AirPeriod, words: Words, *, index: int, when: str, chart: str) -> Section:
    """Return the part about air: `chart` is ``line`` (a week) or ``calendar`` (longer).

    The table of days is printed up to a month; a longer one is for the ledgers (`day_table`).
    """
    tables: tuple[Table, ...] = (standing_table(air, words),)
    if len(air.days) <= LONGEST_TABLE:
        tables = (*tables, day_table(air, words))
    said = words(f"when.{when}")
    heading = words.heading(index, "air.heading")
    if all(v is None for v in air.city.now.values.values()):
        return Section(
            heading,
            (words.sentence("air.nothing", when=said),),
            (standing_table(air, words),),
        )
    charts = [_days_chart(air, words) if chart == "line" else _calendar(air, words)]
    if len(air.districts) > 1:
        charts.append(ranking_chart(air, words))
    return Section(
        heading,
        (*_summary(air, words, said), *_standing(air, words)),
        tables,
        tuple(charts),
    )


def _summary(air: AirPeriod, words: Words, when: str) -> list[Paragraph]:
    now = air.city.now
    values = words.listed(
        Text(_figure(name, now.values.get(name)), rows_link("air_days"), strong=True)
        for name in AIR_ITEMS
        if now.values.get(name) is not None
    )
    said = [
        words.sentence("air.values", when=when, values=values),
        words.sentence(
            "air.good",
            good=words.count(now.good_days, "day", rows_link("air_days", "good")),
            valid=words.count(now.valid_days, "day", rows_link("air_days", "valid")),
            share=percent(now.good_share, words),
            missing=words.count(now.days - now.valid_days, "day", rows_link("air_days", "missing")),
        ),
    ]
    missing = [factor(c).symbol for n, c in AIR_ITEMS.items() if now.values.get(n) is None]
    if missing:
        said.append(words.sentence("air.missing", items=words.joined(missing)))
    if now.index is not None:
        said.append(words.sentence("air.index", index=f"{now.index:f}"))
    said.append(_year_on_year(air, words))
    return said


def _figure(name: str, value: Decimal | None) -> str:
    known = factor(AIR_ITEMS[name])
    return "" if value is None else f"{known.symbol} {value:f} {known.unit}"


def _year_on_year(air: AirPeriod, words: Words) -> Paragraph:
    now, then = air.city.now, air.city.year_ago
    if then is None or not then.valid_days:
        return words.sentence("air.no_year_ago")
    changes = words.listed(
        f"{factor(AIR_ITEMS[name]).symbol} {relative_text(now.values.get(name), then.values.get(name), words)}"
        for name in AIR_ITEMS
    )
    return words.sentence(
        "air.year_on_year",
        changes=changes,
        good=points_text(now.good_share, then.good_share, words),
    )


def _standing(air: AirPeriod, words: Words) -> list[Paragraph]:
    ranked = _ranked(air)
    if len(ranked) < 2:
        return []
    last = max(d.rank or 0 for d in ranked)
    ends = {tag: [d for d in ranked if d.rank == n] for tag, n in (("first", 1), ("last", last))}
    if last == 1:
        return []  # all side by side: nobody stands first or last
    return [
        words.sentence(
            "air.standing",
            best=_names(ends["first"], "first", words),
            best_index=_plain(ends["first"][0].now.index, words),
            worst=_names(ends["last"], "last", words),
            worst_index=_plain(ends["last"][0].now.index, words),
        )
    ]


def _names(places: Sequence[AirPlace], tag: str, words: Words) -> Text:
    said = words.joined(words.name(d.name, d.name_en) for d in places)
    return Text(said, rows_link("air", tag), strong=True)


def _ranked(air: AirPeriod) -> list[AirPlace]:
    return sorted(
        (d for d in air.districts if d.rank is not None), key=lambda d: (d.rank or 0, d.code)
    )


def standing_table(air: AirPeriod, words: Words) -> Table:
    """Return districts from best to worst with their six figures; unranked ones last, with why."""
    ranked = _ranked(air)
    unranked = [d for d in air.districts if d.rank is None]
    last = max((d.rank or 0 for d in ranked), default=0)
    rows, tags = [], []
    for place in [*ranked, *unranked]:
        now = place.now
        rows.append((
            Cell(str(place.rank) if place.rank else words("air.unranked"), number=True),
            Cell(words.name(place.name, place.name_en), Link.to("district_air", code=place.code)),
            Cell(_plain(now.index, words), number=True),
            *(Cell(_plain(now.values.get(n), words), number=True) for n in AIR_ITEMS),
            Cell(percent(now.good_share, words), number=True),
        ))  # fmt: skip
        tags.append(
            tuple(
                tag
                for tag, holds in (("first", place.rank == 1), ("last", place.rank == last))
                if holds and place.rank
            )
        )
    units = tuple(f"{factor(c).symbol}（{factor(c).unit}）" for c in AIR_ITEMS.values())
    return Table(
        (*words.head("rank", "district", "index"), *units, *words.head("good_share")),
        tuple(rows),
        caption=words("air.table"),
        empty=words("air.no_districts"),
        name="air",
        tags=tuple(tags),
    )


def change_table(air: AirPeriod, words: Words) -> Table:
    """Return each district against the same period last year: concentrations relative, rates in points."""
    rows = []
    for place in [*_ranked(air), *(d for d in air.districts if d.rank is None)]:
        now, then = place.now, place.year_ago or AirFigures()
        rows.append((
            Cell(words.name(place.name, place.name_en)),
            *(
                Cell(relative_text(a, b, words), number=True)
                for a, b in (
                    (now.index, then.index),
                    (now.values.get("pm25"), then.values.get("pm25")),
                    (now.values.get("pm10"), then.values.get("pm10")),
                )
            ),
            Cell(points_text(now.good_share, then.good_share, words), number=True),
        ))  # fmt: skip
    return Table(
        words.head("district", "index_change", "pm25_change", "pm10_change", "good_change"),
        tuple(rows),
        caption=words("air.changes"),
        empty=words("air.no_districts"),
        name="changes",
    )


def day_table(air: AirPeriod, words: Words) -> Table:
    """Return the city's days."""
    pm25, o3 = factor(AIR_ITEMS["pm25"]), factor(AIR_ITEMS["o3"])
    return Table(
        (
            *words.head("day", "aqi", "level", "primary"),
            f"{pm25.symbol}（{pm25.unit}）",
            f"{o3.symbol} MDA8（{o3.unit}）",
        ),
        tuple(
            (
                Cell(d.day.isoformat()),
                Cell("NA" if d.aqi is None else str(d.aqi), number=True),
                Cell(words(f"level.{d.level}") if d.level else words("word.no_data"), mark=d.level),
                Cell(d.primary or "—"),
                Cell(_plain(d.pm25, words), number=True),
                Cell(_plain(d.o3, words), number=True),
            )
            for d in air.days
        ),
        caption=words("air.days"),
        empty=words("air.no_days"),
        name="air_days",
        tags=tuple(
            ("missing",) if d.aqi is None else ("valid", "good") if d.aqi <= 100 else ("valid",)
            for d in air.days
        ),
    )


def _days_chart(air: AirPeriod, words: Words) -> Chart:
    pm25 = factor(AIR_ITEMS["pm25"])
    o3 = factor(AIR_ITEMS["o3"])
    return Chart(
        kind="line",
        title=words("air.chart_days"),
        labels=tuple(f"{d.day.month}-{d.day.day}" for d in air.days),
        series=(
            Series(pm25.symbol, tuple(_text(d.pm25) for d in air.days)),
            Series(f"{o3.symbol} MDA8", tuple(_text(d.o3) for d in air.days)),
        ),
        unit=pm25.unit,
        limit=_text(air.pm25_limit) or "",
        limit_name=words("air.limit", document=air.pm25_limit_name),
        source=words("air.source", rules=words.joined(air.rules)),
    )


def _calendar(air: AirPeriod, words: Words) -> Chart:
    return Chart(
        kind="calendar",
        title=words("air.chart_calendar"),
        labels=tuple(d.day.isoformat() for d in air.days),
        series=(
            Series(
                "AQI",
                tuple(None if d.aqi is None else str(d.aqi) for d in air.days),
                tuple(d.level for d in air.days),
            ),
        ),
        key=tuple((name, words(f"level.{name}")) for name in LEVELS),
        weekdays=tuple(words("air.weekdays").split()),
        source=words("air.source", rules=words.joined(air.rules)),
    )


def ranking_chart(air: AirPeriod, words: Words) -> Chart:
    """Return the districts' composite indices as bars, best first."""
    ranked = _ranked(air)
    return Chart(
        kind="ranking",
        title=words("air.chart_ranking"),
        labels=tuple(f"{d.rank} {words.name(d.name, d.name_en)}" for d in ranked),
        series=(Series(words("head.index"), tuple(_text(d.now.index) for d in ranked)),),
        source=words("air.source", rules=words.joined(air.rules)),
    )


def _text(value: Decimal | None) -> str | None:
    return None if value is None else f"{value:f}"


def _plain(value: Decimal | None, words: Words) -> str:
    return words("word.no_data") if value is None else f"{value:f}"
