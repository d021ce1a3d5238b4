"""A book of one matter (案卷): cover, contents with page numbers, parts, photos side by side."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from types import MappingProxyType

import typst

from qingyuan.core.problems import Problem
from qingyuan.reporting import Document
from qingyuan.web.printing.pdf import drawn_parts, faces

__all__ = ["Book", "Photo", "book_pdf"]

_LAYOUT = Path(__file__).with_name("book.typ")


@dataclass(frozen=True, slots=True)
class Photo:
    """A photo as JPEG bytes with its size and caption; without bytes the caption says what is lacking."""

    caption: str
    jpeg: bytes = b""
    width: int = 0
    height: int = 0

    @property
    def drawing(self) -> str:
        """The photo as a drawing, the one shape the typesetter is handed; empty without a photo."""
        if not self.jpeg:
            return ""
        data = base64.b64encode(self.jpeg).decode()
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {self.width} {self.height}" '
            f'width="{self.width}" height="{self.height}"><image width="{self.width}" '
            f'height="{self.height}" href="data:image/jpeg;base64,{data}"/></svg>'
        )


@dataclass(frozen=True, slots=True)
class Book:
    """What is bound together.

    Attributes
    ----------
    document
        Title, number, issuer and parts.
    name
        What the book is called on its cover (案卷).
    cover
        Label and value of each line of the cover.
    note
        Who had it printed and when; stands on every page.
    contents, page
        The heading of the contents; ``{n}`` and ``{m}`` in the form of a page number.
    photos
        Rows of two photos, by the heading of their part.
    """

    document: Document
    name: str
    cover: Sequence[tuple[str, str]]
    note: str
    contents: str
    page: str
    photos: Mapping[str, Sequence[Sequence[Photo]]] = field(
        default_factory=lambda: MappingProxyType({})
    )


def book_pdf(book: Book, *, day: date) -> bytes:
    """Return the PDF of a book.

    Raises
    ------
    Problem
        ``printing.not_printed`` when the typesetter refuses, with its reason.
    """
    document = book.document
    given = {
        "faces": dict(faces()),
        "language": document.language,
        "title": document.title,
        "number": document.number,
        "issuer": document.issuer,
        "cover": [list(line) for line in book.cover],
        "note": book.note,
        "words": {"name": book.name, "contents": book.contents, "page": book.page},
        "sections": [
            {**part, "photos": _photos(book.photos.get(str(part["heading"]), ()))}
            for part in drawn_parts(document)
        ],
    }
    inputs = {"given": json.dumps(given, ensure_ascii=False), "day": day.isoformat()}
    try:
        return bytes(typst.compile(str(_LAYOUT), sys_inputs=inputs, pdf_standards="a-2b"))
    except typst.TypstError as error:
        raise Problem("printing.not_printed", reason=str(error).splitlines()[0][:200]) from error


def _photos(rows: Sequence[Sequence[Photo]]) -> list[list[dict[str, str]]]:
    return [[{"drawing": p.drawing, "caption": p.caption} for p in row] for row in rows]
