"""Effects (动作的后果): what the platform does when a procedure names it.

A procedure declares effects by name only; each is one function. Those of every loop stand here, an
app of a family registers its own; the table of effects names them all, and a test holds the two
equal. An effect runs inside the deed's transaction, before the case is saved.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from qingyuan.web.cases.effects.assign import assign_responsible, release_responsible
from qingyuan.web.cases.effects.context import Doing
from qingyuan.web.cases.effects.enterprise import link_enterprise
from qingyuan.web.cases.effects.extend import ask_extension, settle_extension
from qingyuan.web.cases.effects.finding import mark_immediate, record_finding
from qingyuan.web.cases.effects.merge import merge
from qingyuan.web.cases.effects.notify import notify
from qingyuan.web.cases.effects.parts import add_parts, report_part, return_part, sign_part
from qingyuan.web.cases.effects.problems import (
    list_problems,
    push_problems,
    reopen_problems,
    settle_problems,
)
from qingyuan.web.cases.effects.results import know_discoverer, return_result
from qingyuan.web.cases.effects.rounds import new_round
from qingyuan.web.cases.effects.signoff import clear_signoffs, record_signoff

__all__ = ["EFFECTS", "REVERSIBLE", "Doing", "know_discoverer", "register"]

Function = Callable[[Doing, Mapping[str, str]], None]
_known: dict[str, Function] = {
    "add_parts": add_parts,
    "ask_extension": ask_extension,
    "assign_responsible": assign_responsible,
    "clear_signoffs": clear_signoffs,
    "link_enterprise": link_enterprise,
    "list_problems": list_problems,
    "mark_immediate": mark_immediate,
    "merge": merge,
    "new_round": new_round,
    "notify": notify,
    "push_problems": push_problems,
    "record_finding": record_finding,
    "record_signoff": record_signoff,
    "release_responsible": release_responsible,
    "reopen_problems": reopen_problems,
    "report_part": report_part,
    "return_part": return_part,
    "return_result": return_result,
    "settle_extension": settle_extension,
    "settle_problems": settle_problems,
    "sign_part": sign_part,
}
EFFECTS: Mapping[str, Function] = MappingProxyType(_known)
"""Every effect the platform implements, those registered by the families included."""

REVERSIBLE = frozenset(_known) - {"merge", "return_result"}
"""Effects that change the case's own rows only, so that a deed with them can be taken back."""


def register(name: str, function: Function) -> None:
    """Let a family's app implement an effect its procedures name (in ``AppConfig.ready``).

    Parameters
    ----------
    name : str
        As the table of effects lists it.
    function : callable
        ``function(doing, params)``; runs in the deed's transaction, and may raise a `Problem`.
    """
    if _known.setdefault(name, function) is not function:
        raise ValueError(f"effect {name} is implemented already")
