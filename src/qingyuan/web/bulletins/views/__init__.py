"""Pages of bulletins: the desk, one bulletin, its files, the ranking, registers and schedules."""

from qingyuan.web.bulletins.views.desk import bulletins, compose, schedule
from qingyuan.web.bulletins.views.pages import (
    bulletin,
    bulletin_docx,
    bulletin_pdf,
    bulletin_rows,
    bulletin_text,
    ranking,
    slips,
)
from qingyuan.web.bulletins.views.registers import register, register_end, register_row
from qingyuan.web.bulletins.views.steps import (
    bulletin_correct,
    bulletin_edit,
    bulletin_publish,
    bulletin_return,
    bulletin_review,
    bulletin_sign,
    bulletin_withdraw,
)

__all__ = [
    "bulletin",
    "bulletin_correct",
    "bulletin_docx",
    "bulletin_edit",
    "bulletin_pdf",
    "bulletin_publish",
    "bulletin_return",
    "bulletin_review",
    "bulletin_rows",
    "bulletin_sign",
    "bulletin_text",
    "bulletin_withdraw",
    "bulletins",
    "compose",
    "ranking",
    "register",
    "register_end",
    "register_row",
    "schedule",
    "slips",
]
