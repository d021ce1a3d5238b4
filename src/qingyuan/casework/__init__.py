"""Casework rules (办案规则).

Room: procedures as versioned data, deeds, guards, clocks, ledgers, and their interpreter.
Knows: what may be done to a case in a given state, by whom, with what evidence, and by when.
Never knows: databases, users, web pages, today's date.
Sources: the documents named in docs/zh/reference/sources.md, casework section.
"""

from qingyuan.casework.check import check
from qingyuan.casework.decide import (
    Actor,
    ClockEffect,
    Facts,
    Need,
    Step,
    decide,
    legal_deeds,
    missing,
)
from qingyuan.casework.diagram import mermaid
from qingyuan.casework.facts import ClockState
from qingyuan.casework.guards import GUARDS, TIES
from qingyuan.casework.load import load, shipped
from qingyuan.casework.model import (
    STAY,
    Chain,
    ClockRule,
    Deed,
    Effect,
    Field,
    Label,
    Ledger,
    Phase,
    Procedure,
    Requirement,
    State,
    Warn,
)
from qingyuan.casework.problems import Refusal, joined
from qingyuan.casework.simulate import Move, play
from qingyuan.casework.tables import LIMITS, ROLES, Limit, RoleRow

__all__ = [
    "EFFECT_NAMES",
    "GUARDS",
    "LIMITS",
    "ROLES",
    "STAY",
    "TIES",
    "Actor",
    "Chain",
    "ClockEffect",
    "ClockRule",
    "ClockState",
    "Deed",
    "Effect",
    "Facts",
    "Field",
    "Label",
    "Ledger",
    "Limit",
    "Move",
    "Need",
    "Phase",
    "Procedure",
    "Refusal",
    "Requirement",
    "RoleRow",
    "State",
    "Step",
    "Warn",
    "check",
    "decide",
    "joined",
    "legal_deeds",
    "load",
    "mermaid",
    "missing",
    "play",
    "shipped",
]

EFFECT_NAMES: frozenset[str] = frozenset(
    effect.name for procedure in shipped().values() for effect in procedure.effects
)
"""Every effect the shipped procedures declare; ``web.cases.effects`` implements exactly these."""
