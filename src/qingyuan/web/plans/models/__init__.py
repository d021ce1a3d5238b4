"""Rows of plans (方案、任务、文书)."""

from qingyuan.web.plans.models.indicator import Indicator
from qingyuan.web.plans.models.papers import DocumentUse, IssuedDocument, Paper
from qingyuan.web.plans.models.plan import Node, NodeUnit, Phase, Plan
from qingyuan.web.plans.models.work import (
    Accountability,
    Evaluation,
    Freeze,
    Issue,
    Report,
    Review,
)

__all__ = [
    "Accountability",
    "DocumentUse",
    "Evaluation",
    "Freeze",
    "Indicator",
    "Issue",
    "IssuedDocument",
    "Node",
    "NodeUnit",
    "Paper",
    "Phase",
    "Plan",
    "Report",
    "Review",
]
