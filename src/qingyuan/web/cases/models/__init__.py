"""What the ledger of cases keeps."""

from qingyuan.web.cases.models.calendar import CalendarChange
from qingyuan.web.cases.models.case import Case, CaseSerial, CaseType, ProcedureVersion
from qingyuan.web.cases.models.clock import CaseClock, ClockExtension, ClockPause, ExtensionRequest
from qingyuan.web.cases.models.links import CaseLink, CaseThing
from qingyuan.web.cases.models.parts import CasePart
from qingyuan.web.cases.models.work import (
    CardSent,
    Deed,
    EvidenceLink,
    ProblemItem,
    ResultReturn,
    SignOff,
)

__all__ = [
    "CalendarChange",
    "CardSent",
    "Case",
    "CaseClock",
    "CaseLink",
    "CasePart",
    "CaseSerial",
    "CaseThing",
    "CaseType",
    "ClockExtension",
    "ClockPause",
    "Deed",
    "EvidenceLink",
    "ExtensionRequest",
    "ProblemItem",
    "ProcedureVersion",
    "ResultReturn",
    "SignOff",
]
