"""Reporting (通报编写): what a bulletin says, before anybody decides how it is printed.

Room: figures, tables and sentences of bulletins from facts given as values.
Knows: how a daily reminder is composed, and that its totals agree.
Never knows: file formats, databases, addresses of pages, today's date.
Sources: requirements R156–R157; visual.md "Documents"; 环办〔2011〕22号 (wording of classes).
"""

from qingyuan.reporting.daily import (
    CLASSES,
    AirDay,
    AlarmLine,
    CaseLine,
    DailyFacts,
    SectionDay,
    daily_reminder,
)
from qingyuan.reporting.document import Cell, Document, Link, Paragraph, Section, Table, Text

__all__ = [
    "CLASSES",
    "AirDay",
    "AlarmLine",
    "CaseLine",
    "Cell",
    "DailyFacts",
    "Document",
    "Link",
    "Paragraph",
    "Section",
    "SectionDay",
    "Table",
    "Text",
    "daily_reminder",
]
