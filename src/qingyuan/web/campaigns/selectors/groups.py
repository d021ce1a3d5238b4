"""Groups whose members can be sent out as a team (专班); the app that keeps them registers here."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from qingyuan.web.accounts.models import User

__all__ = ["know_groups", "standing_groups"]

Groups = Callable[[date], dict[str, list[User]]]
_known: list[Groups] = []


def know_groups(function: Groups) -> None:
    """Let the app of groups above offer them: ``function(day)`` gives name → members that day."""
    _known.append(function)


def standing_groups(on: date) -> dict[str, list[User]]:
    """Return the groups that stand on a day, each with who serves in it then."""
    return {name: people for known in _known for name, people in known(on).items()}
