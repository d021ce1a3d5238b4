"""Effects (动作的后果): what the platform does when a procedure names it.

A procedure declares effects by name only; each is one function here. A test holds the two sets
equal. An effect runs inside the deed's transaction, before the case is saved.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from qingyuan.web.cases.effects.assign import assign_responsible, release_responsible
from qingyuan.web.cases.effects.context import Doing
from qingyuan.web.cases.effects.enterprise import link_enterprise
from qingyuan.web.cases.effects.extend import ask_extension, settle_extension
from qingyuan.web.cases.effects.notify import notify
from qingyuan.web.cases.effects.problems import (
    list_problems,
    push_problems,
    reopen_problems,
    settle_problems,
)
from qingyuan.web.cases.effects.rounds import new_round
from qingyuan.web.cases.effects.signoff import clear_signoffs, record_signoff

__all__ = ["EFFECTS", "Doing"]

EFFECTS: Mapping[str, Callable[[Doing, Mapping[str, str]], None]] = MappingProxyType(
    {
        "ask_extension": ask_extension,
        "assign_responsible": assign_responsible,
        "clear_signoffs": clear_signoffs,
        "link_enterprise": link_enterprise,
        "list_problems": list_problems,
        "new_round": new_round,
        "notify": notify,
        "push_problems": push_problems,
        "record_signoff": record_signoff,
        "release_responsible": release_responsible,
        "reopen_problems": reopen_problems,
        "settle_extension": settle_extension,
        "settle_problems": settle_problems,
    }
)
