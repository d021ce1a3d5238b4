"""Wording (措辞): sentences of bulletins in Chinese and English, from one table of phrases.

A phrase holds whole sentences with named places; what is set into a place may be a figure that
opens its rows. Nothing is glued together outside the table except lists.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files

from qingyuan.reporting.document import Cell, Link, Paragraph, Text

__all__ = ["LANGUAGES", "Words", "phrases"]

LANGUAGES = ("zh", "en")
_PLACE = re.compile(r"\{(\w+)\}")
_NUMERALS = "〇一二三四五六七八九十"
_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
)  # fmt: skip

Runs = Sequence[Text]


@cache
def phrases() -> Mapping[str, Mapping[str, str]]:
    """Return the table of phrases by key."""
    text = files(__package__).joinpath("phrases.toml").read_text("utf-8")
    flat: dict[str, Mapping[str, str]] = {}
    for group, held in tomllib.loads(text).items():
        flat |= {f"{group}.{key}": row for key, row in held.items()}
    return flat


@dataclass(frozen=True, slots=True)
class Words:
    """The phrases of one language."""

    language: str = "zh"

    def __call__(self, key: str, **given: object) -> str:
        """Return a phrase with plain values in its places."""
        return _PLACE.sub(lambda m: str(given[m.group(1)]), self._phrase(key))

    def _phrase(self, key: str) -> str:
        return phrases()[key][self.language]

    def runs(self, key: str, **given: str | Text | Runs) -> tuple[Text, ...]:
        """Return a phrase as runs; places may hold words, a figure, or several runs."""
        made: list[Text] = []
        for index, part in enumerate(_PLACE.split(self._phrase(key))):
            value: str | Text | Runs = given[part] if index % 2 else part
            if isinstance(value, str):
                made += [Text(value)] if value else []
            else:
                made += [value] if isinstance(value, Text) else list(value)
        return tuple(made)

    def sentence(self, key: str, **given: str | Text | Runs) -> Paragraph:
        """Return a phrase as a paragraph."""
        return Paragraph(self.runs(key, **given))

    def listed(self, parts: Iterable[str | Text | Runs], *, by: str = "list.comma") -> Runs:
        """Return parts with the language's comma between them."""
        made: list[Text] = []
        for part in parts:
            if made:
                made.append(Text(self(by)))
            if isinstance(part, str):
                made.append(Text(part))
            else:
                made += [part] if isinstance(part, Text) else list(part)
        return made

    def joined(self, parts: Iterable[str]) -> str:
        """Return words with 、 or a comma between them."""
        return self("list.and").join(parts)

    def count(self, number: int, unit: str, link: Link | None) -> Text:
        """Return a figure with its measure word: 24个, 24 sections."""
        one, _, many = self(f"unit.{unit}").partition("/")
        gap = " " if self.language == "en" else ""
        return Text(f"{number}{gap}{(one if number == 1 else many) or one}", link, strong=True)

    def name(self, zh: str, en: str = "") -> str:
        """Return a place's name in this language; the Chinese one when there is no other."""
        return en if self.language == "en" and en else zh

    def heading(self, index: int, key: str) -> str:
        """Return a numbered heading: 一、水环境 · 1. Water."""
        title = self(key)
        if self.language == "en":
            return f"{index}. {title}"
        tens, ones = divmod(index, 10)
        numeral = (
            _NUMERALS[index] if index <= 10 else f"十{_NUMERALS[ones]}" if tens == 1 else str(index)
        )
        return f"{numeral}、{title}"

    def day(self, day: date) -> str:
        """Return a date as it is printed."""
        if self.language == "en":
            return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"
        return f"{day.year}年{day.month}月{day.day}日"

    def signed(self, day: date | None) -> str:
        """Return the date beneath a document; what is not signed says so."""
        return self("word.not_signed") if day is None else self.day(day)

    def span(self, first: date, last: date) -> str:
        """Return a span of days as it is printed."""
        if first == last:
            return self.day(first)
        if self.language == "en":
            return f"{self.day(first)} to {self.day(last)}"
        end = f"{last.month}月{last.day}日" if first.year == last.year else self.day(last)
        return f"{self.day(first)}至{end}"

    def month(self, day: date) -> str:
        """Return a month as it is printed."""
        if self.language == "en":
            return f"{_MONTHS[day.month - 1]} {day.year}"
        return f"{day.year}年{day.month}月"

    def head(self, *keys: str) -> tuple[str, ...]:
        """Return the head of a table."""
        return tuple(self(f"head.{key}") for key in keys)

    def cell(self, text: str | None) -> Cell:
        """Return a cell of words; what is missing is said."""
        return Cell(text or self("word.none"))
