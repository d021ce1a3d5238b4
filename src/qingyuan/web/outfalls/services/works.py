"""What the works at an outfall do to its record (整治销号记入台账)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from qingyuan.core.periods import city_date
from qingyuan.web.audit import services as audit
from qingyuan.web.audit.services import Actor
from qingyuan.web.cases.effects import Doing
from qingyuan.web.outfalls.models import OutfallRecord
from qingyuan.web.outfalls.services.records import revise
from qingyuan.web.registry.models import Outfall

__all__ = ["record_state"]

# 一口一策的整治方式 → 台账的整治类型（部令第35号；water.md §5）
_CURES = {
    "remove": OutfallRecord.Cure.BAN,
    "merge": OutfallRecord.Cure.MERGE,
    "regulate": OutfallRecord.Cure.REGULATE,
}


def record_state(doing: Doing, params: Mapping[str, str]) -> None:
    """Begin a new version of the outfall's record with the state the works have come to.

    The outfall is the case's own, else the one the opening form names. One the registry does not
    know, or that has ended, has no record to go on: the chain says so and the deed stands.
    """
    code = doing.case.outfall_code or str(doing.case.form.get("outfall", "")).strip()
    outfall = Outfall.objects.filter(code=code, ended_on=None).first()
    if outfall is None:
        audit.record(
            actor=Actor.of(doing.by),
            deed="outfalls.works_unmatched",
            target=doing.case.ref,
            at=doing.at,
            detail={"outfall": code, "state": params["state"]},
        )
        return
    held = outfall.records.filter(valid_to=None).first()
    changes: dict[str, Any] = {"state": params["state"], **_planned(doing)}
    same = {name: getattr(held, name) for name in changes} if held else {}
    if same == changes:
        return
    day = city_date(doing.at)
    revise(
        outfall,
        changes,
        reason=f"{doing.case.number} {doing.case.rules.deeds[doing.step.deed].label.zh}",
        valid_from=max(day, held.valid_from) if held else day,
        seen=held.version if held else 0,
        by=doing.by,
        at=doing.at,
    )


def _planned(doing: Doing) -> dict[str, Any]:
    """Return what the plan that was carried out says of the cure; nothing where there was none."""
    plans = doing.case.deeds.filter(name="plan_works", round=doing.case.round, undone_by=None)
    plan = plans.order_by("-seq").first()
    if plan is None:
        return {}
    cure = _CURES.get(str(plan.given.get("way")))
    said = {"measures": str(plan.given.get("measures", ""))[:400]}
    return {**said, "cure": cure.value} if cure else said
