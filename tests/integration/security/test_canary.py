"""What nobody outside may read is planted everywhere; the crawl must meet none of it.

product.md §7.2: the one complained of must not learn who complained, nor what is said inside.
"""

from __future__ import annotations

import html
import io
import re
import zipfile
from collections import Counter, deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.http import HttpResponse
from django.test import Client
from django.urls import Resolver404, resolve, reverse
from pypdf import PdfReader

from qingyuan.web.accounts.access import allows, rule_table
from qingyuan.web.accounts.models import User
from qingyuan.web.accounts.scope import role_names

from .test_matrix import ALSO, routes
from .world import OPEN_TO_THE_ENTERPRISE, PHONE, ROUTES_WITHOUT_OBJECTS, World, examples

_LINK = re.compile(
    r"""(?:href|src|action|url|hx-get|data-[\w-]+|"(?:src|card|href|url)")\s*[=:]\s*["'](/[^"'\s]*)"""
)
_MARK = re.compile(r"探针·\w+·[\w.]+·|探针device")
# Without an account, or fictional and there only in tests; the link of an invitation is in no page.
_NOT_CRAWLED = {"health", "sign-in", "favicon", "invitation", "ui-gallery", "ui-gallery-map", "ui-gallery-phone",
                "ui-gallery-live", "ui-gallery-layer", "ui-gallery-card"}  # fmt: skip
_VARIANTS = 3  # query strings of one path


@dataclass
class Crawl:
    """What one person met: text by address, and which routes answered."""

    seen: dict[str, str] = field(default_factory=dict)
    routes: set[str] = field(default_factory=set)
    statuses: Counter[int] = field(default_factory=Counter)


def _text(response: HttpResponse) -> str:
    body = b"".join(response.streaming_content) if response.streaming else response.content
    kind = response.headers.get("Content-Type", "")
    headers = " ".join(f"{k}: {v}" for k, v in response.headers.items())
    if kind.startswith("application/pdf"):
        said = "".join(page.extract_text() for page in PdfReader(io.BytesIO(body)).pages)
    elif "openxmlformats" in kind and zipfile.is_zipfile(io.BytesIO(body)):
        with zipfile.ZipFile(io.BytesIO(body)) as book:
            said = "".join(
                html.unescape(book.read(n).decode()) for n in book.namelist() if n.endswith(".xml")
            )
    elif kind.startswith(("image/", "font/")) or "openxmlformats" in kind:
        said = body.decode("latin-1")
    else:
        said = html.unescape(body.decode())
    if "json" in kind:
        said = said.encode().decode("unicode_escape", "ignore") + said if "\\u" in said else said
    return f"{headers}\n{said}"


def _links(said: str, codes: dict[str, set[str]]) -> Iterator[str]:
    for found in _LINK.findall(said):
        path = found.replace("\\u0026", "&")
        layer = re.search(r"/cards/([a-z]+)/\{id\}", path)
        if layer:
            yield from (path.replace("{id}", code) for code in sorted(codes.get(layer[1], ())))
        elif "{" not in path:
            yield path


def crawl(user: User, *, also: list[str], most: int = 500, language: str = "zh-hans") -> Crawl:
    """Follow everything a page names, from the first page and the pages without arguments on."""
    client, found = Client(), Crawl()
    client.force_login(user)
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = language
    entries = [reverse(n) for n in sorted(ROUTES_WITHOUT_OBJECTS & set(routes()) - _NOT_CRAWLED)]
    waiting = deque(
        [
            *also,
            "/",
            *(
                reverse("map-layer", args=[n])
                for n in ("sections", "outfalls", "enterprises", "cases", "air")
            ),
            *entries,
        ]
    )
    queued, variants, codes = set(waiting), Counter[str](), {}
    while waiting and len(found.seen) < most:
        address = waiting.popleft()
        parts = urlsplit(address)
        try:
            route = resolve(parts.path).view_name
        except Resolver404:
            continue
        if route == "sign-out":
            continue
        response = client.get(address)
        found.statuses[response.status_code] += 1
        said = _text(response)
        found.seen[address] = said
        if response.status_code in (200, 204, 302):
            found.routes.add(route)
        if route == "map-layer":
            layer = parts.path.rsplit("/", 1)[1].removesuffix(".geojson")
            codes[layer] = set(re.findall(r'"code": "([^"]+)"', said))
        onward = [*_links(said, codes), response.headers.get("Location", "")]
        for link in onward:
            wanted = link.partition("#")[0]
            path = urlsplit(wanted).path
            if not wanted.startswith("/") or wanted.startswith("/static/") or wanted in queued:
                continue
            variants[path] += 1
            if variants[path] <= _VARIANTS:
                queued.add(wanted)
                waiting.append(wanted)
    return found


