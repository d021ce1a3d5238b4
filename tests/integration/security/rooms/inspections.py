"""A round of inspection over both sides: an item of each, reported, and one struck off."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from inspected_town import end_of
from qingyuan.core.periods import city_date
from qingyuan.web.accounts.models import User
from qingyuan.web.inspections import services
from qingyuan.web.inspections.models import Item, LookBack, Material, Round
from qingyuan.web.inspections.services import Listed

ROUTES_WITHOUT_OBJECTS = {"inspections", "inspection-round-add"}
# findings and bulletins are the whole city's; a paper of a batch tells all of it
ALSO = {"inspection-file": {404}}


def build(world: Any) -> None:
    """Register one item each side and carry it to its end; draw both for a look-back."""
    town = world.town
    round_ = Round.objects.create(
        code="T1", level="provincial", ordinal=1, group="省督察组", from_on=city_date(town.at)
    )
    duty, head = world.user("duty"), world.user("head")
    batch = services.take_batch(
        round_=round_, number=1, day=city_date(town.at), by=duty, at=town.at
    )
    for n, (side, district, officer) in enumerate(
        (("east", "379901", "east1"), ("west", "379902", "west1")), 1
    ):
        listed = Listed(
            row=n, number=f"D1SD20260922000{n}", channel="call", district_code=district, types=("water",),
            problem=f"河边冒泡 探针·{side}·inspection.problem·", watcher=f"探针·{side}·inspection.watcher·",
        )  # fmt: skip
        item = services.register_item(batch, listed, by=duty, at=town.at)
        end_of(town, item, officer=officer, mark=f"探针·{side}·inspection.finding·")
    services.draw_look_back(round_, size=2, seed="1", reason="季度", by=head, at=town.at)
    services.keep(
        Material(
            round=round_, number=1, title="清单", requester="督察组", asked_on=city_date(town.at),
            due_at=town.at + timedelta(days=1), holder="资料组",
        ),
        by=head,
        at=town.at,
    )  # fmt: skip


def examples(world: Any, side: Any, user: User) -> dict[str, list[tuple[object, ...]]]:
    """Name them."""
    district = {"east": "379901", "west": "379902"}[side.name]
    item = Item.objects.get(case__district_id=district)
    number, batch = [(item.number,)], [(item.batch_id,)]
    return {
        "inspection-round": [("T1",)],
        "inspection-record": [("T1", kind) for kind in ("group", "hand-over", "finding")],
        "inspection-bulletin": [("T1",)],
        "inspection-draw": [("T1",)],
        "inspection-batch": batch,
        "inspection-assign": batch,
        "inspection-public": batch,
        "inspection-file": [(item.batch_id, "public", "xlsx")],
        "inspection-item": number,
        "inspection-text": number,
        "inspection-rule": number,
        "inspection-material": [(Material.objects.get().pk,)],
        "inspection-look-back": [(LookBack.objects.get().pk,)],
        "inspection-check": [(item.look_backs.get().pk,)],
    }
