"""Leads seen from above: brought, looked at, made a site or a case (图斑线索)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from pathlib import PurePath
from typing import Any

from django.db import transaction
from shapely.geometry.base import BaseGeometry

from qingyuan.core.periods import city_date
from qingyuan.core.problems import Problem
from qingyuan.web.accounts.models import User
from qingyuan.web.audit import services as audit
from qingyuan.web.audit.services import Actor
from qingyuan.web.cases.models import Case
from qingyuan.web.cases.services import Origin
from qingyuan.web.dust.models import Lead, SiteRecord
from qingyuan.web.dust.selectors.duties import lead_department
from qingyuan.web.dust.selectors.matching import earlier_of, match_of
from qingyuan.web.dust.services.sites import outlined, register_site
from qingyuan.web.dust.services.tasks import site_case
from qingyuan.web.dust.tables import kinds
from qingyuan.web.files import services as files

__all__ = ["attach_pictures", "check_lead", "lead_to_case", "lead_to_site", "take_leads"]

_CLAUSE = "卫星遥感、无人机巡查排查扬尘源"


@transaction.atomic
def take_leads(
    rows: Sequence[tuple[Mapping[str, Any], BaseGeometry]], *, by: User, at: datetime
) -> list[Lead]:
    """Keep patches as leads; each is matched with the register and with earlier patches (导入图斑).

    Parameters
    ----------
    rows : sequence of (values, shape)
        Values by the lead's field names, and the patch as point or area, CGCS2000 degrees.
    """
    made = []
    for values, shape in rows:
        lead = Lead(**{**values, **outlined(shape)}, made_by=by, made_at=at)
        if (match := match_of(shape, on=lead.taken_on)) is not None:
            lead.matched_id = match.code
            lead.matched_m, lead.matched_share = match.distance_m, match.share
        lead.duplicate_of = earlier_of(lead)
        lead.save(force_insert=True)
        made.append(lead)
    audit.record(
        actor=Actor.of(by),
        deed="dust.leads",
        target="dust_leads",
        at=at,
        clause=_CLAUSE,
        detail={
            "codes": [lead.code for lead in made[:200]],
            "count": len(made),
            "matched": sum(lead.matched_id is not None for lead in made),
            "duplicates": sum(lead.duplicate_of_id is not None for lead in made),
        },
    )
    return made


@transaction.atomic
def attach_pictures(
    pictures: Sequence[tuple[str, bytes]], *, leads: Mapping[str, Lead], by: User, at: datetime
) -> tuple[int, list[str]]:
    """Keep pictures of patches; a file is named by its patch's code (图斑图片).

    Returns how many were kept, and the names that belong to no lead the person may see.
    """
    kept, strange = 0, []
    for name, content in pictures:
        lead = leads.get(PurePath(name).stem)
        if lead is None:
            strange.append(name)
            continue
        lead.picture = files.keep(
            content=content, name=name, by=by, at=at, kind="patch_photo", place=(lead.lon, lead.lat)
        )
        lead.save(update_fields=["picture"])
        kept += 1
    return kept, strange


@transaction.atomic
def check_lead(
    lead: Lead,
    *,
    true: bool,
    finding: str,
    picture: tuple[str, bytes] | None = None,
    by: User,
    at: datetime,
) -> Lead:
    """Say what the patch turned out to be (现场核查): a dust source, or not.

    Raises
    ------
    Problem
        ``dust.lead_checked``, ``dust.finding_missing``.
    """
    row = _locked(lead)
    if row.state != Lead.State.NEW:
        raise Problem("dust.lead_checked", code=row.code, who=row.checked_by or "—")
    if not (said := finding.strip()):
        raise Problem("dust.finding_missing")
    row.state = Lead.State.TRUE if true else Lead.State.FALSE
    row.finding, row.checked_by, row.checked_at = said[:400], by, at
    if true and row.matched_id:
        row.site_id = row.matched_id
    if picture is not None:
        row.check_picture = files.keep(
            content=picture[1], name=picture[0], by=by, at=at, kind="check_photo"
        )
    row.save()
    _note(row, "dust.check_lead", by=by, at=at, detail={"state": row.state, "finding": said})
    return row


@transaction.atomic
def lead_to_site(
    lead: Lead, *, name: str, holder: str = "", address: str = "", by: User, at: datetime
) -> SiteRecord:
    """Register what the patch showed as a site (纳入台账), its department by the table of duties.

    Raises
    ------
    Problem
        ``dust.lead_not_true``, ``dust.lead_has_site``.
    """
    row = _true(lead)
    if row.site_id:
        raise Problem("dust.lead_has_site", code=row.code, site=row.site_id)
    on: date = city_date(at)
    made = register_site(
        code=row.code,
        values={
            "name_zh": name,
            "kind": row.kind,
            "district_id": row.district_id,
            "department": lead_department(row.kind, on=on),
            "holder": holder,
            "address": address,
            "source": SiteRecord.Source.ABOVE,
            "note": row.finding,
        },
        shape=row.shape,
        reason=f"图斑 {row.code} 核查属实",
        valid_from=on,
        by=by,
        at=at,
    )
    row.site = made.site
    row.save(update_fields=["site"])
    _note(row, "dust.lead_to_site", by=by, at=at, detail={"site": made.site_id})
    return made


@transaction.atomic
def lead_to_case(lead: Lead, *, trouble: str, by: User, at: datetime) -> Case:
    """Open a case on what the patch showed (线索立案); its site must stand in the register.

    Raises
    ------
    Problem
        ``dust.lead_not_true``, ``dust.lead_has_case``, ``dust.lead_without_site``.
    """
    row = _true(lead)
    if row.case_id and row.case is not None:
        raise Problem("dust.lead_has_case", code=row.code, case=row.case.number)
    record = SiteRecord.objects.filter(site=row.site_id, valid_to=None).first()
    if record is None:
        raise Problem("dust.lead_without_site", code=row.code)
    label = f"{row.get_seen_by_display()}图斑 {row.code}（{kinds()[row.kind].zh}）"
    row.case = site_case(
        record,
        problem=trouble,
        origin=Origin("dust_lead", f"dust_lead:{row.code}", label),
        by=by,
        at=at,
    )
    row.save(update_fields=["case"])
    _note(row, "dust.lead_to_case", by=by, at=at, detail={"case": row.case.number})
    return row.case


def _locked(lead: Lead) -> Lead:
    return Lead.objects.select_for_update(of=("self",)).get(pk=lead.pk)


def _true(lead: Lead) -> Lead:
    row = _locked(lead)
    if row.state != Lead.State.TRUE:
        raise Problem("dust.lead_not_true", code=row.code)
    return row


def _note(row: Lead, deed: str, *, by: User, at: datetime, detail: dict[str, object]) -> None:
    audit.record(
        actor=Actor.of(by),
        deed=deed,
        target=f"dust_lead:{row.code}",
        at=at,
        clause=_CLAUSE,
        detail=detail,
    )