def _own(world: World, side: str, user: User) -> list[str]:
    given = examples(world, getattr(world, side), user)
    return [
        reverse(route, args=args)
        for route, objects in given.items()
        for args in objects
        if route not in _NOT_CRAWLED
    ]


def _coverage(found: Crawl, user: User, world: World) -> tuple[float, set[str]]:
    held = role_names(user, on=world.town.at.date())
    wanted = {n for n in set(routes()) & set(rule_table()) if allows(n, "GET", held)} - _NOT_CRAWLED
    # Rooms say which of their pages are not there for a role that may ask (a branch's own desk).
    wanted -= {n for n, codes in ALSO.items() if 404 in codes} - found.routes
    if not user.notices.exists():
        wanted.discard("notice-open")
    return len(wanted & found.routes) / len(wanted), wanted - found.routes


def _leaks(found: Crawl, forbidden: list[str], allowed: set[str]) -> list[str]:
    hits = []
    for address, answered in found.seen.items():
        said = answered.replace(urlsplit(address).path, "")  # what the page was asked, said back
        hits += [f"{address}: {mark}" for mark in sorted(set(_MARK.findall(said)) - allowed)]
        hits += [f"{address}: {word}" for word in forbidden if word in said]
    return hits


def _told_to_the_enterprise(side: str) -> set[str]:
    return {f"探针·{side}·{deed}.{name}·" for deed, name in OPEN_TO_THE_ENTERPRISE} | {
        f"探针·{side}·enterprise·", f"探针·{side}·title·",
        f"探针·{side}·mark·",  # what the enterprise itself declared of its data
    }  # fmt: skip


STAFF = (
    "东山经办",
    "东山复核",
    "西河经办",
    "西河复核",
    "综合组长",
    "分管局长",
    "主要领导",
    "值班员甲",
    "内部甲",
    "内部乙",
)


@pytest.mark.parametrize(
    ("username", "side", "language"),
    [("ent1", "east", "zh-hans"), ("ent1", "east", "en"), ("rival", "west", "zh-hans")],
)
def test_an_enterprise_learns_nothing_of_the_inside(
    world: World, username: str, side: str, language: str
) -> None:
    user = world.user(username)
    found = crawl(user, also=_own(world, side, user), language=language)
    share, unseen = _coverage(found, user, world)
    words = [*PHONE.values(), *STAFF, "举报", "petition"]
    assert not _leaks(found, words, _told_to_the_enterprise(side))
    assert share >= 0.95, unseen
    assert any(
        f"探针·{side}·push.note·" in said for said in found.seen.values()
    )  # the crawl can see marks


@pytest.mark.parametrize(("username", "other"), [("east1", "west"), ("eastduty", "west")])
def test_an_unrelated_district_learns_nothing(world: World, username: str, other: str) -> None:
    user, side = world.user(username), "east" if other == "west" else "west"
    found = crawl(user, also=_own(world, side, user), most=700)
    share, unseen = _coverage(found, user, world)
    everything = {m for said in found.seen.values() for m in _MARK.findall(said)}
    # The air of every district stands in every bulletin, station by station.
    told = {m for m in everything if f"·{side}·" in m} | {f"探针·{other}·air·"}
    assert not _leaks(found, [PHONE[other]], told)
    assert share >= 0.95, unseen


def test_the_audit_administrator_learns_nothing_of_the_business(world: World) -> None:
    user = world.user("audit1")
    found = crawl(user, also=[reverse("outfall-public", args=[world.east.sign])])
    share, unseen = _coverage(found, user, world)
    print(f"\naudit1: {len(found.seen)} addresses, {share:.0%} of routes, {dict(found.statuses)}")  # noqa: T201 -- as above
    on_the_sign = {"探针·east·enterprise·"}  # who answers for an outfall is public (部令第35号)
    assert not _leaks(found, list(PHONE.values()), on_the_sign)
    assert share >= 0.95, unseen


def test_no_page_shows_a_devices_password_even_to_the_duty_officer(world: World) -> None:
    user = world.user("duty")
    found = crawl(user, also=[], most=120)
    assert not [address for address, said in found.seen.items() if "探针device" in said]
