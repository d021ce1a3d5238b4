"""Guards and ties (条件与关系): named, pure, one line each.

A *guard* asks the case's facts whether a deed makes sense now; a *tie* asks whether the actor is
bound to the case as the deed wants. A procedure names them; it cannot write expressions.
Each has its sentence in ``messages.toml`` as ``casework.guard_<name>`` / ``casework.tie_<name>``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from qingyuan.casework.facts import Actor, Facts

__all__ = ["GUARDS", "TIES"]

GUARDS: Mapping[str, Callable[[Facts], bool]] = MappingProxyType(
    {
        "has_enterprise": lambda facts: facts.enterprise is not None,
        "no_enterprise": lambda facts: facts.enterprise is None,
        "has_problems": lambda facts: facts.problems > 0,
        "no_problems": lambda facts: facts.problems == 0,
        "problems_settled": lambda facts: facts.problems_open == 0,
        "extension_asked": lambda facts: facts.extension_asked is not None,
        "no_extension_asked": lambda facts: facts.extension_asked is None,
        "clocks_running": lambda facts: "paused" not in facts.clocks.values(),
    }
)

TIES: Mapping[str, Callable[[Facts, Actor], bool]] = MappingProxyType(
    {
        "responsible_unit": lambda facts, actor: (
            facts.unit is not None and facts.unit in actor.units
        ),
        "responsible_person": lambda facts, actor: facts.person == actor.id,
        "the_enterprise": lambda facts, actor: (
            facts.enterprise is not None and facts.enterprise == actor.enterprise
        ),
    }
)
