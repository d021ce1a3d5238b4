"""From a document to its PDF (typst), with the fonts of this machine."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date
from functools import cache
from pathlib import Path

import typst

from qingyuan.core.problems import Problem
from qingyuan.reporting import Document, Words
from qingyuan.web.printing.pictures import chart_svg
from qingyuan.web.printing.widths import widths_of

__all__ = ["FACES", "drawn_parts", "faces", "pdf_of", "slips_pdf"]

_LAYOUT = Path(__file__).with_name("document.typ")
# 法定字体在前，随后是开放字体；取第一个装有的。the official faces first, then open ones
FACES: Mapping[str, tuple[str, ...]] = {
    "title": ("FZXiaoBiaoSong-B05S", "方正小标宋简体", "Noto Serif CJK SC", "Source Han Serif SC", "WenQuanYi Zen Hei"),
    "body": ("FangSong", "FangSong_GB2312", "STFangsong", "Noto Serif CJK SC", "Source Han Serif SC", "WenQuanYi Zen Hei"),
    "head": ("SimHei", "Noto Sans CJK SC", "Source Han Sans SC", "WenQuanYi Zen Hei"),
    "kai": ("KaiTi", "KaiTi_GB2312", "STKaiti", "Noto Serif CJK SC", "WenQuanYi Zen Hei"),
}  # fmt: skip


@cache
def _installed() -> frozenset[str]:
    return frozenset(typst.Fonts().families())


@cache
def faces() -> Mapping[str, str]:
    """Return the face used for each part on this machine: the first of its list that is installed."""
    return {
        part: next((name for name in names if name in _installed()), names[-1])
        for part, names in FACES.items()
    }


def pdf_of(document: Document, *, day: date, signed_on: date | None = None) -> bytes:
    """Return the PDF of a bulletin; `signed_on` is the date beneath it, none for a draft.

    Raises
    ------
    Problem
        ``printing.not_printed`` when the typesetter refuses, with its reason.
    """
    return _typeset([document], day, style="bulletin", signed_on=signed_on)


def slips_pdf(slips: Sequence[Document], *, day: date) -> bytes:
    """Return many slips as one PDF, each on its own page.

    Raises
    ------
    Problem
        ``printing.not_printed`` when the typesetter refuses, with its reason.
    """
    return _typeset(slips, day, style="slips", signed_on=day)


def _typeset(
    documents: Sequence[Document], day: date, *, style: str, signed_on: date | None
) -> bytes:
    given = {
        "style": style,
        "faces": dict(faces()),
        "documents": [_drawn(document, signed_on) for document in documents],
    }
    inputs = {
        "given": json.dumps(given, ensure_ascii=False),
        "day": day.isoformat(),  # the document's date, so that the same content prints the same bytes
    }
    try:
        return bytes(typst.compile(str(_LAYOUT), sys_inputs=inputs, pdf_standards="a-2b"))
    except typst.TypstError as error:
        raise Problem("printing.not_printed", reason=str(error).splitlines()[0][:200]) from error


def drawn_parts(document: Document) -> list[dict[str, object]]:
    """Return the printed parts as the layouts read them, charts as drawings."""
    return [
        {
            "heading": section.heading,
            "paragraphs": [
                [{"text": run.text, "strong": run.strong} for run in p.runs]
                for p in section.paragraphs
                if p.runs
            ],
            "tables": [{**asdict(table), "widths": widths_of(table)} for table in section.tables],
            "charts": [chart_svg(chart) for chart in section.charts],
        }
        for section in document.sections
    ]


def _drawn(document: Document, signed_on: date | None) -> dict[str, object]:
    """Return what the layout needs."""
    return {
        "title": document.title,
        "number": document.number,
        "issuer": document.issuer,
        "dated": document.dated,
        "signed": Words(document.language).signed(signed_on),
        "addressee": document.addressee,
        "language": document.language,
        "footnotes": document.footnotes,
        "sections": drawn_parts(document),
    }
