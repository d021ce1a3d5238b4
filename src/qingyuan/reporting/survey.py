"""Reports of mobile road surveys (走航日报、周报、月报、年报, requirements R131, R164).

The frame of the four reports: who finds hot spots and classes roads gives the rows; this says them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from types import MappingProxyType

from qingyuan.reporting.daily import footnotes
from qingyuan.reporting.document import (
    Cell,
    Chart,
    Document,
    Link,
    Section,
    Series,
    Table,
    rows_link,
)
from qingyuan.reporting.wording import Words

__all__ = [
    "ROAD_CLASSES",
    "DistrictStanding",
    "HotSpot",
    "RoadClasses",
    "RoadFigure",
    "SurveyFacts",
    "survey_report",
]

ROAD_CLASSES = ("red", "orange", "yellow", "green")
ITEMS = ("pm10", "pm25")
WORST = 20  # as the heading says


@dataclass(frozen=True, slots=True)
class HotSpot:
    """One dust hot spot: the road between two places, passes and vehicles, mean over background."""

    ref: str
    road: str
    district: str
    passes: int
    vehicles: int
    mean: Decimal | None
    background: Decimal | None
    slip: str = ""  # number of the 督办单 that was issued on it


@dataclass(frozen=True, slots=True)
class RoadClasses:
    """How many road segments of a district stand in each class of *item*, now and the time before.

    ``before`` is None where the district had no segment with data enough then.
    """

    district: str
    item: str
    counts: Mapping[str, int]
    before: Mapping[str, int] | None = None


@dataclass(frozen=True, slots=True)
class RoadFigure:
    """One road segment of the time: its mean in µg/m³, class, and the mean of the time before.

    ``named`` is whose inspection named it (``city``, ``above``; empty: none), ``reason`` their words.
    """

    road: str
    district: str
    pm10: Decimal
    road_class: str
    passes: int
    before: Decimal | None = None
    named: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class DistrictStanding:
    """A district's place among the ranked: by score, by state (mean), by improvement in per cent."""

    district: str
    score: Decimal
    rank: int
    mean: Decimal
    state_rank: int
    improvement: Decimal | None = None
    improvement_rank: int | None = None


@dataclass(frozen=True, slots=True)
class SurveyFacts:
    """What a survey report is written from; `when` is ``day``, ``week``, ``month`` or ``year``."""

    city: str
    issuer: str
    when: str
    first: date
    last: date
    data_until: datetime
    vehicles: int
    kilometres: Decimal | None
    records: int
    spots: Sequence[HotSpot] = ()
    classes: Sequence[RoadClasses] = ()
    roads: Sequence[RoadFigure] = ()  # every classed segment, the dirtiest first
    standings: Sequence[DistrictStanding] = ()  # by rank; of a month alone
    rule_sets: Sequence[str] = ()
    rule_sets_en: Sequence[str] = ()
    city_en: str = ""
    issuer_en: str = ""


def survey_report(facts: SurveyFacts, *, number: str, language: str = "zh") -> Document:
    """Write a report of road surveys (走航报告)."""
    words = Words(language)
    return Document(
        title=words(f"survey.title_{facts.when}", city=words.name(facts.city, facts.city_en)),
        number=number,
        issuer=words.name(facts.issuer, facts.issuer_en),
        dated=words.span(facts.first, facts.last),
        sections=tuple(
            say(index, facts, words) for index, say in enumerate(_sections(facts), start=1)
        ),
        footnotes=footnotes(
            facts.data_until, facts.rule_sets_en if language == "en" else facts.rule_sets, words
        ),
        totals=MappingProxyType(
            {"spots": len(facts.spots), "slips": sum(bool(s.slip) for s in facts.spots)}
        ),
        language=language,
    )


_Say = Callable[[int, SurveyFacts, Words], Section]


def _sections(facts: SurveyFacts) -> list[_Say]:
    """Return what the report has to say: standings are of months alone."""
    standings: list[_Say] = [_standings] if facts.when == "month" else []
    return [_driven, _spots, _classes, *standings, _red, _worst]


def _driven(index: int, facts: SurveyFacts, words: Words) -> Section:
    heading = words.heading(index, "survey.driven")
    if not facts.records:
        return Section(heading, (words.sentence("survey.nothing"),))
    said = words.sentence(
        "survey.said",
        vehicles=str(facts.vehicles),
        km=words("word.not_reported") if facts.kilometres is None else f"{facts.kilometres:f} km",
        records=f"{facts.records:,}",
    )
    return Section(heading, (said,))


