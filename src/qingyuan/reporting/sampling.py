"""The weekly water bulletin (水质周报, requirement R167): intensified sampling and what it found.

A sample that was due and was not taken is told with its reason; it is never left out, and a section
without a sample has no class.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from types import MappingProxyType

from qingyuan.reporting.daily import footnotes
from qingyuan.reporting.document import Cell, Document, Link, Section, Table, rows_link
from qingyuan.reporting.water import SectionClass, over_text, water_section
from qingyuan.reporting.wording import Words

__all__ = ["SampleDue", "WaterWeekFacts", "water_weekly"]


@dataclass(frozen=True, slots=True)
class SampleDue:
    """One sample of the intensified schedule (加密监测) and what came of it."""

    section_code: str
    section: str
    due_on: date
    taken_on: date | None = None
    water_class: str | None = None
    over: tuple[tuple[str, Decimal], ...] = ()
    reason: str = ""  # why it was not taken

    @property
    def tag(self) -> str:
        """Taken on its day, taken late, or missed."""
        if self.taken_on is None:
            return "missed"
        return "taken" if self.taken_on <= self.due_on else "late"


@dataclass(frozen=True, slots=True)
class WaterWeekFacts:
    """What the weekly water bulletin is written from; `sections` are the automatic stations."""

    city: str
    issuer: str
    first: date
    last: date
    data_until: datetime
    samples: Sequence[SampleDue]
    sections: Sequence[SectionClass] = ()
    labels: Sequence[str] = ()
    rule_sets: Sequence[str] = ()
    city_en: str = ""
    issuer_en: str = ""


def water_weekly(facts: WaterWeekFacts, *, number: str, language: str = "zh") -> Document:
    """Write the weekly water bulletin (水质周报)."""
    words = Words(language)
    sampling, counts = _sampling(facts.samples, words)
    stations, totals = water_section(
        facts.sections, words, index=2, when="week", labels=facts.labels
    )
    return Document(
        title=words("water_weekly.title", city=words.name(facts.city, facts.city_en)),
        number=number,
        issuer=words.name(facts.issuer, facts.issuer_en),
        dated=words.span(facts.first, facts.last),
        sections=(sampling, stations),
        footnotes=footnotes(facts.data_until, facts.rule_sets, words),
        totals=MappingProxyType({**totals, **counts}),
        language=language,
    )


def _sampling(samples: Sequence[SampleDue], words: Words) -> tuple[Section, dict[str, int]]:
    counts = {
        "samples_due": len(samples),
        "samples_taken": sum(s.tag != "missed" for s in samples),
        "samples_missed": sum(s.tag == "missed" for s in samples),
    }
    heading = words.heading(1, "sampling.heading")
    if not samples:
        return Section(heading, (words.sentence("sampling.nothing"),)), counts
    said = [
        words.sentence(
            "sampling.said",
            due=words.count(counts["samples_due"], "sample", rows_link("samples")),
            taken=words.count(counts["samples_taken"], "sample", rows_link("samples", "done")),
            missed=words.count(counts["samples_missed"], "sample", rows_link("samples", "missed")),
        )
    ]
    missed = [s for s in samples if s.tag == "missed"]
    if missed:
        named = words.joined(
            words("sampling.missed_one", name=s.section, day=s.due_on.isoformat(), reason=s.reason or words("sampling.no_reason"))
            for s in missed
        )  # fmt: skip
        said.append(words.sentence("sampling.missed_said", named=named))
    table = Table(
        words.head("section", "due_on", "taken_on", "class", "over", "state"),
        tuple(_row(s, words) for s in samples),
        caption=words("sampling.table"),
        name="samples",
        tags=tuple((s.tag,) if s.tag == "missed" else (s.tag, "done") for s in samples),
    )
    return Section(heading, tuple(said), (table,)), counts


def _row(sample: SampleDue, words: Words) -> tuple[Cell, ...]:
    over = over_text(sample.over, words)
    return (
        Cell(sample.section, Link.to("section", code=sample.section_code)),
        Cell(sample.due_on.isoformat()),
        Cell(sample.taken_on.isoformat() if sample.taken_on else words("sampling.not_taken")),
        Cell(sample.water_class or words("word.no_data"), mark=sample.water_class or ""),
        Cell(over or "—", mark="over" if over else ""),
        Cell(words(f"sampling.{sample.tag}"), mark="late" if sample.tag == "missed" else ""),
    )
