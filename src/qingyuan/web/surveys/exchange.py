"""The register of the fleet brought and taken (走航车辆名册)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.conf import settings

from qingyuan.core.problems import Problem
from qingyuan.web.accounts.models import User
from qingyuan.web.audit import services as audit
from qingyuan.web.audit.services import Actor
from qingyuan.web.exchange import (
    Column,
    Exporter,
    Importer,
    Plan,
    Row,
    RowFault,
    Sheet,
    Table,
    compare,
    register,
)
from qingyuan.web.surveys.models import Mounting
from qingyuan.web.surveys.services.fleet import publish_vehicles

__all__ = ["FLEET", "register_tables"]

FLEET = Sheet(
    name="fleet", title="走航车辆名册", title_en="Survey vehicles", key=("device", "valid_from"),
    columns=(
        Column(name="device", zh="设备编号", en="Device", kind="code", required=True, most=40, width=18),
        Column(name="valid_from", zh="启用日期", en="From", kind="day", required=True),
        Column(name="plate", zh="车牌", en="Plate", kind="code", required=True, most=16),
        Column(name="operator", zh="运营单位", en="Operator", required=True, most=120, width=30),
        Column(name="valid_to", zh="停用日期", en="To (not included)", kind="day", note="空为在用", note_en="Empty: in use"),
    ),
)  # fmt: skip


def _values(row: Mounting) -> dict[str, object]:
    return {name: getattr(row, name) for name in ("device", "valid_from", "plate", "operator", "valid_to")}  # fmt: skip


def check(rows: Sequence[Row], /, *, by: User, at: datetime) -> Plan:
    """Say what rows would do; spans of one device may not overlap."""
    known = list(Mounting.objects.order_by("device", "valid_from"))
    held = {(row.device, row.valid_from): _values(row) for row in known}
    return compare(rows, FLEET, held, wrong=_faults(rows, held))


def _faults(
    rows: Sequence[Row], held: Mapping[tuple[Any, ...], Mapping[str, Any]]
) -> list[RowFault]:
    wrong: list[RowFault] = []
    after = {**held, **{(r["device"], r["valid_from"]): r.values for r in rows}}
    for row in rows:
        start, end = row["valid_from"], row.get("valid_to")
        if end is not None and end <= start:
            wrong.append(
                RowFault(row.number, "valid_to", Problem("surveys.mounting_span"), str(end))
            )
        for (device, other), values in after.items():
            if device != row["device"] or other == start:
                continue
            until = values.get("valid_to")
            if (end is None or other < end) and (until is None or start < until):
                problem = Problem("surveys.mounting_overlap", device=device, day=other)
                wrong.append(RowFault(row.number, "valid_from", problem, str(start)))
                break
    return wrong


def write(plan: Plan, /, *, by: User, at: datetime) -> str:
    """Write the spans; those that end come first, so that one device is open once."""
    changed = sorted(plan.changed, key=lambda c: c.row.get("valid_to") is None)
    for change in changed:
        row = Mounting.objects.get(device=change.row["device"], valid_from=change.row["valid_from"])
        for name in change.fields:
            setattr(row, name, change.row[name])
        row.save()
    Mounting.objects.bulk_create(Mounting(**{**r.values}) for r in plan.new)
    publish_vehicles(settings.FOLDER.vehicles, at=at)
    audit.record(
        actor=Actor.of(by), deed="surveys.fleet", target="surveys:fleet", at=at,
        detail={"new": len(plan.new), "changed": len(plan.changed)},
    )  # fmt: skip
    return "/surveys/vehicles/"


def make(query: str, /, *, by: User, at: datetime) -> Table:
    """Gather the register."""
    found = Mounting.objects.order_by("device", "valid_from")
    return Table(sheet=FLEET.settled(), rows=(_values(r) for r in found), count=found.count())


def register_tables() -> None:
    """Register the fleet."""
    roles = ("department_head", "duty_officer")
    register(
        Importer(
            name="surveys.fleet", sheet=FLEET, check=check, write=write, roles=roles,
            locks=("surveys.Mounting",), group="走航", group_en="Surveys",
            hint="设备装在哪辆车上、自何日至何日", hint_en="Which vehicle carries which device, from and to",
        )
    )  # fmt: skip
    register(Exporter(name="surveys.fleet", title=FLEET.title, title_en=FLEET.title_en, make=make, roles=roles))  # fmt: skip
