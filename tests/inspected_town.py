"""A town under inspection: departments beside the bureau, a round, one batch of items."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from case_town import Town, build_town
from qingyuan.web.accounts.models import Unit
from qingyuan.web.accounts.services import put_person
from qingyuan.web.audit.services import SYSTEM
from qingyuan.web.inspections import services
from qingyuan.web.inspections.models import Batch, Item, Round
from qingyuan.web.inspections.services import Listed
from small_city import AT

__all__ = [
    "CANARY",
    "PUBLIC_TEXT",
    "InspectedTown",
    "build_inspected_town",
    "confirm",
    "end_of",
    "report_on",
    "strike_off",
]

CANARY = "举报人：苗翠兰，13912345678，住海风里3号楼2单元501室"
"""Personal data of a reporter; it may stand on the bureau's own pages and nowhere else."""


PUBLIC_TEXT = {
    "public_problem": "某企业冒烟。",
    "public_finding": "经查属实。",
    "public_measures": "已整改。",
}


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


def report_on(place: InspectedTown, item: Item) -> None:
    """Hand an item over and let its unit report it as concluded."""
    _report(place.town, item, officer="east1", mark=CANARY)


def strike_off(place: InspectedTown, item: Item) -> None:
    """Carry a reported item to its end."""
    _strike_off(place.town, item)


def end_of(town: Town, item: Item, *, officer: str, mark: str) -> None:
    """Carry an item from its registration to its end; *mark* stands in what was found."""
    _report(town, item, officer=officer, mark=mark)
    _strike_off(town, item)


def _report(town: Town, item: Item, *, officer: str, mark: str) -> None:
    services.assign_items([item], by=town.who("duty"), at=town.at)
    case = item.case
    town.do(case, officer, "sign")
    town.do(case, officer, "check_onsite", "check_record", officers="甲、乙", found=f"属实。{mark}")
    town.do(
        case, officer, "report_done", "report_paper", "after_photo", truth="proven", progress="done",
        finding=f"已核实。{mark}", measures="已整改。", ordered=Decimal(1), fines_10k=Decimal("3.25"),
    )  # fmt: skip


def _strike_off(town: Town, item: Item) -> None:
    for who in ("head", "vice", "boss"):
        town.do(item.case, who, "sign_pass", opinion="同意")
    town.do(item.case, "duty", "feed_back", note="第 1 号函")
    town.do(item.case, "head", "accept", "acceptance_form", opinion="同意")
    _confirm(town, item)
    day = town.at.date()
    town.do(
        item.case, "duty", "publish_notice", "notice_record", notice_from=day, notice_to=day + timedelta(days=1),
        notice_where="https://example.invalid/gs",
    )  # fmt: skip
    town.at += timedelta(days=3)
    town.do(item.case, "duty", "close_out")


def confirm(place: InspectedTown, item: Item) -> None:
    """Confirm a text that names nobody."""
    _confirm(place.town, item)


def _confirm(town: Town, item: Item) -> None:
    services.confirm(Item.objects.get(pk=item.pk), PUBLIC_TEXT, by=town.who("head"), at=town.at)
