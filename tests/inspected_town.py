"""A town under inspection: departments beside the bureau, a round, one batch of items."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from case_town import Town, build_town
from qingyuan.web.accounts.models import Unit
from qingyuan.web.accounts.services import put_person
from qingyuan.web.audit.services import SYSTEM
from qingyuan.web.inspections import services
from qingyuan.web.inspections.models import Batch, Item, Round
from qingyuan.web.inspections.services import Listed
from small_city import AT

__all__ = ["CANARY", "InspectedTown", "build_inspected_town"]

CANARY = "举报人：苗翠兰，13912345678，住海风里3号楼2单元501室"
"""Personal data of a reporter; it may stand on the bureau's own pages and nowhere else."""


@dataclass
class InspectedTown:
    """The town, the round it is inspected in, and its first batch."""

    town: Town
    round: Round

    def batch(self, number: int = 7, day: date | None = None) -> Batch:
        return services.take_batch(
            round_=self.round, number=number, day=day or date(2026, 9, 22), by=self.town.who("duty"), at=self.town.at,
        )  # fmt: skip

    def item(self, batch: Batch, number: str, **more: Any) -> Item:
        given: dict[str, Any] = {
            "row": batch.items.count() + 1,
            "number": number,
            "channel": "call",
            "problem": "印染厂夜间冒黑烟，气味刺鼻。",
            "district_code": "379901",
            "types": ("water",),
        }
        listed = Listed(**{**given, **more})
        return services.register_item(batch, listed, by=self.town.who("duty"), at=self.town.at)


def build_inspected_town() -> InspectedTown:
    """Build the small town, two departments with an officer each, and the provincial third round."""
    town = build_town()
    for code, name, person in (
        ("police", "市公安局", "police1"),
        ("housing", "市住房城乡建设局", "housing1"),
    ):
        unit = Unit.objects.create(code=code, name_zh=name, path=f"/{code}/", kind="department")
        put_person(
            username=person, name=f"{name}经办", unit=unit, role_names=["district_officer"], at=AT, by=SYSTEM,
        )  # fmt: skip
    round_ = Round.objects.create(
        code="S3-2026", level="provincial", ordinal=3, stationing=1, group="省第三生态环境保护督察组",
        from_on=date(2026, 9, 10), to_on=date(2026, 10, 10), hotline="0000-88888888",
    )  # fmt: skip
    return InspectedTown(town, round_)
