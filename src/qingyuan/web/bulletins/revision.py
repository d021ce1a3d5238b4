"""The text as it stands (现稿): the frozen content with its edits laid over it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from qingyuan.core.problems import Problem
from qingyuan.reporting import Document, Paragraph, Section, Text
from qingyuan.web.bulletins.models import Bulletin, Edit

__all__ = ["edited", "reworded"]


def edited(bulletin: Bulletin) -> Document:
    """Return the bulletin's document with its edits; what was taken out is an empty sentence."""
    document = Document.from_dict(bulletin.content)
    made: Iterable[Edit] = sorted(bulletin.edits.all(), key=lambda e: e.pk)
    for edit in made:
        sections = list(document.sections)
        sections[edit.section] = _over(sections[edit.section], edit)
        document = replace(document, sections=tuple(sections))
    return document


def _over(section: Section, edit: Edit) -> Section:
    said = list(section.paragraphs)
    old = said[edit.paragraph] if edit.paragraph < len(said) else Paragraph(())
    new = reworded(old, edit.new) if edit.new else Paragraph(())
    said[edit.paragraph : edit.paragraph + 1] = [new]
    return replace(section, paragraphs=tuple(said))


def reworded(old: Paragraph, words: str) -> Paragraph:
    """Return the new words with the old figures still opening their rows.

    Raises
    ------
    Problem
        ``bulletins.figure_changed`` naming the first figure that is missing.
    """
    runs: list[Text] = []
    rest = words
    for run in old.runs:
        if run.link is None:
            continue
        before, found, after = rest.partition(run.text)
        if not found:
            raise Problem("bulletins.figure_changed", figure=run.text)
        runs += [Text(before)] if before else []
        runs.append(run)
        rest = after
    return Paragraph((*runs, *([Text(rest)] if rest else [])))
