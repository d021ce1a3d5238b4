"""Where a bulletin's figures lead: one row per kind of link of `reporting`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from urllib.parse import urlencode

from django.urls import NoReverseMatch, reverse

from qingyuan.reporting import Link
from qingyuan.web.bulletins.models import Bulletin

__all__ = ["KINDS", "address_of"]

Params = Mapping[str, str]


def _rows(bulletin: Bulletin, params: Params) -> str:
    """Figures lead to the bulletin's own rows, frozen as they were."""
    address = reverse("bulletin-rows", args=[bulletin.pk, params["table"]])
    return f"{address}?{urlencode({'tag': params['tag']})}" if params.get("tag") else address


def _page(route: str, key: str) -> Callable[[Bulletin, Params], str]:
    return lambda _, params: reverse(route, args=[params[key]])


def _air_rows(bulletin: Bulletin, params: Params) -> str:
    """Lead a station or a district to the bulletin's own table of air."""
    return reverse("bulletin-rows", args=[bulletin.pk, "air"])


KINDS: Mapping[str, Callable[[Bulletin, Params], str]] = {
    "rows": _rows,
    "section": _page("section", "code"),
    "station": _air_rows,
    "district_air": _air_rows,
    "alarm": _page("signal", "ref"),
    "case": _page("case", "number"),
    "spot": _page("hotspot", "ref"),
}


def address_of(link: Link | None, bulletin: Bulletin) -> str:
    """Return the address of a link; ``""`` for none and for what has no page here."""
    if link is None or link.kind not in KINDS:
        return ""
    try:
        return KINDS[link.kind](bulletin, dict(link.params))
    except NoReverseMatch:  # a name in old data that no address can hold
        return ""
