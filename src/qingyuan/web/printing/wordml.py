"""The few pieces of WordprocessingML (ISO/IEC 29500) that an official document is made of.

Written by hand: a library would add four packages for what fits this page, and would not promise
the same bytes for the same document.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from xml.sax.saxutils import escape, quoteattr

__all__ = [
    "CONTENT_TYPES",
    "DOCUMENT_OPEN",
    "ROOT_RELS",
    "SETTINGS",
    "footer",
    "paragraph",
    "picture",
    "properties",
    "run",
    "section_properties",
    "styles",
    "table",
    "text_of",
]

_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
_NS = (
    'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
    ' xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
)
_REL = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_MM = 56.6929  # twentieths of a point
_EMU_MM = 36000

DOCUMENT_OPEN = (
    f"{_HEAD}<w:document {_NS}"
    ' xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing"'
    ' xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"'
    ' xmlns:pic="http://schemas.openxmlformats.org/drawingml/2006/picture"'
    ' xmlns:asvg="http://schemas.microsoft.com/office/drawing/2016/SVG/main"><w:body>'
)
CONTENT_TYPES = (
    f'{_HEAD}<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/>'
    '<Default Extension="png" ContentType="image/png"/>'
    '<Default Extension="svg" ContentType="image/svg+xml"/>'
    + "".join(
        f'<Override PartName="/{part}" ContentType="application/vnd.openxmlformats-{kind}+xml"/>'
        for part, kind in (
            ("word/document.xml", "officedocument.wordprocessingml.document.main"),
            ("word/styles.xml", "officedocument.wordprocessingml.styles"),
            ("word/settings.xml", "officedocument.wordprocessingml.settings"),
            ("word/footer1.xml", "officedocument.wordprocessingml.footer"),
            ("word/footer2.xml", "officedocument.wordprocessingml.footer"),
            ("docProps/core.xml", "package.core-properties"),
        )
    )
    + "</Types>"
)
ROOT_RELS = (
    f'{_HEAD}<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    f'<Relationship Id="rId1" Type="{_REL}/officeDocument" Target="word/document.xml"/>'
    '<Relationship Id="rId2" Type="http://schemas.openxmlformats.org/package/2006/relationships/metadata/core-properties"'
    ' Target="docProps/core.xml"/></Relationships>'
)
SETTINGS = f"{_HEAD}<w:settings {_NS}><w:evenAndOddHeaders/></w:settings>"


def text_of(said: str) -> str:
    """Return words as XML text."""
    return f'<w:t xml:space="preserve">{escape(said)}</w:t>'


def run(said: str, *, bold: bool = False, colour: str = "", grey: bool = False) -> str:
    """Return a run of words."""
    more = ("<w:b/>" if bold else "") + (f'<w:color w:val="{colour}"/>' if colour else "")
    more += '<w:color w:val="5B6963"/>' if grey and not colour else ""
    properties_ = f"<w:rPr>{more}</w:rPr>" if more else ""
    return f"<w:r>{properties_}{text_of(said)}</w:r>"


def paragraph(runs: Iterable[str], *, style: str = "", more: str = "") -> str:
    """Return a paragraph of a style; `more` is put into its properties."""
    held = (f'<w:pStyle w:val="{style}"/>' if style else "") + more
    return f"<w:p>{f'<w:pPr>{held}</w:pPr>' if held else ''}{''.join(runs)}</w:p>"


def table(
    head: Sequence[str], rows: Sequence[Sequence[tuple[str, bool, bool]]], widths: Sequence[float]
) -> str:
    """Return a real table: head repeated on every page, cells as (text, is a number, bold)."""
    edge = '<w:{0} w:val="single" w:sz="{1}" w:space="0" w:color="{2}"/>'
    borders = "".join(
        edge.format(side, size, colour)
        for side, size, colour in (
            ("top", 8, "000000"), ("bottom", 8, "000000"), ("insideH", 4, "9A9A9A"),
        )
    )  # fmt: skip
    whole = 156 * _MM / sum(widths)
    grid = "".join(f'<w:gridCol w:w="{whole * width:.0f}"/>' for width in widths)
    top = "".join(
        _cell(text, style="TableHead", number=_is_number(rows, n)) for n, text in enumerate(head)
    )
    body = "".join(
        f"<w:tr><w:trPr><w:cantSplit/></w:trPr>{''.join(_cell(t, style='TableText', number=n, bold=b) for t, n, b in row)}</w:tr>"
        for row in rows
    )
    return (
        '<w:tbl><w:tblPr><w:tblW w:w="5000" w:type="pct"/><w:jc w:val="center"/>'
        f"<w:tblBorders>{borders}</w:tblBorders>"
        '<w:tblCellMar><w:left w:w="60" w:type="dxa"/><w:right w:w="60" w:type="dxa"/></w:tblCellMar>'
        f"</w:tblPr><w:tblGrid>{grid}</w:tblGrid>"
        f"<w:tr><w:trPr><w:cantSplit/><w:tblHeader/></w:trPr>{top}</w:tr>{body}</w:tbl>"
    )


def _is_number(rows: Sequence[Sequence[tuple[str, bool, bool]]], n: int) -> bool:
    return bool(rows) and rows[0][n][1]


def _cell(said: str, *, style: str, number: bool, bold: bool = False) -> str:
    more = '<w:jc w:val="right"/>' if number else ""
    inner = paragraph([run(said, bold=bold)], style=style, more=more)
    return f'<w:tc><w:tcPr><w:vAlign w:val="center"/></w:tcPr>{inner}</w:tc>'


def picture(
    number: int, title: str, *, width_mm: float, height_mm: float, svg: str, png: str
) -> str:
    """Return a drawing: the SVG for who knows it, the PNG for who does not (by relationship ids)."""
    cx, cy = round(width_mm * _EMU_MM), round(height_mm * _EMU_MM)
    name = quoteattr(title)
    return (
        '<w:r><w:drawing><wp:inline distT="0" distB="0" distL="0" distR="0">'
        f'<wp:extent cx="{cx}" cy="{cy}"/><wp:docPr id="{number}" name={name} descr={name}/>'
        '<a:graphic><a:graphicData uri="http://schemas.openxmlformats.org/drawingml/2006/picture">'
        f'<pic:pic><pic:nvPicPr><pic:cNvPr id="{number}" name={name}/><pic:cNvPicPr/></pic:nvPicPr>'
        f'<pic:blipFill><a:blip r:embed="{png}"><a:extLst><a:ext uri="{{96DAC541-7B7A-43D3-8B79-37D633B846F1}}">'
        f'<asvg:svgBlip r:embed="{svg}"/></a:ext></a:extLst></a:blip><a:stretch><a:fillRect/></a:stretch></pic:blipFill>'
        f'<pic:spPr><a:xfrm><a:off x="0" y="0"/><a:ext cx="{cx}" cy="{cy}"/></a:xfrm>'
        '<a:prstGeom prst="rect"><a:avLst/></a:prstGeom></pic:spPr></pic:pic>'
        "</a:graphicData></a:graphic></wp:inline></w:drawing></w:r>"
    )


def section_properties() -> str:
    """Return the page: A4, type area 156 × 225 mm, footers on odd and even pages."""
    return (
        f'<w:sectPr><w:footerReference w:type="default" r:id="rFooter1"/>'
        f'<w:footerReference w:type="even" r:id="rFooter2"/>'
        f'<w:pgSz w:w="{210 * _MM:.0f}" w:h="{297 * _MM:.0f}"/>'
        f'<w:pgMar w:top="{37 * _MM:.0f}" w:right="{26 * _MM:.0f}" w:bottom="{35 * _MM:.0f}"'
        f' w:left="{28 * _MM:.0f}" w:header="851" w:footer="{25 * _MM:.0f}" w:gutter="0"/></w:sectPr>'
    )


def footer(side: str) -> str:
    """Return the page number between dashes, one character in from the outer edge."""
    field = (
        '<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText xml:space="preserve"> PAGE </w:instrText></w:r>'
        '<w:r><w:fldChar w:fldCharType="separate"/></w:r><w:r><w:t>1</w:t></w:r><w:r><w:fldChar w:fldCharType="end"/></w:r>'
    )
    inset = "right" if side == "right" else "left"
    more = f'<w:ind w:{inset}Chars="100" w:{inset}="280"/><w:jc w:val="{side}"/>'
    return f"{_HEAD}<w:ftr {_NS}>{paragraph([run('— '), field, run(' —')], style='Footer', more=more)}</w:ftr>"


def properties(*, title: str, issuer: str, day: str, fonts: str) -> str:
    """Return the properties of the document: title, author, day, faces named in it."""
    return (
        f'{_HEAD}<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties"'
        ' xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/"'
        ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
        f"<dc:title>{escape(title)}</dc:title><dc:creator>{escape(issuer)}</dc:creator>"
        f"<dc:description>{escape(fonts)}</dc:description>"
        f'<dcterms:created xsi:type="dcterms:W3CDTF">{day}T00:00:00Z</dcterms:created>'
        f'<dcterms:modified xsi:type="dcterms:W3CDTF">{day}T00:00:00Z</dcterms:modified></cp:coreProperties>'
    )


def styles(faces: dict[str, str]) -> str:
    """Return the styles: 三号仿宋 body at 28.95 pt, 二号小标宋 title, 三号黑体 headings (GB/T 9704-2012)."""
    default, based = ' w:default="1"', '<w:basedOn w:val="Normal"/>'

    def style(name: str, shown: str, face: str, half_points: int, para: str, more: str = "") -> str:
        return (
            f'<w:style w:type="paragraph" w:styleId="{name}"{default if name == "Normal" else ""}>'
            f'<w:name w:val="{shown}"/>{"" if name == "Normal" else based}<w:qFormat/>'
            f"<w:pPr>{para}</w:pPr><w:rPr>"
            f'<w:rFonts w:ascii="Times New Roman" w:hAnsi="Times New Roman" w:eastAsia="{face}"/>{more}'
            f'<w:sz w:val="{half_points}"/><w:szCs w:val="{half_points}"/></w:rPr></w:style>'
        )

    body_line = '<w:spacing w:before="0" w:after="0" w:line="579" w:lineRule="exact"/>'
    free = '<w:spacing w:before="{0}" w:after="{1}" w:line="240" w:lineRule="auto"/>'
    flush = '<w:ind w:firstLineChars="0" w:firstLine="0"/>'
    indent = '<w:ind w:firstLineChars="200" w:firstLine="640"/>'
    rule = '<w:pBdr><w:bottom w:val="single" w:sz="16" w:space="6" w:color="C00000"/></w:pBdr>'
    centre = '<w:jc w:val="center"/>'
    keep = "<w:keepNext/>"
    red = '<w:b/><w:color w:val="C00000"/>'
    return (
        f"{_HEAD}<w:styles {_NS}>"
        + style("Normal", "Normal", faces["body"], 32, body_line + indent + '<w:jc w:val="both"/>')
        + style(
            "Issuer",
            "发文机关标志",
            faces["title"],
            68,
            free.format(240, 480) + flush + centre,
            red,
        )
        + style(
            "Number", "发文字号", faces["body"], 32, rule + free.format(0, 280) + flush + centre
        )
        + style(
            "Title", "Title", faces["title"], 44, free.format(280, 120) + flush + centre, "<w:b/>"
        )
        + style("Dated", "成文日期", faces["kai"], 32, free.format(0, 240) + flush + centre)
        + style(
            "Heading1",
            "heading 1",
            faces["head"],
            32,
            keep + body_line + indent + '<w:outlineLvl w:val="0"/>',
        )
        + style(
            "Caption", "caption", faces["head"], 21, keep + free.format(200, 80) + flush + centre
        )
        + style("TableHead", "表头", faces["head"], 18, free.format(30, 30) + flush)
        + style("TableText", "表文", faces["body"], 19, free.format(30, 30) + flush)
        + style("Figure", "图", faces["body"], 21, free.format(160, 160) + flush + centre)
        + style("Signature", "署名", faces["body"], 32, body_line + flush + '<w:jc w:val="right"/>')
        + style("Note", "附注", faces["body"], 18, free.format(0, 40) + flush)
        + style("Footer", "footer", "宋体", 28, free.format(0, 0) + flush)
        + "</w:styles>"
    )
