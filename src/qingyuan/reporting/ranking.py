"""The district ranking (排名通报, requirements R160, R170): standing, change, who must speak.

Standing is by the composite index, improvement by its relative change against the same period of
last year under the same rules; they are two lists. Those at the end of the first list make a
statement at the meeting (表态发言); how many is the caller's to say.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from types import MappingProxyType

from qingyuan.reporting.air import (
    AirPeriod,
    AirPlace,
    change_table,
    ranking_chart,
    standing_table,
)
from qingyuan.reporting.change import relative_text
from qingyuan.reporting.daily import footnotes
from qingyuan.reporting.document import Cell, Document, Section, Table, Text, rows_link
from qingyuan.reporting.wording import Words
from qingyuan.scoring.ranking import rank, rate_of_change

__all__ = ["RankingFacts", "improvement", "ranking_bulletin", "speakers"]


@dataclass(frozen=True, slots=True)
class RankingFacts:
    """What a ranking is written from; `speak` is how many of the last make a statement."""

    city: str
    issuer: str
    first: date
    last: date
    data_until: datetime
    air: AirPeriod
    speak: int = 1
    city_en: str = ""
    issuer_en: str = ""


def speakers(air: AirPeriod, *, last: int) -> list[AirPlace]:
    """Return the districts at the end of the ranking; all of equal rank, if the cut falls among them."""
    ranked = sorted(
        (d for d in air.districts if d.rank is not None), key=lambda d: (-(d.rank or 0), d.code)
    )
    if last <= 0 or not ranked:
        return []
    bound = ranked[min(last, len(ranked)) - 1].rank or 0
    return [d for d in ranked if (d.rank or 0) >= bound]


def improvement(air: AirPeriod) -> list[tuple[int, AirPlace, Fraction]]:
    """Return (rank, district, relative change of the index), the most improved first."""
    changed = [
        (d, change)
        for d in air.districts
        if d.year_ago and (change := rate_of_change(d.now.index, d.year_ago.index)) is not None
    ]
    ranks = rank([change for _, change in changed])
    placed = [(r or 0, d, change) for r, (d, change) in zip(ranks, changed, strict=True)]
    return sorted(placed, key=lambda row: (row[0], row[1].code))


def ranking_bulletin(facts: RankingFacts, *, number: str, language: str = "zh") -> Document:
    """Write the ranking of districts (排名通报)."""
    words, air = Words(language), facts.air
    speak = speakers(air, last=facts.speak)
    sections = [_standing(facts, words), _changes(air, words)]
    if speak:
        names = words.joined(words.name(d.name, d.name_en) for d in speak)
        said = words.sentence(
            "ranking.speak", names=Text(names, rows_link("speakers"), strong=True)
        )
        sections.append(
            Section(words.heading(3, "ranking.speak_heading"), (said,), (_speakers(speak, words),))
        )
    ranked = sum(d.rank is not None for d in air.districts)
    return Document(
        title=words("ranking.title", city=words.name(facts.city, facts.city_en)),
        number=number,
        issuer=words.name(facts.issuer, facts.issuer_en),
        dated=words.span(facts.first, facts.last),
        sections=tuple(sections),
        footnotes=(*footnotes(facts.data_until, air.rules, words), words("note.change")),
        totals=MappingProxyType({"districts": len(air.districts), "districts_ranked": ranked}),
        language=language,
    )


def _standing(facts: RankingFacts, words: Words) -> Section:
    air = facts.air
    ranked = sum(d.rank is not None for d in air.districts)
    said = [
        words.sentence(
            "ranking.said",
            span=words.span(facts.first, facts.last),
            all=words.count(len(air.districts), "district", rows_link("air")),
            ranked=str(ranked),
        )
    ]
    if ranked < len(air.districts):
        missing = words.joined(
            words.name(d.name, d.name_en) for d in air.districts if d.rank is None
        )
        said.append(words.sentence("ranking.unranked", names=missing))
    return Section(
        words.heading(1, "ranking.standing"),
        tuple(said),
        (standing_table(air, words),),
        (ranking_chart(air, words),) if ranked > 1 else (),
    )


def _changes(air: AirPeriod, words: Words) -> Section:
    placed = improvement(air)
    if not placed:
        return Section(
            words.heading(2, "ranking.improvement"),
            (words.sentence("air.no_year_ago"),),
            (),
        )
    _, best, _ = placed[0]
    said = words.sentence(
        "ranking.best",
        name=Text(words.name(best.name, best.name_en), rows_link("changes"), strong=True),
        change=relative_text(best.now.index, _year_ago(best), words),
    )
    rows = tuple(
        (
            Cell(str(r), number=True),
            Cell(words.name(d.name, d.name_en)),
            Cell(_index(d.now.index, words), number=True),
            Cell(_index(_year_ago(d), words), number=True),
            Cell(relative_text(d.now.index, _year_ago(d), words), number=True),
        )
        for r, d, _ in placed
    )
    table = Table(
        words.head("rank", "district", "index", "index_year_ago", "index_change"),
        rows,
        caption=words("ranking.improvement_table"),
        name="improvement",
    )
    return Section(
        words.heading(2, "ranking.improvement"), (said,), (table, change_table(air, words))
    )


def _year_ago(place: AirPlace) -> Decimal | None:
    return place.year_ago.index if place.year_ago else None


def _index(value: Decimal | None, words: Words) -> str:
    return words("word.no_data") if value is None else f"{value:f}"


def _speakers(speak: list[AirPlace], words: Words) -> Table:
    return Table(
        words.head("rank", "district", "index"),
        tuple(
            (
                Cell(str(d.rank), number=True),
                Cell(words.name(d.name, d.name_en)),
                Cell(_index(d.now.index, words), number=True),
            )
            for d in speak
        ),
        name="speakers",
    )
