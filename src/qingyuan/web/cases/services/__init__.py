"""The deeds of the ledger of cases: open one, do one deed, send the cards that fall due."""

from qingyuan.web.cases.services.assign import matrix_assignment
from qingyuan.web.cases.services.calendar import (
    change_calendar,
    recompute_open_clocks,
    withdraw_change,
)
from qingyuan.web.cases.services.cards import send_cards
from qingyuan.web.cases.services.export import record_export
from qingyuan.web.cases.services.links import attach, link
from qingyuan.web.cases.services.many import Outcome, perform_many
from qingyuan.web.cases.services.open import Origin, open_case
from qingyuan.web.cases.services.perform import Upload, perform
from qingyuan.web.cases.services.undo import undo_last, undoable
from qingyuan.web.cases.services.versions import version_of

__all__ = [
    "Origin",
    "Outcome",
    "Upload",
    "attach",
    "change_calendar",
    "link",
    "matrix_assignment",
    "open_case",
    "perform",
    "perform_many",
    "recompute_open_clocks",
    "record_export",
    "send_cards",
    "undo_last",
    "undoable",
    "version_of",
    "withdraw_change",
]
