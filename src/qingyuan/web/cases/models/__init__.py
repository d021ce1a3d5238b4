"""What the ledger of cases keeps."""

from qingyuan.web.cases.models.case import Case, CaseSerial, ProcedureVersion
from qingyuan.web.cases.models.clock import CaseClock, ClockExtension, ClockPause, ExtensionRequest
from qingyuan.web.cases.models.work import (
    Assignment,
    CardSent,
    Deed,
    EvidenceLink,
    ProblemItem,
    SignOff,
)

__all__ = [
    "Assignment",
    "CardSent",
    "Case",
    "CaseClock",
    "CaseSerial",
    "ClockExtension",
    "ClockPause",
    "Deed",
    "EvidenceLink",
    "ExtensionRequest",
    "ProblemItem",
    "ProcedureVersion",
    "SignOff",
]
