"""From a document to its PDF (typst), with the fonts of this machine."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import typst

from qingyuan.core.problems import Problem
from qingyuan.reporting import Document

__all__ = ["pdf_of"]

_LAYOUT = Path(__file__).with_name("daily.typ")


def pdf_of(document: Document, *, day: date) -> bytes:
    """Return the PDF of a bulletin.

    Raises
    ------
    Problem
        ``bulletins.not_printed`` when the typesetter refuses, with its reason.
    """
    inputs = {
        "document": json.dumps(document.as_dict(), ensure_ascii=False),
        "day": day.isoformat(),  # the document's date, so that the same content prints the same bytes
    }
    try:
        return bytes(typst.compile(str(_LAYOUT), sys_inputs=inputs, pdf_standards="a-2b"))
    except typst.TypstError as error:
        raise Problem("bulletins.not_printed", reason=str(error).splitlines()[0][:200]) from error
