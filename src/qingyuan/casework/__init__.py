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
    why_not,
)
from qingyuan.casework.diagram import mermaid
from qingyuan.casework.drawing import svg
from qingyuan.casework.facts import ClockState, Part
from qingyuan.casework.guards import GUARDS, TIES, parts_reported
from qingyuan.casework.limits import LIMITS, Limit, answer, limit_on
from qingyuan.casework.load import load, shipped
from qingyuan.casework.model import (
    STAY,
    Card,
    Chain,
    ClockRule,
    Column,
    Deed,
    Effect,
    Field,
    FieldKind,
    Label,
    Ledger,
    Phase,
    Policy,
    Procedure,
    Requirement,
    State,
    Warn,
)
from qingyuan.casework.problems import Refusal, joined
from qingyuan.casework.simulate import Move, play
from qingyuan.casework.tables import (
    COLUMNS,
    EFFECTS,
    MARKS,
    PROGRESS,
    ROLES,
    TRUTHS,
    TYPES,
    EffectRow,
    MarkRow,
    RoleRow,
)
from qingyuan.casework.values import check_form
from qingyuan.casework.versions import (
    Change,
    Diff,
    DryRun,
    History,
    Migration,
    Replay,
    check_migration,
    diff,
    dry_run,
    migrate,
)

__all__ = [
    "COLUMNS",
    "EFFECTS",
    "GUARDS",
    "LIMITS",
    "MARKS",
    "PROGRESS",
    "ROLES",
    "STAY",
    "TIES",
    "TRUTHS",
    "TYPES",
    "Actor",
    "Card",
    "Chain",
    "Change",
    "ClockEffect",
    "ClockRule",
    "ClockState",
    "Column",
    "Deed",
    "Diff",
    "DryRun",
    "Effect",
    "EffectRow",
    "Facts",
    "Field",
    "FieldKind",
    "History",
    "Label",
    "Ledger",
    "Limit",
    "MarkRow",
    "Migration",
    "Move",
    "Need",
    "Part",
    "Phase",
    "Policy",
    "Procedure",
    "Refusal",
    "Replay",
    "Requirement",
    "RoleRow",
    "State",
    "Step",
    "Warn",
    "answer",
    "check",
    "check_form",
    "check_migration",
    "decide",
    "diff",
    "dry_run",
    "joined",
    "legal_deeds",
    "limit_on",
    "load",
    "mermaid",
    "migrate",
    "missing",
    "parts_reported",
    "play",
    "shipped",
    "svg",
    "why_not",
]
