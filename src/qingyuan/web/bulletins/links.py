"""Where a bulletin's figures lead: one row per kind of link of `reporting`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from urllib.parse import urlencode

from django.urls import NoReverseMatch, reverse

from qingyuan.reporting import Link

__all__ = ["KINDS", "address_of"]


def _list(route: str) -> Callable[[Mapping[str, str]], str]:
    def address(params: Mapping[str, str]) -> str:
        query = urlencode(params)
        return reverse(route) + (f"?{query}" if query else "")

    return address


def _page(route: str, key: str) -> Callable[[Mapping[str, str]], str]:
    return lambda params: reverse(route, args=[params[key]])


KINDS: Mapping[str, Callable[[Mapping[str, str]], str]] = {
    "sections": _list("sections"),
    "section": _page("section", "code"),
    "stations": _list("stations"),
    "station": _page("station", "code"),
    "alarms": _list("alarms"),
    "alarm": _page("alarm", "ref"),
    "cases": _list("ledger"),
    "case": _page("case", "number"),
}


def address_of(link: Link | None) -> str:
    """Return the address of a link; ``""`` for none."""
    if link is None:
        return ""
    try:
        return KINDS[link.kind](dict(link.params))
    except NoReverseMatch:
        return ""
