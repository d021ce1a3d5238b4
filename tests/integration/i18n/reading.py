"""What a person or a screen reader gets from an answer, apart from what says it is Chinese."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any

__all__ = ["CHINESE", "links_of", "texts_of"]

CHINESE = re.compile(r"[㐀-䶿一-鿿]")
_VOID = frozenset(
    [
        "area",
        "base",
        "br",
        "col",
        "embed",
        "hr",
        "img",
        "input",
        "link",
        "meta",
        "source",
        "track",
        "wbr",
    ]
)
_SAID = frozenset(
    {
        "title",
        "aria-label",
        "placeholder",
        "alt",
        "content",
        "data-label",
        "data-say",
        "data-confirm",
    }
)


class _Reader(HTMLParser):
    """Collect texts and links; an element in ``lang="zh…"`` is data and is passed over."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []
        self.links: list[str] = []
        self._open: list[tuple[str, bool]] = []

    @property
    def _is_chinese(self) -> bool:
        return bool(self._open) and self._open[-1][1]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        lang = given.get("lang")
        chinese = self._is_chinese if lang is None else lang.startswith("zh")
        if not chinese:
            self.texts += [given[name] for name in _SAID & given.keys()]
            if tag == "input" and given.get("type") in ("submit", "button"):
                self.texts.append(given.get("value", ""))
        if tag == "a" and "href" in given:
            self.links.append(given["href"])
        if tag not in _VOID:
            self._open.append((tag, chinese))

    def handle_endtag(self, tag: str) -> None:
        while self._open:
            if self._open.pop()[0] == tag:
                return

    def handle_data(self, data: str) -> None:
        tag = self._open[-1][0] if self._open else ""
        if tag in ("style", "textarea") or self._is_chinese:
            return
        self.texts += strings_in(json.loads(data)) if tag == "script" else [data]


def strings_in(value: Any) -> Iterator[str]:
    """Yield every text of a JSON value, its names apart."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from strings_in(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from strings_in(inner)


def _read(html: str) -> _Reader:
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return reader


def texts_of(body: str, kind: str) -> list[str]:
    """Return the texts of a page, a fragment or a JSON answer that should be English."""
    return list(strings_in(json.loads(body))) if "json" in kind else _read(body).texts


def links_of(html: str) -> list[str]:
    """Return the addresses a page links to."""
    return _read(html).links
