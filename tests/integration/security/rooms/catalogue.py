"""The catalogue: nothing in it has an owner; it counts what others made."""

from __future__ import annotations

from typing import Any

from qingyuan.web.accounts.models import User

ROUTES_WITHOUT_OBJECTS = {"catalogue"}


def build(world: Any) -> None:
    """Make nothing: the pages count what the other rooms made."""


def examples(world: Any, side: Any, user: User) -> dict[str, list[tuple[object, ...]]]:
    """Name one data set of each kind."""
    return {"catalogue-set": [("observations",), ("journal",), ("enterprises",)]}
