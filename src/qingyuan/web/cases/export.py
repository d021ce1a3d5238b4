"""A ledger as a workbook (导出): real dates and numbers, codes as text, no formula from data."""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping
from datetime import date, datetime

import xlsxwriter
from django.utils.translation import gettext as _

from qingyuan import casework
from qingyuan.core.periods import city_date, in_city
from qingyuan.web.cases.models.case import in_language
from qingyuan.web.cases.selectors import LedgerRow

__all__ = ["workbook_of"]

_WIDTHS = (22, 44, 12, 18, 10, 12, 12, 12, 12, 12, 12, 8, 28, 26)


def _head() -> list[str]:
    return [
        _("编号"), _("标题"), _("区市"), _("责任单位"), _("责任人"), _("台账"), _("环节"), _("立案日期"), _("到期日"),
        _("已用（工作日）"), _("剩余（工作日）"), _("轮次"), _("企业"), _("来源"),
    ]  # fmt: skip


def _values(row: LedgerRow) -> list[object]:
    case = row.case
    ledger = casework.Ledger(case.ledger)
    return [
        case.number,
        case.title,
        case.district.name,
        case.unit.name_zh if case.unit else "",
        case.person.name if case.person else "",
        in_language(casework.Label(ledger.zh, ledger.en)),
        case.state_label,
        city_date(case.opened_at),
        row.last_day,
        row.elapsed,
        row.left,
        case.round,
        case.enterprise.name if case.enterprise else "",
        case.origin_label,
    ]


def workbook_of(
    rows: Iterable[LedgerRow],
    *,
    ledger: str,
    filters: Mapping[str, str],
    by: str,
    at: datetime,
) -> bytes:
    """Return the workbook of *rows*: a cover that says who, when and which filter, then the ledger."""
    held = io.BytesIO()
    book = xlsxwriter.Workbook(
        held, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    )
    cover, sheet = book.add_worksheet(_("说明")), book.add_worksheet(_("台账"))
    strong, day = book.add_format({"bold": True}), book.add_format({"num_format": "yyyy-mm-dd"})
    sheet.write_row(0, 0, _head(), strong)
    count = 0
    for count, row in enumerate(rows, 1):
        for column, value in enumerate(_values(row)):
            if isinstance(value, date):
                sheet.write_datetime(count, column, value, day)
            elif isinstance(value, int):
                sheet.write_number(count, column, value)
            elif value not in (None, ""):
                sheet.write_string(count, column, str(value))
    sheet.freeze_panes(1, 2)
    sheet.autofilter(0, 0, max(count, 1), len(_WIDTHS) - 1)
    for column, width in enumerate(_WIDTHS):
        sheet.set_column(column, column, width)
    said = [
        (_("台账"), ledger),
        (_("行数"), str(count)),
        (_("筛选"), "；".join(f"{k}={v}" for k, v in filters.items()) or _("无")),
        (_("导出人"), by),
        (_("数据截至"), f"{in_city(at):%Y-%m-%d %H:%M}"),
    ]
    cover.set_column(0, 0, 14)
    cover.set_column(1, 1, 60)
    for line, (name, value) in enumerate(said):
        cover.write_string(line, 0, name, strong)
        cover.write_string(line, 1, value)
    book.close()
    return held.getvalue()
