"""An import that waits and a file made, of everybody who may bring or take."""

from __future__ import annotations

import io
from typing import Any

import xlsxwriter

from qingyuan.web.accounts.models import User
from qingyuan.web.exchange.models import Export, Import
from qingyuan.web.exchange.services import kept

ROUTES_WITHOUT_OBJECTS = {"exchange", "exchange-history"}
# each table names its own roles; for the others it is not there
ALSO = {"exchange-importer": {404}, "exchange-template": {404}, "exchange-export": {404}}
_PEOPLE = ("duty", "head", "vice", "boss", "east1", "west1", "eastduty", "admin1")


def build(world: Any) -> None:
    """Let each person have brought a file and taken one."""
    held = io.BytesIO()
    with xlsxwriter.Workbook(held) as book:
        book.add_worksheet()
    for username in _PEOPLE:
        user = world.user(username)
        side = {"379901": "east", "379902": "west"}.get(user.unit.district_code, "city")
        brought = Import.objects.create(
            importer="registry.enterprises", title_zh="企业", name=f"探针·{side}·import·.xlsx", size=1,
            sm3="0" * 64, by=user, at=world.town.at, state=Import.State.READY, total=1, new=1,
        )  # fmt: skip
        kept.put(brought.pk, "original", held.getvalue())
        kept.put(brought.pk, "errors.xlsx", held.getvalue())
        taken = Export.objects.create(
            exporter="registry.sections", title_zh="监测断面", form="csv", state=Export.State.DONE,
            by=user, at=world.town.at, ready_at=world.town.at,
        )  # fmt: skip
        kept.put(taken.pk, "file", b"x")


def examples(world: Any, side: Any, user: User) -> dict[str, list[tuple[object, ...]]]:
    """Name them; who has none is shown the coordinator's."""
    whose = user if user.username in _PEOPLE else world.user("head")
    brought = [(Import.objects.get(by=whose).pk,)]
    parts = ("", "-live", "-errors", "-confirm", "-withdraw", "-again")
    return {
        "exchange-importer": [("registry.enterprises",)],
        "exchange-template": [("registry.enterprises",)],
        "exchange-export": [("registry.sections",)],
        "exchange-file": [(Export.objects.get(by=whose).pk,)],
        **{f"exchange-import{part}": brought for part in parts},
    }
