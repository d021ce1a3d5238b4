"""The deeds of the ledger of cases: open one, do one deed, send the cards that fall due."""

from qingyuan.web.cases.effects.notify import on_result
from qingyuan.web.cases.services.assign import matrix_assignment
from qingyuan.web.cases.services.cards import send_cards
from qingyuan.web.cases.services.clocks import recompute_due
from qingyuan.web.cases.services.export import record_export
from qingyuan.web.cases.services.open import Origin, open_case
from qingyuan.web.cases.services.perform import Upload, perform
from qingyuan.web.cases.services.versions import version_of

__all__ = [
    "Origin",
    "Upload",
    "matrix_assignment",
    "on_result",
    "open_case",
    "perform",
    "recompute_due",
    "record_export",
    "send_cards",
    "version_of",
]
