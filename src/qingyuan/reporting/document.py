"""A document as values (文书): headings, sentences, tables; every figure knows its rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from types import MappingProxyType

__all__ = ["Cell", "Document", "Link", "Paragraph", "Section", "Table", "Text"]


@dataclass(frozen=True, slots=True)
class Link:
    """Where the rows behind a figure are: a kind of list and its filter; pages turn it into an address."""

    kind: str
    params: tuple[tuple[str, str], ...] = ()

    @classmethod
    def to(cls, kind: str, **params: str) -> Link:
        """Return a link with its filter in a stable order."""
        return cls(kind, tuple(sorted(params.items())))


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
    """A table with units in its head; `empty` says what would stand here."""

    head: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    caption: str = ""
    empty: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """A part with its heading."""

    heading: str
    paragraphs: tuple[Paragraph, ...] = ()
    tables: tuple[Table, ...] = ()


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
        Data time, rule sets with their documents, marks of unverified figures.
    totals
        Named figures of the document, for whoever compares them with the ledgers.
    """

    title: str
    number: str
    issuer: str
    dated: str
    sections: tuple[Section, ...]
    footnotes: tuple[str, ...] = ()
    totals: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))

    def links(self) -> Iterator[Link]:
        """Yield every link of the document."""
        for section in self.sections:
            for paragraph in section.paragraphs:
                yield from (run.link for run in paragraph.runs if run.link)
            for table in section.tables:
                yield from (cell.link for row in table.rows for cell in row if cell.link)

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
    def from_dict(cls, row: Mapping[str, object]) -> Document:
        """Read back what `as_dict` wrote."""
        return _document(row)


def _link(row: Mapping[str, object] | None) -> Link | None:
    if row is None:
        return None
    return Link(str(row["kind"]), tuple((str(k), str(v)) for k, v in _items(row["params"])))


def _items(rows: object) -> list[list[object]]:
    return [list(r) for r in rows]  # type: ignore[attr-defined]  # JSON arrays


def _section(row: Mapping[str, object]) -> Section:
    paragraphs = tuple(
        Paragraph(tuple(Text(r["text"], _link(r["link"]), r["strong"]) for r in p["runs"]))
        for p in row["paragraphs"]  # type: ignore[attr-defined]  # as written by asdict
    )
    tables = tuple(
        Table(
            tuple(t["head"]),
            tuple(
                tuple(Cell(c["text"], _link(c["link"]), c["number"], c["mark"]) for c in r)
                for r in t["rows"]
            ),
            t["caption"],
            t["empty"],
        )
        for t in row["tables"]  # type: ignore[attr-defined]  # as written by asdict
    )
    return Section(str(row["heading"]), paragraphs, tables)


def _document(row: Mapping[str, object]) -> Document:
    totals = row["totals"]
    return Document(
        title=str(row["title"]),
        number=str(row["number"]),
        issuer=str(row["issuer"]),
        dated=str(row["dated"]),
        sections=tuple(_section(s) for s in row["sections"]),  # type: ignore[attr-defined]  # a JSON array
        footnotes=tuple(str(f) for f in row["footnotes"]),  # type: ignore[attr-defined]  # a JSON array
        totals=MappingProxyType({str(k): int(v) for k, v in totals.items()}),  # type: ignore[attr-defined]  # a JSON object
    )
