"""Deeds of exchange: receive, check, confirm, withdraw; make a file to take away."""

from qingyuan.web.exchange.services.exporting import (
    BACKGROUND_ROWS,
    File,
    export_now,
    file_of,
    forms_of,
    has_file,
    request_export,
    run_export,
    sweep_exports,
)
from qingyuan.web.exchange.services.importing import (
    check,
    confirm,
    receive,
    recheck,
    request_confirm,
    sweep,
    withdraw,
    write_confirmed,
)

__all__ = [
    "BACKGROUND_ROWS",
    "File",
    "check",
    "confirm",
    "export_now",
    "file_of",
    "forms_of",
    "has_file",
    "receive",
    "recheck",
    "request_confirm",
    "request_export",
    "run_export",
    "sweep",
    "sweep_exports",
    "withdraw",
    "write_confirmed",
]
