"""Register a campaign and change how it is carried (登记专项行动)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from qingyuan.core.problems import Problem
from qingyuan.web.accounts.models import Unit, User
from qingyuan.web.audit import services as audit
from qingyuan.web.audit.services import Actor
from qingyuan.web.campaigns.models import Campaign, JointUnit

__all__ = ["PROCEDURES", "change_campaign", "make_campaign", "open_one"]

PROCEDURES = ("hazard", "outfall_works", "exceedance")
"""Procedures a problem found can run on: those that need no register of another office."""


def open_one(campaign: Campaign) -> Campaign:
    """Lock a campaign that is not closed.

    Raises
    ------
    Problem
        ``campaigns.closed``.
    """
    held = Campaign.objects.select_for_update().get(pk=campaign.pk)
    if held.closed_at:
        raise Problem("campaigns.closed", number=held.number)
    return held


def _check(campaign: Campaign) -> None:
    if campaign.ends_on < campaign.starts_on:
        raise Problem(
            "campaigns.period",
            begin=campaign.starts_on.isoformat(),
            end=campaign.ends_on.isoformat(),
        )
    if campaign.procedure not in PROCEDURES:
        raise Problem("campaigns.procedure", given=campaign.procedure)
    same = Campaign.objects.filter(
        document=campaign.document, document_no=campaign.document_no, title=campaign.title
    ).exclude(pk=campaign.pk)
    if twin := same.first():
        raise Problem("campaigns.twice", number=twin.number, title=campaign.title)


def _join(campaign: Campaign, joint: Sequence[Unit]) -> None:
    wanted = {unit.pk for unit in joint} - {campaign.lead_id}
    campaign.joint.exclude(unit_id__in=wanted).delete()
    held = set(campaign.joint.values_list("unit_id", flat=True))
    JointUnit.objects.bulk_create(
        JointUnit(campaign=campaign, unit_id=pk) for pk in sorted(wanted - held)
    )


@transaction.atomic
def make_campaign(
    campaign: Campaign, *, joint: Sequence[Unit] = (), by: User, at: datetime
) -> Campaign:
    """Register a campaign and give it its number ``ZX<year>-<serial>``.

    Raises
    ------
    Problem
        ``campaigns.period``, ``campaigns.procedure``, ``campaigns.twice``: one document orders one
        campaign of a name, however often it is cited.
    """
    audit.hold_chain()
    campaign.document = campaign.document.strip().removeprefix("《").removesuffix("》")
    _check(campaign)
    prefix = f"ZX{campaign.starts_on.year}-"
    last = Campaign.objects.filter(number__startswith=prefix).order_by("-number").first()
    serial = int(last.number.removeprefix(prefix)) + 1 if last else 1
    campaign.number = f"{prefix}{serial:03d}"
    campaign.made_by, campaign.made_at = str(by), at
    campaign.save(force_insert=True)
    _join(campaign, joint)
    _record("campaigns.make", campaign, joint, by=by, at=at)
    return campaign


@transaction.atomic
def change_campaign(
    campaign: Campaign, *, joint: Sequence[Unit], by: User, at: datetime
) -> Campaign:
    """Keep what was changed on a campaign that is not closed; its number stays."""
    open_one(campaign)
    _check(campaign)
    campaign.save()
    _join(campaign, joint)
    _record("campaigns.change", campaign, joint, by=by, at=at)
    return campaign


def _record(
    deed: str, campaign: Campaign, joint: Sequence[Unit], *, by: User, at: datetime
) -> None:
    audit.record(
        actor=Actor.of(by),
        deed=deed,
        target=campaign.ref,
        at=at,
        clause=f"《{campaign.document}》{campaign.document_no}"[:240],
        detail={
            "title": campaign.title,
            "lead": campaign.lead.code,
            "joint": sorted(unit.code for unit in joint),
            "period": f"{campaign.starts_on.isoformat()}/{campaign.ends_on.isoformat()}",
            "procedure": campaign.procedure,
        },
    )
