"""Slips (提醒单): one page per station or enterprise, printed together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from qingyuan.reporting.document import Cell, Document, Paragraph, Section, Table
from qingyuan.reporting.wording import Words

__all__ = ["Slip", "slip"]


@dataclass(frozen=True, slots=True)
class Slip:
    """What one addressee is reminded of: matters as (what, value with unit, limit, since)."""

    number: str
    addressee: str
    subject: str
    matters: Sequence[tuple[str, str, str, str]]
    answer_by: date | None
    issuer: str
    day: date
    contact: str = ""


def slip(facts: Slip, *, language: str = "zh") -> Document:
    """Write one slip (提醒单)."""
    words = Words(language)
    said: list[Paragraph] = [words.sentence("slip.said", subject=facts.subject)]
    if facts.answer_by:
        said.append(words.sentence("slip.answer", day=words.day(facts.answer_by)))
    if facts.contact:
        said.append(words.sentence("slip.contact", contact=facts.contact))
    table = Table(
        words.head("matter", "value", "limit", "first_at"),
        tuple(
            (Cell(what), Cell(value, number=True), Cell(limit, number=True), Cell(since))
            for what, value, limit, since in facts.matters
        ),
        empty=words("slip.nothing"),
        name="matters",
    )
    return Document(
        title=words("slip.title"),
        number=facts.number,
        issuer=facts.issuer,
        dated=words.day(facts.day),
        sections=(Section(facts.subject, tuple(said), (table,)),),
        language=language,
        addressee=facts.addressee,
    )
