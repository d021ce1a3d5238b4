"""Reports of mobile road surveys (走航日报、周报、月报、年报, requirements R131, R164).

The frame of the four reports: who finds hot spots and classes roads gives the rows; this says them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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

__all__ = ["ROAD_CLASSES", "HotSpot", "RoadClasses", "SurveyFacts", "survey_report"]

ROAD_CLASSES = ("red", "orange", "yellow", "green")


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
    """How many road segments of a district stand in each class; `ranked` False where its taxis stood."""

    district: str
    counts: Mapping[str, int]
    rank: int | None = None


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
    roads: Sequence[RoadClasses] = ()
    rule_sets: Sequence[str] = ()
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
        sections=(_driven(facts, words), _spots(facts.spots, words), _roads(facts, words)),
        footnotes=footnotes(facts.data_until, facts.rule_sets, words),
        totals=MappingProxyType(
            {"spots": len(facts.spots), "slips": sum(bool(s.slip) for s in facts.spots)}
        ),
        language=language,
    )


def _driven(facts: SurveyFacts, words: Words) -> Section:
    heading = words.heading(1, "survey.driven")
    if not facts.records:
        return Section(heading, (words.sentence("survey.nothing"),))
    said = words.sentence(
        "survey.said",
        vehicles=str(facts.vehicles),
        km=words("word.not_reported") if facts.kilometres is None else f"{facts.kilometres:f} km",
        records=f"{facts.records:,}",
    )
    return Section(heading, (said,))


def _spots(spots: Sequence[HotSpot], words: Words) -> Section:
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
                Cell(_shown(s.mean, words), number=True),
                Cell(_shown(s.background, words), number=True),
                Cell(s.slip or words("survey.no_slip")),
            )
            for s in spots
        ),
        empty=words("survey.no_spots"),
        name="spots",
        tags=tuple(("slip",) if s.slip else () for s in spots),
    )
    return Section(words.heading(2, "survey.spots"), (said,), (table,))


def _shown(value: Decimal | None, words: Words) -> str:
    return words("word.no_data") if value is None else f"{value:f}"


def _roads(facts: SurveyFacts, words: Words) -> Section:
    heading = words.heading(3, "survey.roads")
    if not facts.roads:
        return Section(heading, (words.sentence("survey.no_roads"),))
    names = [words(f"road.{c}") for c in ROAD_CLASSES]
    table = Table(
        (*words.head("rank", "district"), *names),
        tuple(
            (
                Cell(str(r.rank) if r.rank else words("air.unranked"), number=True),
                Cell(r.district),
                *(Cell(str(r.counts.get(c, 0)), number=True) for c in ROAD_CLASSES),
            )
            for r in facts.roads
        ),
        name="roads",
    )
    chart = Chart(
        kind="bar",
        title=words("survey.chart"),
        labels=tuple(r.district for r in facts.roads),
        series=tuple(
            Series(name, tuple(str(r.counts.get(c, 0)) for r in facts.roads))
            for c, name in zip(ROAD_CLASSES[:2], names, strict=False)
        ),
        unit=words("survey.segments"),
        source=words("survey.source"),
    )
    return Section(heading, (), (table,), (chart,))
