"""Every route × role × whose object it is: the table and the scope decide, nothing else does."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import product

import pytest
from django.conf import settings
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from qingyuan.web.accounts.access import allows, rule_table
from qingyuan.web.accounts.models import User
from qingyuan.web.accounts.scope import role_names

from .rooms import ROOMS
from .world import ROUTES_WITHOUT_OBJECTS, World, examples

# username, the side that is its own ("" — the whole city or none of it)
ACTORS = [
    ("duty", ""), ("head", ""), ("vice", ""), ("boss", ""),
    ("east1", "east"), ("west1", "west"), ("eastduty", "east"), ("ent1", "east"), ("rival", "west"),
    ("admin1", ""), ("secure1", ""), ("audit1", ""),
]  # fmt: skip
# Routes whose object belongs to a district or an enterprise; the others have no foreign object.
SCOPED = {name for name, rule in rule_table().items() if rule.scope in ("district", "enterprise")}
SCOPED -= {
    "map-layer",
    "bulletin-register",
}  # the argument is a name; the rows are the crawl's matter
# What the table grants and the page refuses for another reason, which its own test looks at.
ALSO = {"api-observations": {401}, "bulletin-slips": {404}}  # no token; nothing to print today
ALSO |= {route: codes for room in ROOMS for route, codes in getattr(room, "ALSO", {}).items()}
WHOLE_CITY = {"trace-folder"}  # it holds every outfall: not for one district
ANSWERED, NOT_THERE = frozenset({200, 204, 302, 422}), frozenset({404})


def routes(patterns: list[URLPattern | URLResolver] | None = None) -> Iterator[str]:
    """Yield every route name of the resolver."""
    for pattern in patterns if patterns is not None else get_resolver().url_patterns:
        if isinstance(pattern, URLResolver):
            yield from routes(pattern.url_patterns)
        else:
            yield pattern.name or str(pattern.pattern)


def _session(user: User) -> str:
    """Return the cookie of a person who signed in."""
    client = Client()
    client.force_login(user)
    return client.cookies[settings.SESSION_COOKIE_NAME].value


def _answer(session: str, method: str, address: str) -> int:
    """Return the status of one request; what it did is undone, also a sign-out."""
    client = Client(raise_request_exception=False)
    client.cookies[settings.SESSION_COOKIE_NAME] = session
    with transaction.atomic():
        response = client.generic(method, address, content_type="application/x-www-form-urlencoded")
        transaction.set_rollback(True)
    if response.streaming:
        list(response.streaming_content)  # read to its end, a file closes itself
    return response.status_code


def test_every_route_has_example_objects(world: World) -> None:
    known = set(examples(world, world.east, world.user("duty"))) | ROUTES_WITHOUT_OBJECTS
    missing = sorted(set(routes()) - known)
    assert not missing, (
        f"{missing}: give each an own object in examples() or name it in ROUTES_WITHOUT_OBJECTS (tests/integration/security/world.py)"
    )


def _expected(
    world: World, username: str, own: str
) -> Iterator[tuple[str, str, tuple[object, ...], frozenset[int], str]]:
    """Yield route, method, arguments, the statuses that are right, and which rule says so."""
    user = world.user(username)
    held = role_names(user, on=world.town.at.date())
    side = world.west if own == "west" else world.east
    other = world.other(side)
    mine, foreign = examples(world, side, user), examples(world, other, world.user("duty"))
    methods = ("GET", "POST", "DELETE", "PUT") if username == "duty" else ("GET", "POST")
    for route, method in product(sorted(set(routes())), methods):
        objects = [()] if route in ROUTES_WITHOUT_OBJECTS else mine[route]
        if not allows(route, method, held):
            yield from ((route, method, args, NOT_THERE, "role") for args in objects[:1])
            continue
        right = NOT_THERE if own and route in WHOLE_CITY else ANSWERED | ALSO.get(route, set())
        yield from ((route, method, args, right, "own") for args in objects)
        if own and route in SCOPED and route not in ROUTES_WITHOUT_OBJECTS:
            yield from ((route, method, args, NOT_THERE, "foreign") for args in foreign[route])
    # A key of the other side under a number of one's own opens nothing.
    number = side.cases["submitted"].number
    keys = other.files(of_enterprise=False)[:3] + other.files(of_enterprise=True)[:3]
    if "enterprise" in held:
        keys += side.files(of_enterprise=False)
    if own:
        route = "my-case-file" if "enterprise" in held else "case-file"
        yield from ((route, "GET", (number, key), NOT_THERE, "foreign") for _, key in keys)


def test_route_by_role_by_scope(world: World, subtests: pytest.Subtests) -> None:
    everything: Counter[str] = Counter()
    for username, own in ACTORS:
        checked: Counter[str] = Counter()
        session = _session(world.user(username))
        with subtests.test(username=username, own=own or "全市"):
            wrong = []
            for route, method, args, right, rule in _expected(world, username, own):
                status = _answer(session, method, reverse(route, args=args))
                checked[rule] += 1
                if status not in right:
                    wrong.append(f"{method} {route} {args}: {status}, {rule}")
            assert not wrong, "\n".join(wrong)
            assert min(checked["own"], checked["role"]) > 0
            assert not own or checked["foreign"] >= 10
        everything += checked
    print(f"\n{len(set(routes()))} routes, {len(ACTORS)} people: {dict(everything)}")  # noqa: T201 -- the figure, with -s
    assert everything.total() > 2 * len(ACTORS) * len(set(routes()))


def test_an_enterprise_sees_no_case_before_the_push(world: World) -> None:
    session = _session(world.user("ent1"))
    for name in ("registered", "signed"):
        assert (
            _answer(session, "GET", reverse("my-case", args=[world.east.cases[name].number])) == 404
        )


def test_another_persons_message_is_not_there(world: World) -> None:
    theirs = examples(world, world.west, world.user("west1"))["notice-open"]
    assert theirs
    session = _session(world.user("east1"))
    for args in theirs:
        assert _answer(session, "GET", reverse("notice-open", args=args)) == 404
