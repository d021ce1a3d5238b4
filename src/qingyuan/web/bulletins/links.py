"""Where a bulletin's figures lead: one row per kind of link of `reporting`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from urllib.parse import urlencode

from django.urls import reverse

from qingyuan.reporting import Link
from qingyuan.web.bulletins.models import Bulletin

__all__ = ["KINDS", "address_of"]

Params = Mapping[str, str]


def _rows(part: str) -> Callable[[Bulletin, Params], str]:
    """Figures of the day lead to the bulletin's own rows, frozen as they were."""

    def address(bulletin: Bulletin, params: Params) -> str:
        return f"{reverse('bulletin-rows', args=[bulletin.pk, part])}?{urlencode(params)}"

    return address


def _list(route: str) -> Callable[[Bulletin, Params], str]:
    def address(_: Bulletin, params: Params) -> str:
        return reverse(route) + (f"?{urlencode(params)}" if params else "")

    return address


def _page(route: str, key: str) -> Callable[[Bulletin, Params], str]:
    return lambda _, params: reverse(route, args=[params[key]])


KINDS: Mapping[str, Callable[[Bulletin, Params], str]] = {
    "sections": _rows("water"),
    "stations": _rows("air"),
    "alarms": _rows("alarms"),
    "section": _page("section", "code"),
    "station": lambda bulletin, params: (
        f"{reverse('bulletin-rows', args=[bulletin.pk, 'air'])}?{urlencode(params)}"
    ),
    "alarm": _page("signal", "ref"),
    "cases": _list("ledger"),
    "case": _page("case", "number"),
}


def address_of(link: Link | None, bulletin: Bulletin) -> str:
    """Return the address of a link; ``""`` for none."""
    return KINDS[link.kind](bulletin, dict(link.params)) if link else ""
