"""Deeds upon an outfall's record; each in one transaction with its audit row."""

from qingyuan.web.outfalls.services.records import (
    add_discharger,
    add_limit,
    end,
    end_discharger,
    revise,
)
from qingyuan.web.outfalls.services.samples import add_samples, parse_result, withdraw
from qingyuan.web.outfalls.services.signs import issue_sign, revoke_sign
from qingyuan.web.outfalls.services.works import record_state

__all__ = [
    "add_discharger",
    "add_limit",
    "add_samples",
    "end",
    "end_discharger",
    "issue_sign",
    "parse_result",
    "record_state",
    "revise",
    "revoke_sign",
    "withdraw",
]
