"""Documents of a batch (文件): the public table and the bulletin, as content and as a workbook."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

import xlsxwriter

from qingyuan.casework.texts.bulletin import write_bulletin
from qingyuan.core.periods import city_date
from qingyuan.reporting import Cell, Document, Paragraph, Section, Table, Text
from qingyuan.web.inspections.models import Batch, Item
from qingyuan.web.inspections.selectors import (
    PUBLIC_COLUMNS,
    PublicRow,
    Totals,
    batch_as_registered,
    counters,
    public_rows,
    totals,
)

__all__ = ["batch_bulletin", "public_document", "public_workbook", "round_title"]


_HAN = ("零", "一", "二", "三", "四", "五", "六", "七", "八", "九", "十")


def _han(n: int) -> str:
    return _HAN[n] if n < len(_HAN) else str(n)


def round_title(batch: Batch) -> str:
    """Return the round's name as papers write it: 省级第三轮."""
    level = {"central": "中央", "provincial": "省级"}[batch.round.level]
    return f"{level}第{_han(batch.round.ordinal)}轮生态环境保护督察"


def public_document(
    batch: Batch, rows: Sequence[PublicRow], waiting: int, *, issuer: str, at: datetime
) -> Document:
    """Return the 边督边改公开情况 of a batch, confirmed texts only; the wide table is the workbook."""
    said = f"第{batch.number}批交办{len(rows) + waiting}件，本表公开{len(rows)}件，其余{waiting}件办理或确认后续公开。"
    return Document(
        title=f"{round_title(batch)}第{batch.number}批交办件边督边改公开情况",
        number="",
        issuer=issuer,
        dated=_dated(at),
        sections=(
            Section("", paragraphs=(Paragraph((Text(said),)),)),
            *(_public_item(n, row) for n, row in enumerate(rows, 1)),
        ),
    )


def _public_item(n: int, row: PublicRow) -> Section:
    """Return one item as a sheet of two columns: ten would not fit on upright paper."""
    cells = zip(PUBLIC_COLUMNS[3:], row.cells[2:], strict=True)
    named = [(PUBLIC_COLUMNS[2], row.problem), *cells]
    return Section(
        f"{n}. {row.number}",
        tables=(
            Table(
                head=("公开项", "内容"),
                rows=tuple((Cell(name), Cell(text)) for name, text in named),
                name=f"public-{n}",
            ),
        ),
    )


def batch_bulletin(batch: Batch, *, place: str, issuer: str, at: datetime) -> Document:
    """Return the bulletin of a batch from the rows registered: counts, units, types, results."""
    held = batch_as_registered(batch)
    items = Item.objects.filter(batch=batch)
    counted = totals(items)
    words = write_bulletin(held, place=place, group=batch.round.group).splitlines()
    units = [
        *held.by_unit.items(),
        *(("、".join(j.units) + "（分别办理）", j.items) for j in held.joint),
    ]
    states = (
        ("待交办或退回", counted.to_assign),
        ("办理中", counted.in_hand),
        ("已销号", counted.struck_off),
    )
    return Document(
        title=f"{round_title(batch)}第{batch.number}批交办情况通报",
        number="",
        issuer=issuer,
        dated=_dated(at),
        sections=(
            Section("一、交办情况", paragraphs=tuple(Paragraph((Text(w),)) for w in words)),
            Section(
                "二、按责任单位和污染类型",
                tables=(
                    _counts("责任单位", "件数", units, whole=held.items or 0),
                    _counts("污染类型", "问题数", list(held.by_type.items()), whole=held.types_total),
                ),
            ),
            Section(
                "三、办理进展",
                paragraphs=(Paragraph((Text(_rates(counted)),)),),
                tables=(_counts("状态", "件数", list(states), whole=counted.items),),
            ),
            Section(
                "四、边督边改结果",
                tables=(
                    Table(
                        head=tuple(f"{label}（{unit}）" for label, unit, _ in counters(items)),
                        rows=(tuple(Cell(_figure(n), number=True) for *_, n in counters(items)),),
                        name="results",
                    ),
                ),
            ),
        ),
        footnotes=("件数每件计一次；问题数按污染类型分别计。办结率分列是否计入阶段性办结。",),
    )  # fmt: skip


def _figure(n: object) -> str:
    words = f"{Decimal(str(n)):f}"
    return words.rstrip("0").rstrip(".") if "." in words else words


def _counts(name: str, unit: str, rows: Sequence[tuple[str, int]], *, whole: int) -> Table:
    cells = [(Cell(label), Cell(str(n), number=True)) for label, n in rows]
    return Table(
        head=(name, unit), rows=(*cells, (Cell("合计"), Cell(str(whole), number=True))), name=name
    )


def _rates(counted: Totals) -> str:
    words = {
        "struck_off": "销号率",
        "done": "办结率（不含阶段性办结）",
        "done_or_staged": "办结率（含阶段性办结）",
    }
    said = []
    for rate in counted.rates:
        value = f"{rate.value:.1%}" if rate.value is not None else "—"
        said.append(f"{words[rate.name]}{value}（{rate.part}/{rate.whole}）")
    return "；".join(said) + "。"


def _dated(at: datetime) -> str:
    day = city_date(at)
    return f"{day.year}年{day.month}月{day.day}日"


def public_workbook(batch: Batch, *, at: datetime) -> bytes:
    """Return the public table as a workbook; strings stay strings."""
    rows, _ = public_rows(Item.objects.filter(batch=batch))
    kept = io.BytesIO()
    book = xlsxwriter.Workbook(
        kept,
        {
            "in_memory": True,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
        },
    )
    sheet = book.add_worksheet("公开情况一览表")
    bold = book.add_format(
        {"bold": True, "text_wrap": True, "valign": "vcenter", "align": "center", "border": 1}
    )
    cell = book.add_format({"text_wrap": True, "valign": "top", "border": 1})
    sheet.merge_range(
        0,
        0,
        0,
        len(PUBLIC_COLUMNS) - 1,
        f"{round_title(batch)}第{batch.number}批交办件边督边改公开情况一览表（{_dated(at)}）",
        bold,
    )
    sheet.write_row(1, 0, PUBLIC_COLUMNS, bold)
    for n, row in enumerate(rows, 1):
        sheet.write_number(n + 1, 0, n, cell)
        for column, text in enumerate(row.cells, 1):
            sheet.write_string(n + 1, column, text, cell)
    for column, width in enumerate((6, 22, 40, 12, 12, 40, 10, 40, 12, 24)):
        sheet.set_column(column, column, width)
    sheet.freeze_panes(2, 2)
    sheet.set_landscape()
    sheet.set_paper(8)
    sheet.repeat_rows(1)
    book.close()
    return kept.getvalue()
