"""Weekly, monthly and annual bulletins (周通报、月总结、年度评述, requirements R156–R160).

They tell the figures and, beside them, the work: cases, alarms, bulletins that were due. What is
asked of whom follows from the rows by stated rules, never from a sentence somebody liked.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from types import MappingProxyType

from qingyuan.reporting.air import (
    LONGEST_TABLE,
    AirPeriod,
    AirPlace,
    air_section,
    change_table,
    day_table,
)
from qingyuan.reporting.daily import footnotes
from qingyuan.reporting.document import Document, Paragraph, Section, Table, Text, rows_link
from qingyuan.reporting.water import SectionClass, water_section
from qingyuan.reporting.wording import Words
from qingyuan.reporting.work import AlarmLine, BulletinLine, WorkCase, work_section

__all__ = ["PERIODS", "PeriodFacts", "period_bulletin"]

PERIODS: Mapping[str, str] = MappingProxyType(
    {"weekly": "week", "monthly": "month", "annual": "year"}
)
_LONGEST_MATRIX = 31


@dataclass(frozen=True, slots=True)
class PeriodFacts:
    """Everything a weekly, monthly or annual bulletin is written from.

    Days are Beijing dates, both ends inside. `unnamed` holds sections or stations that are known
    and had no data at all; they are told, not left out.
    """

    kind: str
    city: str
    issuer: str
    first: date
    last: date
    data_until: datetime
    air: AirPeriod = field(default_factory=lambda: AirPeriod(AirPlace("", "")))
    sections: Sequence[SectionClass] = ()
    cases: Sequence[WorkCase] = ()
    alarms: Sequence[AlarmLine] = ()
    bulletins: Sequence[BulletinLine] = ()
    rule_sets: Sequence[str] = ()
    audit_anchor: str = ""
    city_en: str = ""
    issuer_en: str = ""

    @property
    def days(self) -> list[date]:
        """Every day of the period."""
        return [self.first + timedelta(days=n) for n in range((self.last - self.first).days + 1)]


def period_bulletin(facts: PeriodFacts, *, number: str, language: str = "zh") -> Document:
    """Write a weekly, monthly or annual bulletin.

    Parameters
    ----------
    facts : PeriodFacts
        Rows as values; `kind` is ``weekly``, ``monthly`` or ``annual``.
    number : str
        The document's own number.
    language : str
        ``zh`` or ``en``.

    Returns
    -------
    Document
        Air, water, work, and what is asked next; ``totals`` as counted from the rows.
    """
    words, when = Words(language), PERIODS[facts.kind]
    days = facts.days
    labels = [f"{d.month}-{d.day}" for d in days] if len(days) <= _LONGEST_MATRIX else []
    air = air_section(
        facts.air, words, index=1, when=when, chart="line" if when == "week" else "calendar"
    )
    if facts.kind != "weekly" and any(d.year_ago for d in facts.air.districts):
        air = _with(air, change_table(facts.air, words))
    water, water_totals = water_section(
        facts.sections,
        words,
        index=2,
        when=when,
        labels=labels,
        with_year_ago=any(s.year_ago for s in facts.sections),
    )
    work, ledgers, work_totals = work_section(
        facts.cases, facts.alarms, facts.bulletins, words, index=3, when=when
    )
    if len(facts.air.days) > LONGEST_TABLE:
        ledgers = (*ledgers, day_table(facts.air, words))
    return Document(
        title=words(f"{facts.kind}.title", city=words.name(facts.city, facts.city_en)),
        number=number,
        issuer=words.name(facts.issuer, facts.issuer_en),
        dated=_dated(facts, words),
        sections=(air, water, work, _next(facts, words)),
        footnotes=(
            *footnotes(facts.data_until, facts.rule_sets, words, anchor=facts.audit_anchor),
            words("note.change"),
        ),
        totals=MappingProxyType({**water_totals, **work_totals}),
        ledgers=ledgers,
        language=language,
    )


def _with(section: Section, table: Table) -> Section:
    return Section(section.heading, section.paragraphs, (*section.tables, table), section.charts)


def _dated(facts: PeriodFacts, words: Words) -> str:
    if facts.kind == "monthly":
        return words.month(facts.first)
    return (
        words("word.year", year=facts.first.year)
        if facts.kind == "annual"
        else words.span(facts.first, facts.last)
    )


def _next(facts: PeriodFacts, words: Words) -> Section:
    """Say what the figures ask for next: sections over target, the last district, late units."""
    said: list[Paragraph] = []
    worse = sum(s.is_worse for s in facts.sections)
    if worse:
        figure = words.count(worse, "section", rows_link("water", "over"))
        said.append(words.sentence("next.sections", n=figure))
    silent = sum(s.water_class is None for s in facts.sections)
    if silent:
        figure = words.count(silent, "section", rows_link("water", "class:none"))
        said.append(words.sentence("next.silent", n=figure))
    ranked = [d for d in facts.air.districts if d.rank is not None]
    if len(ranked) > 1:
        last = max(d.rank or 0 for d in ranked)
        names = words.joined(words.name(d.name, d.name_en) for d in ranked if d.rank == last)
        said.append(
            words.sentence("next.district", name=Text(names, rows_link("air", "last"), strong=True))
        )
    late = sorted({c.unit for c in facts.cases if c.overdue and c.unit})
    if late:
        overdue = sum(c.overdue for c in facts.cases)
        figure = words.count(overdue, "case", rows_link("cases", "overdue"))
        said.append(words.sentence("next.overdue", units=words.joined(late), n=figure))
    if not said:
        said.append(words.sentence("next.nothing"))
    return Section(words.heading(4, "next.heading"), tuple(said))