def _spots(index: int, facts: SurveyFacts, words: Words) -> Section:
    spots = facts.spots
    said = words.sentence(
        "survey.spots_said",
        all=words.count(len(spots), "place", rows_link("spots")),
        slips=words.count(sum(bool(s.slip) for s in spots), "place", rows_link("spots", "slip")),
    )
    table = Table(
        words.head("road", "district", "passes", "vehicles", "pm10", "background", "slip"),
        tuple(
            (
                Cell(s.road, Link.to("spot", ref=s.ref)),
                words.cell(s.district),
                Cell(str(s.passes), number=True),
                Cell(str(s.vehicles), number=True),
                _figure(s.mean, words),
                _figure(s.background, words),
                Cell(s.slip or words("survey.no_slip")),
            )
            for s in spots
        ),
        empty=words("survey.no_spots"),
        name="spots",
        tags=tuple(("slip",) if s.slip else () for s in spots),
    )
    return Section(words.heading(index, "survey.spots"), (said,), (table,))


def _figure(value: Decimal | int | None, words: Words, none: str = "word.no_data") -> Cell:
    return Cell(words(none) if value is None else format(value, "f" if isinstance(value, Decimal) else ""), number=True)  # fmt: skip


def _classes(index: int, facts: SurveyFacts, words: Words) -> Section:
    heading = words.heading(index, "survey.roads")
    if not facts.classes:
        return Section(heading, (words.sentence("survey.no_roads"),))
    names = [words(f"road.{c}") for c in ROAD_CLASSES]
    of = {item: [r for r in facts.classes if r.item == item] for item in ITEMS}
    tables = tuple(
        Table(
            (*words.head("district"), *names),
            tuple((Cell(r.district), *(_against(r, c, words) for c in ROAD_CLASSES)) for r in rows),
            caption=words(f"survey.classes_{item}"),
            name=f"classes_{item}",
        )
        for item, rows in of.items()
        if rows
    )
    chart = Chart(
        kind="bar",
        title=words("survey.chart"),
        labels=tuple(r.district for r in of["pm10"]),
        series=tuple(
            Series(name, tuple(str(r.counts.get(c, 0)) for r in of["pm10"]))
            for c, name in zip(ROAD_CLASSES[:2], names, strict=False)
        ),
        unit=words("survey.segments"),
        source=words("survey.source"),
    )
    said = words.sentence(f"survey.classed_{'month' if facts.when == 'month' else 'span'}")
    return Section(heading, (said,), tables, (chart,) if of["pm10"] else ())


def _against(row: RoadClasses, name: str, words: Words) -> Cell:
    """Return a count, with the count of the time before beside it."""
    now = row.counts.get(name, 0)
    if row.before is None:
        return Cell(str(now), number=True)
    return Cell(words("survey.against", now=now, then=row.before.get(name, 0)), number=True)


def _standings(index: int, facts: SurveyFacts, words: Words) -> Section:
    """Say the three rankings (综合、现状、改善三个排名)."""
    table = Table(
        words.head("rank", "district", "score", "mean_pm10", "state_rank", "improvement", "improvement_rank"),
        tuple(
            (
                Cell(str(s.rank), number=True),
                Cell(s.district),
                _figure(s.score, words),
                _figure(s.mean, words),
                _figure(s.state_rank, words),
                _figure(s.improvement, words, "change.unknown"),
                _figure(s.improvement_rank, words, "air.unranked"),
            )
            for s in facts.standings
        ),
        empty=words("survey.no_standings"),
        name="standings",
    )  # fmt: skip
    return Section(words.heading(index, "survey.standings"), (), (table,))


def _red(index: int, facts: SurveyFacts, words: Words) -> Section:
    red = [r for r in facts.roads if r.road_class == "red"]
    said = words.sentence(
        "survey.red_said",
        all=words.count(len(red), "segment", rows_link("red")),
        named=words.count(sum(bool(r.named) for r in red), "segment", rows_link("red", "named")),
    )
    table = Table(
        words.head("road", "district", "pm10", "before", "passes", "named"),
        tuple((*_road(r, words), Cell(_why(r, words))) for r in red),
        empty=words("survey.no_red"),
        name="red",
        tags=tuple(("named",) if r.named else () for r in red),
    )
    return Section(words.heading(index, "survey.red"), (said,), (table,))


def _why(row: RoadFigure, words: Words) -> str:
    if not row.named:
        return words("survey.measured")
    return words("survey.named", who=words(f"survey.named_{row.named}"), reason=row.reason)


def _worst(index: int, facts: SurveyFacts, words: Words) -> Section:
    worst = facts.roads[:WORST]
    table = Table(
        (
            *words.head("order", "road", "district", "pm10", "before", "passes"),
            words("survey.class"),
        ),
        tuple(
            (Cell(str(n), number=True), *_road(r, words), Cell(words(f"road.{r.road_class}")))
            for n, r in enumerate(worst, start=1)
        ),
        empty=words("survey.no_roads"),
        name="worst",
    )
    return Section(words.heading(index, "survey.worst"), (), (table,))


def _road(row: RoadFigure, words: Words) -> tuple[Cell, ...]:
    return (
        Cell(row.road),
        words.cell(row.district),
        _figure(row.pm10, words),
        _figure(row.before, words, "change.unknown"),
        _figure(row.passes, words),
    )
