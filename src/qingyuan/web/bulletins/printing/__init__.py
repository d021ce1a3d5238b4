"""From a document to files (排版): PDF by typst, an editable docx, pictures of charts."""

from qingyuan.web.bulletins.printing.docx import docx_of
from qingyuan.web.bulletins.printing.pdf import faces, pdf_of, slips_pdf
from qingyuan.web.bulletins.printing.pictures import chart_png, chart_svg

__all__ = ["chart_png", "chart_svg", "docx_of", "faces", "pdf_of", "slips_pdf"]
