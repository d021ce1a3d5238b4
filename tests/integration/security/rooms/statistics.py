"""Statistics and the ledger's own forms: nothing of theirs has an owner, but a leader's page has."""

from __future__ import annotations

from typing import Any

from qingyuan.web.accounts.models import User

ROUTES_WITHOUT_OBJECTS = {"statistics", "leader", "ledger-views", "ledger-columns", "ledger-batch"}
ALSO = {"leader-items": {404}, "ledger-views": {409}}  # who owns nothing in one's own district
_LEADER = {"east": "duty", "west": "boss"}


def build(world: Any) -> None:
    """Make nothing: the pages count what the other rooms made."""


def examples(world: Any, side: Any, user: User) -> dict[str, list[tuple[object, ...]]]:
    """Name the leader who owns cases of the side."""
    return {"leader-items": [(_LEADER[side.name],)]}
