"""From a document to files (排版): PDF by typst, an editable docx, pictures of charts.

Room: how a `reporting.Document` looks on paper; fonts, page, tables, drawings.
Knows: the content model, the official colours.
Never knows: what a document is about, who may read it, where it is kept.
Sources: GB/T 9704-2012 党政机关公文格式.
"""

from qingyuan.web.printing.book import Book, Photo, book_pdf
from qingyuan.web.printing.docx import docx_of
from qingyuan.web.printing.pdf import faces, pdf_of, slips_pdf
from qingyuan.web.printing.pictures import chart_png, chart_svg

__all__ = [
    "Book",
    "Photo",
    "book_pdf",
    "chart_png",
    "chart_svg",
    "docx_of",
    "faces",
    "pdf_of",
    "slips_pdf",
]
