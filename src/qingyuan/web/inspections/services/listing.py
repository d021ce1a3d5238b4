"""The day's list of items as a table people bring (交办件清单导入): checked, then registered."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from django.urls import reverse

from qingyuan import casework
from qingyuan.casework.texts.receipt import plain_number, read_receipt
from qingyuan.core.periods import city_date
from qingyuan.core.problems import Problem
from qingyuan.web import exchange
from qingyuan.web.accounts.models import User
from qingyuan.web.accounts.scope import scope_of
from qingyuan.web.exchange import Choice, Column, Importer, Plan, Row, RowFault, Sheet
from qingyuan.web.inspections.models import Item, Round
from qingyuan.web.inspections.services.batches import Listed, register_item, take_batch
from qingyuan.web.inspections.services.routing import named_units
from qingyuan.web.registry.models import District

__all__ = ["ITEM_IMPORT", "bring", "check_list", "write_list"]

# 2017 年的细类归入本平台的污染类型
_FINER = (("air", "油烟"), ("air", "扬尘"), ("waste", "固废"), ("waste", "垃圾"), ("soil", "重金属"), ("noise", "噪音"))  # fmt: skip


def _rounds() -> tuple[Choice, ...]:
    return tuple(Choice(r.code, r.code) for r in Round.objects.order_by("-from_on", "code"))


def _districts() -> tuple[Choice, ...]:
    return tuple(Choice(d.code, d.name_zh, d.name_en) for d in District.objects.order_by("code"))


def _types() -> tuple[Choice, ...]:
    known = [Choice(code, label.zh, label.en) for code, label in casework.TYPES.items()]
    return (*known, *(Choice(code, zh) for code, zh in _FINER))


ITEM_SHEET = Sheet(
    name="inspections.items",
    title="督察交办件清单",
    title_en="List of inspection items",
    key=("number",),
    columns=(
        Column(name="round", zh="督察轮次", en="Round", kind="choice", required=True, choices=_rounds, note="督察轮次页所列的代号", note_en="The code on the round's page"),
        Column(name="batch", zh="批次", en="Batch", kind="whole", required=True, width=8),
        Column(name="day", zh="交办日期", en="Handed over on", kind="day", required=True),
        Column(name="row", zh="序号", en="No.", kind="whole", width=6),
        Column(name="number", zh="受理编号", en="Receipt number", kind="code", required=True, width=22, note="如 X3HB202406020025；X 来信、D 来电", note_en="Like X3HB202406020025; X a letter, D a call"),
        Column(name="channel", zh="来源", en="Channel", kind="choice", choices=(Choice("call", "来电", "Call"), Choice("letter", "来信", "Letter"), Choice("other", "其他", "Other")), aliases=("来源（来电/来信）",), note="空着时按受理编号首字母", note_en="Left empty: by the first letter of the receipt number"),
        Column(name="focus", zh="是否重点关注", en="Focus item", kind="yes", aliases=("重点关注",)),
        Column(name="problem", zh="交办问题基本情况", en="Problem", kind="text", required=True, width=60, most=4000),
        Column(name="district", zh="行政区域", en="District", kind="choice", required=True, choices=_districts),
        Column(name="units", zh="责任单位", en="Responsible units", kind="text", width=24, note="多个单位分别办理的用顿号分开，主办在前；空着时按责任矩阵", note_en="Several units parted by 、, the leading one first; left empty: by the matrix"),
        Column(name="types", zh="污染类型", en="Pollution types", kind="several", required=True, choices=_types, aliases=("污染类型（多选）",)),
        Column(name="watcher", zh="督导人", en="Supervised by", kind="text", most=64),
        Column(name="note", zh="备注", en="Note", kind="text", most=400),
    ),
)  # fmt: skip


def check_list(rows: Sequence[Row], /, *, by: User, at: datetime) -> Plan:
    """Say what a list would do: a number known already with other facts is a fault, not a change."""
    scope = scope_of(by, on=city_date(at))
    numbers = {plain_number(str(row["number"])) for row in rows}
    held = {
        item.number: item
        for item in Item.objects.filter(number__in=numbers).select_related("batch__round", "case")
    }
    seen: dict[str, int] = {}
    new: list[Row] = []
    same: list[Row] = []
    wrong: list[RowFault] = []
    for row in rows:
        number = plain_number(str(row["number"]))
        faults = list(_faults(row, number, seen.get(number), scope.city, scope.districts))
        seen.setdefault(number, row.number)
        item = held.get(number)
        if item and not faults:
            faults = [RowFault(row.number, name, p) for name, p in _otherwise(row, item)]
        if faults:
            wrong.extend(faults)
        else:
            (same if item else new).append(row)
    return Plan(new=tuple(new), same=tuple(same), wrong=tuple(wrong))


def _faults(
    row: Row, number: str, first: int | None, city: bool, districts: frozenset[str]
) -> Iterator[RowFault]:
    if first is not None:
        problem = Problem("inspections.row_twice", number=number, first=first)
        yield RowFault(row.number, "number", problem, value=number)
    if not city and row["district"] not in districts:
        problem = Problem("inspections.outside_district", district=row["district"])
        yield RowFault(row.number, "district", problem)
    text = str(row.get("units") or "")
    if unknown := named_units(text)[1]:
        problem = Problem("inspections.unknown_unit", names="、".join(unknown))
        yield RowFault(row.number, "units", problem, value=text)


def _otherwise(row: Row, item: Item) -> Iterator[tuple[str, Problem]]:
    """Yield what a row says otherwise than what is registered under its number."""
    kept: Mapping[str, object] = {
        "round": item.batch.round.code,
        "batch": item.batch.number,
        "day": item.batch.day,
        "problem": item.problem,
        "district": item.case.district_id,
    }
    for name, value in kept.items():
        if row.get(name) not in (None, "") and row[name] != value:
            said = str(value) if len(str(value)) <= 20 else f"{str(value)[:20]}……"
            yield (
                name,
                Problem(
                    "inspections.registered_otherwise",
                    number=item.number,
                    what=ITEM_SHEET.column(name).zh,
                    kept=said,
                ),
            )


def write_list(plan: Plan, /, *, by: User, at: datetime) -> str | None:
    """Register every new row in its batch; return the address of the batch."""
    batch = None
    rounds = {r.code: r for r in Round.objects.all()}
    for row in plan.new:
        round_ = rounds[row["round"]]
        batch = take_batch(round_=round_, number=row["batch"], day=row["day"], by=by, at=at)
        last = batch.items.order_by("-row").values_list("row", flat=True).first() or 0
        wanted = row.get("row")
        taken = wanted and batch.items.filter(row=wanted).exists()
        number = plain_number(str(row["number"]))
        parts = read_receipt(number)
        listed = Listed(
            row=last + 1 if not wanted or taken else wanted,
            number=number,
            channel=row.get("channel") or (parts.channel if parts else "other"),
            problem=row["problem"],
            district_code=row["district"],
            types=tuple(row["types"]),
            units=tuple(u.code for u in named_units(str(row.get("units") or ""))[0]),
            focus=bool(row.get("focus")),
            watcher=row.get("watcher") or "",
            note=row.get("note") or "",
        )
        register_item(batch, listed, by=by, at=at)
    return reverse("inspection-batch", args=[batch.pk]) if batch else None


ITEM_IMPORT = Importer(
    name="inspections.items",
    sheet=ITEM_SHEET,
    check=check_list,
    write=write_list,
    roles=("duty_officer", "department_head"),
    locks=("inspections.Item",),
    group="督察",
    group_en="Inspections",
    hint="一天交办的清单；预览后登记并编号，再到批次页当日交办。",
    hint_en="One day's list; after the preview its items are registered and numbered, then handed over on the batch page.",
    personal=True,
)


def bring() -> None:
    """Offer the list to exchange (at start-up)."""
    exchange.register(ITEM_IMPORT)
