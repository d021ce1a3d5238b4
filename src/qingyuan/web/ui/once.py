"""What one page asks once (一页一问): the same question from ten places is put to the database once.

Only while a page is read (GET, HEAD): a deed must see what it has just written, and a job or a
command has no page. Nothing outlives the page, so nothing can be stale or another person's.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TypeVar, cast

__all__ = ["once", "one_page"]

T = TypeVar("T")
_page: ContextVar[dict[Hashable, object] | None] = ContextVar("one_page", default=None)


@contextmanager
def one_page() -> Iterator[None]:
    """Keep answers while the block runs; inside another page's block it is that page's."""
    token = _page.set({}) if _page.get() is None else None
    try:
        yield
    finally:
        if token is not None:
            _page.reset(token)


def once(key: Hashable, make: Callable[[], T]) -> T:
    """Return what *make* answers, asked once a page; outside a page it is asked each time."""
    held = _page.get()
    if held is None:
        return make()
    if key not in held:
        held[key] = make()
    return cast(T, held[key])
