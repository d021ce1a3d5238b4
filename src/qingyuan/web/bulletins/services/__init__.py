"""Deeds of bulletins: compose, edit, review, sign, publish, correct, withdraw; registers, schedules."""

from qingyuan.web.bulletins.services.compose import compose, compose_daily
from qingyuan.web.bulletins.services.edit import edit
from qingyuan.web.bulletins.services.outputs import docx_bytes, pdf_bytes
from qingyuan.web.bulletins.services.registers import end_row, put_row
from qingyuan.web.bulletins.services.schedule import due, enqueue_due, set_schedule, write_due
from qingyuan.web.bulletins.services.steps import advance, correct, publish, send_back, withdraw

__all__ = [
    "advance",
    "compose",
    "compose_daily",
    "correct",
    "docx_bytes",
    "due",
    "edit",
    "end_row",
    "enqueue_due",
    "pdf_bytes",
    "publish",
    "put_row",
    "send_back",
    "set_schedule",
    "withdraw",
    "write_due",
]
