"""Tables of petitions; the complainant stands in one of their own."""

from qingyuan.web.petitions.models.conduct import ConductReport
from qingyuan.web.petitions.models.petition import (
    AuditTrigger,
    CallBack,
    NothingFound,
    Petition,
)
from qingyuan.web.petitions.models.registers import (
    KINDS_OF_TARGET,
    Escalation,
    EscalationNote,
    YearlyTarget,
)
from qingyuan.web.petitions.models.report import Complainant, Look, Report, ReportPhoto
from qingyuan.web.petitions.models.samples import LookBack, LookBackItem, SampleCheck, SampleDraw
from qingyuan.web.petitions.models.settings import Avoidance, Channel, Knock, ParameterChange
from qingyuan.web.petitions.models.sponsored import FIVE, Package, PackageCheck, PackageVisit

__all__ = [
    "FIVE",
    "KINDS_OF_TARGET",
    "AuditTrigger",
    "Avoidance",
    "CallBack",
    "Channel",
    "Complainant",
    "ConductReport",
    "Escalation",
    "EscalationNote",
    "Knock",
    "Look",
    "LookBack",
    "LookBackItem",
    "NothingFound",
    "Package",
    "PackageCheck",
    "PackageVisit",
    "ParameterChange",
    "Petition",
    "Report",
    "ReportPhoto",
    "SampleCheck",
    "SampleDraw",
    "YearlyTarget",
]
