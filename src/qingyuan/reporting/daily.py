"""The daily reminder (日提醒, requirements R156–R157): water classes, air, alarms, cases.

Every figure carries the link to its rows, and the totals are the sums of the rows given here: a
bulletin cannot say what its tables do not hold.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from types import MappingProxyType

from qingyuan.core.factors import factor
from qingyuan.core.periods import in_city
from qingyuan.core.quantities import round_gbt8170
from qingyuan.reporting.air import AIR_ITEMS
from qingyuan.reporting.document import (
    Cell,
    Document,
    Link,
    Paragraph,
    Section,
    Table,
    Text,
    rows_link,
)
from qingyuan.reporting.water import SectionClass, water_sentence, water_table, water_totals
from qingyuan.reporting.wording import Words
from qingyuan.reporting.work import (
    AlarmLine,
    WorkCase,
    alarm_ledger,
    alarm_row,
    case_ledger,
    case_totals,
    cases_section,
)

__all__ = ["AirDay", "DailyFacts", "daily_reminder", "footnotes", "with_known"]


@dataclass(frozen=True, slots=True)
class AirDay:
    """One station's day: means of valid hours, by factor code; ``None`` where too few hours.

    `o3_8h` is the daily largest 8-h mean; `aqi` the index of the day with its level and primary
    pollutants, None when the rule publishes none (NA).
    """

    code: str
    name: str
    means: Mapping[str, Decimal | None]
    hours: int = 0
    aqi: int | None = None
    level: str = ""
    primary: str = ""
    name_en: str = ""


@dataclass(frozen=True, slots=True)
class DailyFacts:
    """Everything a daily reminder is written from; `city_air` is the city's own day."""

    city: str
    issuer: str
    day: date
    data_until: datetime
    sections: Sequence[SectionClass]
    stations: Sequence[AirDay]
    alarms: Sequence[AlarmLine]
    cases: Sequence[WorkCase]
    rule_sets: Sequence[str]
    audit_anchor: str = ""
    city_en: str = ""
    issuer_en: str = ""
    city_air: AirDay | None = None


def daily_reminder(facts: DailyFacts, *, number: str, language: str = "zh") -> Document:
    """Write the daily reminder (日提醒).

    Parameters
    ----------
    facts : DailyFacts
        Rows as values; nothing else is looked at.
    number : str
        The document's own number (〔2026〕266号).
    language : str
        ``zh`` or ``en``.

    Returns
    -------
    Document
        Four parts (水、气、告警、案件); ``totals`` holds the figures of the sentences, each equal to
        the number of rows behind its link.
    """
    words = Words(language)
    totals = {
        **water_totals(facts.sections),
        "alarms": len(facts.alarms),
        **case_totals(facts.cases),
    }
    return Document(
        title=words("daily.title", city=words.name(facts.city, facts.city_en)),
        number=number,
        issuer=words.name(facts.issuer, facts.issuer_en),
        dated=words.day(facts.day),
        sections=(
            Section(
                words.heading(1, "water.heading"),
                (water_sentence(totals, words, when="day"),),
                (water_table(facts.sections, words, caption="water.table_day"),),
            ),
            _air(facts, words),
            _alarms(facts, totals, words),
            cases_section(facts.cases, totals, words, index=4, when="day"),
        ),
        footnotes=footnotes(facts.data_until, facts.rule_sets, words, anchor=facts.audit_anchor),
        totals=MappingProxyType(totals),
        ledgers=(case_ledger(facts.cases, words), alarm_ledger(facts.alarms, words)),
        language=language,
    )


def footnotes(
    until: datetime, rule_sets: Sequence[str], words: Words, *, anchor: str = ""
) -> tuple[str, ...]:
    """Return the notes under a bulletin: data time and state, rule sets, anchor of the audit chain."""
    notes = [words("note.until", at=f"{in_city(until):%Y-%m-%d %H:%M}")]
    if rule_sets:
        notes.append(words("note.rules", rules=words("list.semicolon").join(rule_sets)))
    if anchor:
        notes.append(words("note.anchor", anchor=anchor))
    return tuple(notes)


def with_known(document: Document, *, known_at: datetime, language: str) -> Document:
    """Return a bulletin that says below up to when the readings it knew were received."""
    note = Words(language)("note.known", at=f"{in_city(known_at):%Y-%m-%d %H:%M}")
    return replace(document, footnotes=(*document.footnotes, note))


def _air(facts: DailyFacts, words: Words) -> Section:
    codes = tuple(AIR_ITEMS.values())
    units = tuple(f"{factor(c).symbol}（{factor(c).unit}）" for c in codes)
    rows = tuple(
        (
            Cell(words.name(s.name, s.name_en), Link.to("station", code=s.code)),
            _aqi(s, words),
            *(_mean(s.means.get(c), c, words) for c in codes),
            Cell(str(s.hours), number=True),
        )
        for s in sorted(facts.stations, key=lambda s: s.code)
    )
    table = Table(
        (*words.head("station", "aqi"), *units, *words.head("hours")),
        rows,
        caption=words("daily.air_table"),
        empty=words("daily.no_stations"),
        name="air",
        tags=tuple((f"code:{s.code}",) for s in sorted(facts.stations, key=lambda s: s.code)),
    )
    return Section(
        words.heading(2, "air.heading"), tuple(_air_said(facts.city_air, words)), (table,)
    )


def _air_said(city: AirDay | None, words: Words) -> list[Paragraph]:
    figures = [
        f"{factor(c).symbol} {_shown(m, c)} {factor(c).unit}"
        for c in AIR_ITEMS.values()
        if city is not None and (m := city.means.get(c)) is not None
    ]
    if city is None or not figures:
        return [words.sentence("daily.no_air")]
    link = rows_link("air")
    said = [
        words.sentence(
            "daily.air", figures=Text(words("list.comma").join(figures), link, strong=True)
        )
    ]
    if city.aqi is None:
        said.append(words.sentence("daily.aqi_na"))
    else:
        key = "daily.aqi_primary" if city.primary else "daily.aqi"
        level = words(f"level.{city.level}")
        aqi = Text(str(city.aqi), link, strong=True)
        said.append(words.sentence(key, aqi=aqi, level=level, primary=city.primary))
    return said


def _aqi(day: AirDay, words: Words) -> Cell:
    if day.aqi is None:
        return Cell("NA", number=True)
    return Cell(f"{day.aqi} {words(f'level.{day.level}')}", number=True, mark=day.level)


def _shown(value: Decimal | None, code: str) -> str:
    return "" if value is None else str(round_gbt8170(value, factor(code).decimals))


def _mean(value: Decimal | None, code: str, words: Words) -> Cell:
    return Cell(_shown(value, code) or words("word.no_data"), number=True)


def _alarms(facts: DailyFacts, totals: Mapping[str, int], words: Words) -> Section:
    """Return the alarms of sections and air stations; those of enterprises are counted only."""
    rows = tuple(
        alarm_row(a, words)
        for a in sorted(facts.alarms, key=lambda a: (a.first_at, a.ref))
        if a.public
    )
    table = Table(
        words.head("first_at", "object", "kind", "factor", "value", "limit", "multiple", "state"),
        rows,
        caption=words("daily.alarms_table"),
        empty=words("work.no_alarms"),
        name="public_alarms",
    )
    said = words.sentence(
        "daily.alarms", all=words.count(totals["alarms"], "alarm", rows_link("alarms"))
    )
    return Section(words.heading(3, "daily.alarms_heading"), (said,), (table,))
