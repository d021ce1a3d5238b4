"""The meeting pack (月度会商材料, requirement R159): several bulletins bound into one document."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from types import MappingProxyType

from qingyuan.reporting.document import Document, Link, Paragraph, Section, Table
from qingyuan.reporting.wording import Words

__all__ = ["meeting_pack"]


def meeting_pack(
    documents: Sequence[Document],
    *,
    city: str,
    issuer: str,
    number: str,
    day: date,
    agenda: Sequence[str] = (),
    language: str = "zh",
) -> Document:
    """Bind bulletins into the papers of the monthly meeting (月度会商材料).

    Every part keeps its words and its figures; the tables are renamed so that a figure still opens
    the rows of its own part. `agenda` are the points to be discussed, the register's own words.
    """
    words = Words(language)
    parts = [_renamed(document, f"p{n}") for n, document in enumerate(documents, start=1)]
    sections = [
        Section(
            words("pack.agenda"),
            tuple(words.sentence("pack.point", n=str(n), said=point) for n, point in enumerate(agenda, 1))
            or (words.sentence("pack.no_agenda"),),
        )
    ]  # fmt: skip
    for n, part in enumerate(parts, start=1):
        sections.append(
            Section(
                words("pack.part", n=str(n), title=part.title),
                (words.sentence("pack.from", number=part.number, dated=part.dated),),
            )
        )
        sections += part.sections
    notes = dict.fromkeys(note for part in parts for note in part.footnotes)
    totals = {f"p{n}_{k}": v for n, part in enumerate(parts, 1) for k, v in part.totals.items()}
    return Document(
        title=words("pack.title", city=city),
        number=number,
        issuer=issuer,
        dated=words.month(day),
        sections=tuple(sections),
        footnotes=tuple(notes),
        totals=MappingProxyType(totals),
        ledgers=tuple(table for part in parts for table in part.ledgers),
        language=language,
    )


def _renamed(document: Document, part: str) -> Document:
    """Give every table of a part a name of its own, and let its figures follow."""

    def link(old: Link | None) -> Link | None:
        if old is None or old.kind != "rows":
            return old
        given = dict(old.params)
        return Link.to("rows", **{**given, "table": f"{part}_{given['table']}"})

    def table(old: Table) -> Table:
        rows = tuple(tuple(replace(c, link=link(c.link)) for c in row) for row in old.rows)
        return replace(old, rows=rows, name=f"{part}_{old.name}" if old.name else "")

    def section(old: Section) -> Section:
        said = tuple(
            Paragraph(tuple(replace(run, link=link(run.link)) for run in p.runs))
            for p in old.paragraphs
        )
        return replace(old, paragraphs=said, tables=tuple(table(t) for t in old.tables))

    return replace(
        document,
        sections=tuple(section(s) for s in document.sections),
        ledgers=tuple(table(t) for t in document.ledgers),
    )
