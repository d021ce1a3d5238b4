"""Deeds of plans."""

from qingyuan.web.plans.services.documents import register_document, register_documents
from qingyuan.web.plans.services.indicators import INDICATOR_EXPORT, INDICATOR_IMPORT
from qingyuan.web.plans.services.papers import paper_file, write_paper
from qingyuan.web.plans.services.sheets import TASK_IMPORT, TREE_IMPORT
from qingyuan.web.plans.services.tree import (
    Imported,
    add_node,
    confirm,
    import_counts,
    import_report,
    make_plan,
    revise_node,
    set_phases,
)
from qingyuan.web.plans.services.work import (
    evaluate,
    freeze,
    hold_to_account,
    launch,
    remind,
    remind_due,
    report,
)

__all__ = [
    "INDICATOR_EXPORT",
    "INDICATOR_IMPORT",
    "TASK_IMPORT",
    "TREE_IMPORT",
    "Imported",
    "add_node",
    "confirm",
    "evaluate",
    "freeze",
    "hold_to_account",
    "import_counts",
    "import_report",
    "launch",
    "make_plan",
    "paper_file",
    "register_document",
    "register_documents",
    "remind",
    "remind_due",
    "report",
    "revise_node",
    "set_phases",
    "write_paper",
]
