"""A document as values (文书): sentences, tables and charts; every figure knows its rows.

A table may be printed (in a section) or stand behind the figures only (`Document.ledgers`): rows
about cases are of the second sort, for who may read a bulletin may not read every case.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from types import MappingProxyType
from typing import Any

__all__ = [
    "Cell",
    "Chart",
    "Document",
    "Link",
    "Paragraph",
    "Section",
    "Series",
    "Table",
    "Text",
    "rows_link",
]


@dataclass(frozen=True, slots=True)
class Link:
    """Where the rows behind a figure are: a kind of list and its filter; pages turn it into an address."""

    kind: str
    params: tuple[tuple[str, str], ...] = ()

    @classmethod
    def to(cls, kind: str, **params: str) -> Link:
        """Return a link with its filter in a stable order."""
        return cls(kind, tuple(sorted(params.items())))


def rows_link(table: str, tag: str = "") -> Link:
    """Return the link to the rows of one of the document's own tables, those with *tag* if given."""
    return Link.to("rows", table=table, **({"tag": tag} if tag else {}))


@dataclass(frozen=True, slots=True)
class Text:
    """A run of a sentence; with `link` it is a figure that opens its rows."""

    text: str
    link: Link | None = None
    strong: bool = False


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A sentence made of runs."""

    runs: tuple[Text, ...]

    @property
    def text(self) -> str:
        """The words alone."""
        return "".join(run.text for run in self.runs)


@dataclass(frozen=True, slots=True)
class Cell:
    """A table cell; `number` cells are set to the right."""

    text: str
    link: Link | None = None
    number: bool = False
    mark: str = ""  # a class (Ⅲ), "over", "late": how the page may mark it beside the word


@dataclass(frozen=True, slots=True)
class Table:
    """A table with units in its head; `empty` says what would stand here.

    `name` is what figures point at; `tags` hold, row by row, what a figure counts
    (``class:Ⅲ``, ``over``). A table with `subject` (``case``) is shown row by row only to those
    who may see the row's subject.
    """

    head: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    caption: str = ""
    empty: str = ""
    name: str = ""
    tags: tuple[tuple[str, ...], ...] = ()
    subject: str = ""

    def tagged(self, tag: str) -> Table:
        """Return the table with the rows that carry *tag* only; all of them for ``""``."""
        if not tag:
            return self
        kept = [n for n, tags in enumerate(self.tags) if tag in tags]
        return replace(
            self,
            rows=tuple(self.rows[n] for n in kept),
            tags=tuple(self.tags[n] for n in kept),
        )


@dataclass(frozen=True, slots=True)
class Series:
    """One line of a chart: values as they are printed, None where there is a gap."""

    name: str
    values: tuple[str | None, ...]
    marks: tuple[str, ...] = ()  # class or level of each value, for official colours


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart as data (图); the drawer is `qingyuan.reporting.charts`.

    Attributes
    ----------
    kind
        ``line``, ``bar``, ``ranking`` (bars from best to worst), ``calendar`` (one value a day),
        ``matrix`` (places by days, a class in each cell) or ``plan`` (roads around a place).
    labels
        What stands along the axis; ISO dates for ``calendar``.
    limit, limit_name
        A limit line and the document it is from; empty for none.
    source
        Where the values are from and the rule set that judged them; printed below.
    """

    kind: str
    title: str
    labels: tuple[str, ...]
    series: tuple[Series, ...]
    unit: str = ""
    limit: str = ""
    limit_name: str = ""
    source: str = ""
    key: tuple[tuple[str, str], ...] = ()  # marks and what they are called in the key
    weekdays: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Section:
    """A part with its heading."""

    heading: str
    paragraphs: tuple[Paragraph, ...] = ()
    tables: tuple[Table, ...] = ()
    charts: tuple[Chart, ...] = ()


