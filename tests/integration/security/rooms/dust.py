"""Dust on both sides: a site, a patch with its pictures, a round with a visit of each."""

from __future__ import annotations

from typing import Any

import dusty_town
from case_town import photo
from qingyuan.web.accounts.models import User
from qingyuan.web.dust import services
from qingyuan.web.dust.models import Check, Lead, Round

ROUTES_WITHOUT_OBJECTS = {
    "dust-sites", "dust-site-add", "dust-leads", "dust-lead-pictures", "dust-rounds", "dust-round-add",
    "dust-task", "dust-departments", "dust-seat", "dust-duty",
}  # fmt: skip
_DISTRICT = {"east": "379901", "west": "379902"}


def build(world: Any) -> None:
    """Register a site each side, bring and check a patch, walk a round of each."""
    town = world.town
    for side, district in _DISTRICT.items():
        mark = f"探针·{side}·dust"
        record = dusty_town.a_site(
            town, f"YC-{side}", district, name_zh=f"工地 {mark}.site·", holder=f"{mark}.holder·",
            note=f"{mark}.note·",
        )  # fmt: skip
        lead = dusty_town.a_patch(town, f"TB-{side}", district, note=f"{mark}.patch·")
        services.attach_pictures(
            [(f"TB-{side}.jpg", photo())],
            leads={lead.code: lead},
            by=world.user("duty"),
            at=town.at,
        )
        lead = Lead.objects.get(code=lead.code)
        services.check_lead(
            lead, true=True, finding=f"{mark}.finding·", picture=("a.jpg", photo()),
            by=world.user("duty"), at=town.at,
        )  # fmt: skip
        round_ = dusty_town.a_round(town, record)
        services.record_visit(
            round_.visits.get(), dusty_town.sheet(town, cover=f"{mark}.check·"),
            by=world.user("duty"), at=town.at,
        )  # fmt: skip


def examples(world: Any, side: Any, user: User) -> dict[str, list[tuple[object, ...]]]:
    """Name them."""
    district = _DISTRICT[side.name]
    site, lead = [(f"YC-{side.name}",)], [(f"TB-{side.name}",)]
    round_ = Round.objects.get(visits__district_id=district)
    check = Check.objects.get(visit__round=round_, verdict="bad")
    return {
        "dust-site": site,
        "dust-site-revise": site,
        "dust-site-case": site,
        "dust-lead": lead,
        "dust-lead-check": lead,
        "dust-lead-site": lead,
        "dust-lead-case": lead,
        "dust-lead-file": [(f"TB-{side.name}", which) for which in ("patch", "check")],
        "dust-round": [(round_.code,)],
        "dust-round-hand-over": [(round_.code,)],
        "dust-visit": [(round_.visits.get().pk,)],
        "dust-visit-file": [(check.pk,)],
    }
