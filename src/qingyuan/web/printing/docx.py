"""From a document to an editable docx in the layout of official papers (公文, GB/T 9704-2012).

Tables are tables and words are words; the docx names the official faces and lets the reader's
computer supply them. The same document gives the same bytes.
"""

from __future__ import annotations

import io
import re
import zipfile
from datetime import date

from qingyuan.reporting import Chart, Document, Section, Table, Words
from qingyuan.web.printing import wordml
from qingyuan.web.printing.pictures import chart_png, chart_svg
from qingyuan.web.printing.widths import widths_of

__all__ = ["docx_of"]

# 公文用的字体；未装时由读者的电脑替换 / the faces of official papers, replaced where not installed
_FACES = {"title": "方正小标宋简体", "body": "仿宋_GB2312", "head": "黑体", "kai": "楷体_GB2312"}
_WIDTH_MM = 156.0
_EPOCH = (1980, 1, 1, 0, 0, 0)
_SIZE = re.compile(r'viewBox="0 0 ([\d.]+) ([\d.]+)"')
_REL = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


class _Parts:
    """The files of the package as they come up."""

    def __init__(self) -> None:
        self.media: list[tuple[str, bytes]] = []
        self.drawings = 0

    def draw(self, chart: Chart) -> str:
        """Keep a chart's picture and return its run."""
        drawing = chart_svg(chart)
        size = _SIZE.search(drawing)
        wide, tall = (float(size[1]), float(size[2])) if size else (2.0, 1.0)
        self.drawings += 1
        n = self.drawings
        self.media += [
            (f"word/media/chart{n}.svg", drawing.encode()),
            (f"word/media/chart{n}.png", chart_png(drawing)),
        ]
        return wordml.picture(
            n, chart.title, width_mm=_WIDTH_MM, height_mm=_WIDTH_MM * tall / wide,
            svg=f"rSvg{n}", png=f"rPng{n}",
        )  # fmt: skip

    def relationships(self) -> str:
        """Return what the document refers to."""
        held = [("rStyles", "styles", "styles.xml"), ("rSettings", "settings", "settings.xml"),
                ("rFooter1", "footer", "footer1.xml"), ("rFooter2", "footer", "footer2.xml")]  # fmt: skip
        for n in range(1, self.drawings + 1):
            held.append((f"rSvg{n}", "image", f"media/chart{n}.svg"))
            held.append((f"rPng{n}", "image", f"media/chart{n}.png"))
        rows = "".join(
            f'<Relationship Id="{i}" Type="{_REL}/{kind}" Target="{target}"/>'
            for i, kind, target in held
        )
        return (
            '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
            f'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{rows}</Relationships>'
        )


def docx_of(document: Document, *, day: date, signed_on: date | None = None) -> bytes:
    """Return a bulletin as docx; `signed_on` is the date beneath it, none for a draft."""
    signed = Words(document.language).signed(signed_on)
    parts = _Parts()
    body = [
        wordml.paragraph([wordml.run(document.issuer)], style="Issuer"),
        wordml.paragraph([wordml.run(document.number)], style="Number"),
        wordml.paragraph([wordml.run(document.title)], style="Title"),
        wordml.paragraph([wordml.run(f"（{document.dated}）")], style="Dated"),
    ]
    for section in document.sections:
        body += _section(section, parts)
    body += [
        wordml.paragraph([]),
        wordml.paragraph([wordml.run(f"{document.issuer}　　")], style="Signature"),
        wordml.paragraph([wordml.run(f"{signed}　　　　")], style="Signature"),
        *(wordml.paragraph([wordml.run(note)], style="Note") for note in document.footnotes),
    ]
    files = {
        "[Content_Types].xml": wordml.CONTENT_TYPES,
        "_rels/.rels": wordml.ROOT_RELS,
        "docProps/core.xml": wordml.properties(
            title=document.title,
            issuer=document.issuer,
            day=day.isoformat(),
            fonts="字体：" + "、".join(_FACES.values()),
        ),
        "word/document.xml": f"{wordml.DOCUMENT_OPEN}{''.join(body)}{wordml.section_properties()}</w:body></w:document>",
        "word/_rels/document.xml.rels": parts.relationships(),
        "word/styles.xml": wordml.styles(_FACES),
        "word/settings.xml": wordml.SETTINGS,
        "word/footer1.xml": wordml.footer("right"),
        "word/footer2.xml": wordml.footer("left"),
    }
    return _packed([*((name, text.encode()) for name, text in files.items()), *parts.media])


def _section(section: Section, parts: _Parts) -> list[str]:
    made = [wordml.paragraph([wordml.run(section.heading)], style="Heading1")]
    made += [
        wordml.paragraph([wordml.run(run.text, bold=run.strong) for run in p.runs])
        for p in section.paragraphs
        if p.runs
    ]
    made += [wordml.paragraph([parts.draw(chart)], style="Figure") for chart in section.charts]
    for table in section.tables:
        made += _table(table)
    return made


def _table(table: Table) -> list[str]:
    made = [wordml.paragraph([wordml.run(table.caption)], style="Caption")] if table.caption else []
    if not table.rows:
        return [*made, wordml.paragraph([wordml.run(table.empty, grey=True)], style="Figure")]
    rows = [
        [(cell.text, cell.number, cell.mark in ("late", "over")) for cell in row]
        for row in table.rows
    ]
    return [*made, wordml.table(table.head, rows, widths_of(table))]


def _packed(files: list[tuple[str, bytes]]) -> bytes:
    """Zip with a fixed date, so that the same content is the same file."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in files:
            entry = zipfile.ZipInfo(name, _EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, content)
    return out.getvalue()
