"""Odd words in a query are answered, never a fault of ours."""

from __future__ import annotations

from urllib.parse import quote

from django.conf import settings
from django.db import transaction
from django.test import Client
from django.urls import reverse

from .test_matrix import _session, routes
from .world import ROUTES_WITHOUT_OBJECTS, World, examples

NAMES = """q text page state ledger sort size district matter person enterprise section overdue opened concluded kind level
 object_kind station factor hours class mn reason at round since unread code water_class over deed original online permit""".split()  # noqa: SIM905 -- a list of words
VALUES = [
    "0001-01-01",
    "9999-12-31",
    "²",
    "0001-01-01T00:00:00+14:00",
    "-1",
    "9" * 30,
    "' OR 1=1 --",
    "x" * 3000,
    "\u202e𠮷",
    "9999-12-31T23:59:59-12:00",
]


def test_no_query_breaks_a_page(world: World) -> None:
    user = world.user("duty")
    client = Client(raise_request_exception=False)
    client.cookies[settings.SESSION_COOKIE_NAME] = _session(user)
    given = examples(world, world.east, user)
    addresses = [
        reverse(n)
        for n in sorted(ROUTES_WITHOUT_OBJECTS & set(routes()))
        if not n.startswith("ui-")
    ]
    addresses += [
        reverse(n, args=objects[0])
        for n, objects in given.items()
        if objects and n in set(routes()) and not n.startswith(("ui-", "bulletin-pdf"))
    ]
    broken = []
    for address in addresses:
        for value in VALUES:
            query = "&".join(f"{name}={quote(value)}" for name in NAMES)
            with transaction.atomic():
                response = client.get(f"{address}?{query}")
                transaction.set_rollback(True)
            if response.streaming:
                list(response.streaming_content)
            if response.status_code >= 500:
                broken.append(
                    f"{address} {value[:30]!r}: {type(response.exc_info[1]).__name__ if response.exc_info else ''} {response.exc_info[1] if response.exc_info else ''}"[
                        :200
                    ]
                )
    assert not broken, "\n".join(broken)
