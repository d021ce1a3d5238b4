"""What the ledger of inspections keeps."""

from qingyuan.web.inspections.models.finding import Finding, FindingMonth
from qingyuan.web.inspections.models.item import COUNTERS, Item, ItemRound, RuleMade
from qingyuan.web.inspections.models.look_back import LookBack, LookBackCheck
from qingyuan.web.inspections.models.round import Batch, Publicity, Round
from qingyuan.web.inspections.models.station import (
    DutyShift,
    GroupMember,
    HandOver,
    Material,
    MaterialVersion,
    RoundPaper,
    WorkingGroup,
)

__all__ = [
    "COUNTERS",
    "Batch",
    "DutyShift",
    "Finding",
    "FindingMonth",
    "GroupMember",
    "HandOver",
    "Item",
    "ItemRound",
    "LookBack",
    "LookBackCheck",
    "Material",
    "MaterialVersion",
    "Publicity",
    "Round",
    "RoundPaper",
    "RuleMade",
    "WorkingGroup",
]
