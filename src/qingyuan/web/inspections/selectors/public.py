"""What may be shown to everybody (公开): confirmed texts only, one row per item (边督边改公开表)."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import QuerySet

from qingyuan import casework
from qingyuan.web.inspections.models import Item, ItemRound

__all__ = ["PUBLIC_COLUMNS", "PublicRow", "public_rows"]

# 列名按各轮一览表惯例（cases.md §4.1），启用前对照当轮模板
PUBLIC_COLUMNS = (
    "序号", "受理编号", "交办问题基本情况", "行政区域", "污染类型", "调查核实情况", "是否属实", "处理和整改情况",
    "是否办结", "责任人被处理情况",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class PublicRow:
    """One item as the public reads it."""

    number: str
    problem: str
    district: str
    types: str
    finding: str
    truth: str
    measures: str
    progress: str
    blame: str

    @property
    def cells(self) -> tuple[str, ...]:
        """The values in the order of `PUBLIC_COLUMNS`, without the running number."""
        return (
            self.number, self.problem, self.district, self.types, self.finding, self.truth,
            self.measures, self.progress, self.blame,
        )  # fmt: skip


def public_rows(found: QuerySet[Item]) -> tuple[list[PublicRow], int]:
    """Return the rows that are confirmed, and how many are not yet.

    The text is that of the newest confirmed round; nothing else of the item is read.
    """
    confirmed: dict[int, ItemRound] = {}
    rounds = ItemRound.objects.filter(item__in=found.values("pk"), confirmed_at__isnull=False)
    for held in rounds.order_by("round"):
        confirmed[held.item_id] = held
    rows = []
    every = list(
        found.select_related("case__district")
        .prefetch_related("case__types")
        .order_by("batch__number", "row")
    )
    for item in every:
        held = confirmed.get(item.pk)
        if held is None:
            continue
        case = item.case
        kinds = [casework.TYPES[t.type].zh for t in sorted(case.types.all(), key=lambda t: t.pk)]
        rows.append(
            PublicRow(
                number=item.number,
                problem=held.public_problem,
                district=case.district.name_zh,
                types="、".join(kinds),
                finding=held.public_finding,
                truth=casework.TRUTHS[case.truth].zh if case.truth else "",
                measures=held.public_measures,
                progress=casework.PROGRESS[case.progress].zh if case.progress else "",
                blame=held.public_blame or "无",
            )
        )
    return rows, len(every) - len(rows)
