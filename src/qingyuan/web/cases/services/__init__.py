"""The deeds of the ledger of cases: open one, do one deed, send the cards that fall due."""

from qingyuan.web.cases.services.assign import matrix_assignment
from qingyuan.web.cases.services.book import book_file
from qingyuan.web.cases.services.calendar import (
    change_calendar,
    change_calendar_many,
    recompute_open_clocks,
    withdraw_change,
)
from qingyuan.web.cases.services.cards import hear_cards, send_cards
from qingyuan.web.cases.services.digest import send_digests
from qingyuan.web.cases.services.links import attach, link
from qingyuan.web.cases.services.many import Outcome, perform_many
from qingyuan.web.cases.services.merge import COORDINATING, SplitPart, merge, split
from qingyuan.web.cases.services.open import Origin, open_case
from qingyuan.web.cases.services.perform import Upload, perform
from qingyuan.web.cases.services.sweep import SweepObject, sweep
from qingyuan.web.cases.services.undo import undo_last, undoable
from qingyuan.web.cases.services.versions import version_of

__all__ = [
    "COORDINATING",
    "Origin",
    "Outcome",
    "SplitPart",
    "SweepObject",
    "Upload",
    "attach",
    "book_file",
    "change_calendar",
    "change_calendar_many",
    "hear_cards",
    "link",
    "matrix_assignment",
    "merge",
    "open_case",
    "perform",
    "perform_many",
    "recompute_open_clocks",
    "send_cards",
    "send_digests",
    "split",
    "sweep",
    "undo_last",
    "undoable",
    "version_of",
    "withdraw_change",
]