@dataclass(frozen=True, slots=True)
class Document:
    """A bulletin's whole content (通报正文).

    Attributes
    ----------
    title, number, issuer, dated
        Head of the document; `dated` as it is printed (2026年9月22日).
    sections
        Parts in order.
    footnotes
        Data time, sources, rule sets with their documents, marks of unverified figures.
    totals
        Named figures of the document, for whoever compares them with the ledgers.
    ledgers
        Tables that figures count and that are not printed.
    language
        ``zh`` or ``en``.
    """

    title: str
    number: str
    issuer: str
    dated: str
    sections: tuple[Section, ...]
    footnotes: tuple[str, ...] = ()
    totals: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))
    ledgers: tuple[Table, ...] = ()
    language: str = "zh"
    addressee: str = ""

    def tables(self) -> Iterator[Table]:
        """Yield every table, the printed ones first."""
        for section in self.sections:
            yield from section.tables
        yield from self.ledgers

    def figures(self) -> Iterator[Text]:
        """Yield every run of a sentence that opens rows."""
        for section in self.sections:
            for paragraph in section.paragraphs:
                yield from (run for run in paragraph.runs if run.link)

    def links(self) -> Iterator[Link]:
        """Yield every link of the document."""
        yield from (run.link for run in self.figures() if run.link)
        for table in self.tables():
            yield from (cell.link for row in table.rows for cell in row if cell.link)

    def rows_of(self, link: Link) -> Table | None:
        """Return the rows that a figure's ``rows`` link counts; None when the document has no such table."""
        given = dict(link.params)
        found = (t for t in self.tables() if t.name and t.name == given.get("table"))
        table = next(found, None)
        return table.tagged(given.get("tag", "")) if table else None

    def plain(self) -> str:
        """Return the text version for messages."""
        lines = [self.title, f"{self.number}　{self.dated}"]
        for section in self.sections:
            lines.append(section.heading)
            lines.extend(paragraph.text for paragraph in section.paragraphs)
        return "\n".join(lines)

    def as_dict(self) -> dict[str, object]:
        """Return plain JSON values, to be frozen with the bulletin."""
        return asdict(replace(self, totals=dict(self.totals)))

    @classmethod
    def from_dict(cls, row: Mapping[str, Any]) -> Document:
        """Read back what `as_dict` wrote; what an older document did not have is empty."""
        return Document(
            title=row["title"],
            number=row["number"],
            issuer=row["issuer"],
            dated=row["dated"],
            sections=tuple(_section(s) for s in row["sections"]),
            footnotes=tuple(row["footnotes"]),
            totals=MappingProxyType(dict(row["totals"])),
            ledgers=tuple(_table(t) for t in row.get("ledgers", ())),
            language=row.get("language", "zh"),
            addressee=row.get("addressee", ""),
        )


def _link(row: Mapping[str, Any] | None) -> Link | None:
    if row is None:
        return None
    return Link(row["kind"], tuple((str(k), str(v)) for k, v in row["params"]))


def _section(row: Mapping[str, Any]) -> Section:
    return Section(
        row["heading"],
        tuple(
            Paragraph(tuple(Text(r["text"], _link(r["link"]), r["strong"]) for r in p["runs"]))
            for p in row["paragraphs"]
        ),
        tuple(_table(t) for t in row["tables"]),
        tuple(_chart(c) for c in row.get("charts", ())),
    )


def _table(row: Mapping[str, Any]) -> Table:
    return Table(
        head=tuple(row["head"]),
        rows=tuple(
            tuple(Cell(c["text"], _link(c["link"]), c["number"], c["mark"]) for c in r)
            for r in row["rows"]
        ),
        caption=row["caption"],
        empty=row["empty"],
        name=row.get("name", ""),
        tags=tuple(tuple(t) for t in row.get("tags", ())),
        subject=row.get("subject", ""),
    )


def _chart(row: Mapping[str, Any]) -> Chart:
    series = tuple(Series(s["name"], tuple(s["values"]), tuple(s["marks"])) for s in row["series"])
    more = {
        "labels": tuple(row["labels"]),
        "series": series,
        "key": tuple((str(a), str(b)) for a, b in row.get("key", ())),
        "weekdays": tuple(row.get("weekdays", ())),
    }
    return Chart(**{**row, **more})
