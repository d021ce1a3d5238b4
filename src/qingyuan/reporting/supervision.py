"""The supervision bulletin (督查通报, requirement R078): praise and criticism by stated rules.

Who is praised and who is criticised follows from progress alone: counts of cases concluded and
overdue by unit, against thresholds that are printed with the lists.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from types import MappingProxyType

from qingyuan.reporting.daily import footnotes
from qingyuan.reporting.document import Cell, Document, Section, Table, rows_link
from qingyuan.reporting.wording import Words
from qingyuan.reporting.work import WorkCase, case_ledger, case_totals, cases_section, count_cell

__all__ = ["Praise", "SupervisionFacts", "supervision_bulletin", "unit_progress"]


@dataclass(frozen=True, slots=True)
class Praise:
    """The rule: concluded at least so many and nothing overdue; overdue at least so many."""

    concluded_at_least: int = 1
    overdue_at_least: int = 1


@dataclass(frozen=True, slots=True)
class SupervisionFacts:
    """What a supervision bulletin is written from."""

    city: str
    issuer: str
    first: date
    last: date
    data_until: datetime
    cases: Sequence[WorkCase]
    rule: Praise = Praise()
    city_en: str = ""
    issuer_en: str = ""


@dataclass(frozen=True, slots=True)
class Progress:
    """One unit's counts of the period."""

    unit: str
    in_hand: int
    concluded: int
    overdue: int


def unit_progress(cases: Sequence[WorkCase]) -> list[Progress]:
    """Return the counts of each unit that has a case; cases nobody answers for have none."""
    units = sorted({c.unit for c in cases if c.unit})
    return [
        Progress(
            unit,
            sum(c.ledger != "conclude" for c in cases if c.unit == unit),
            sum(c.concluded for c in cases if c.unit == unit),
            sum(c.overdue for c in cases if c.unit == unit),
        )
        for unit in units
    ]


def supervision_bulletin(facts: SupervisionFacts, *, number: str, language: str = "zh") -> Document:
    """Write the supervision bulletin (督查通报)."""
    words, rule = Words(language), facts.rule
    totals = case_totals(facts.cases)
    progress = unit_progress(facts.cases)
    praised = [p for p in progress if not p.overdue and p.concluded >= rule.concluded_at_least]
    blamed = [p for p in progress if p.overdue >= rule.overdue_at_least]
    lists = [
        ("praised", sorted(praised, key=lambda p: (-p.concluded, p.unit)), rule.concluded_at_least),
        ("blamed", sorted(blamed, key=lambda p: (-p.overdue, p.unit)), rule.overdue_at_least),
    ]
    return Document(
        title=words("supervision.title", city=words.name(facts.city, facts.city_en)),
        number=number,
        issuer=words.name(facts.issuer, facts.issuer_en),
        dated=words.span(facts.first, facts.last),
        sections=(
            cases_section(facts.cases, totals, words, index=1, when="period"),
            *(
                _list(name, found, bound, facts.cases, words, index=n)
                for n, (name, found, bound) in enumerate(lists, start=2)
            ),
        ),
        footnotes=footnotes(facts.data_until, (), words),
        totals=MappingProxyType({**totals, "praised": len(praised), "blamed": len(blamed)}),
        ledgers=(case_ledger(facts.cases, words),),
        language=language,
    )


def _list(
    name: str,
    found: list[Progress],
    bound: int,
    cases: Sequence[WorkCase],
    words: Words,
    *,
    index: int,
) -> Section:
    said = words.sentence(
        f"supervision.{name}_said",
        bound=str(bound),
        n=words.count(len(found), "unit", rows_link(name)),
    )
    table = Table(
        words.head("unit", "concluded", "in_hand", "overdue"),
        tuple(
            (
                Cell(p.unit),
                *(count_cell(cases, p.unit, tag) for tag in ("concluded", "in_hand", "overdue")),
            )
            for p in found
        ),
        empty=words(f"supervision.{name}_none"),
        name=name,
    )
    return Section(words.heading(index, f"supervision.{name}"), (said,), (table,))
