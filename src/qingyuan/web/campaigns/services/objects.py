"""The list of objects and the cases that come from it (核定清单、举一反三、并入案件)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db import transaction

from qingyuan.core.problems import Problem
from qingyuan.web.accounts.models import User
from qingyuan.web.audit import services as audit
from qingyuan.web.audit.services import Actor
from qingyuan.web.campaigns.models import Campaign, Listing, Target, Visit
from qingyuan.web.campaigns.selectors import Wanted, difference
from qingyuan.web.campaigns.services.making import open_one
from qingyuan.web.cases.models import Case, CaseThing
from qingyuan.web.cases.services import SweepObject, attach, sweep

__all__ = ["claim", "enlist", "form_of", "join_case", "list_objects", "sweep_objects"]


def enlist(campaign: Campaign, one: Wanted, listing: Listing) -> Target:
    """Put one object on the list, or back on it."""
    made, _ = Target.objects.update_or_create(
        campaign=campaign,
        kind=one.kind,
        ref=one.ref,
        defaults={
            "label": one.label,
            "district_id": one.district,
            "enterprise_code": one.enterprise,
            "listed": listing,
            "dropped": None,
        },
    )
    return made


@transaction.atomic
def list_objects(
    campaign: Campaign,
    *,
    rule: Mapping[str, object],
    reason: str,
    by: User,
    at: datetime,
    seen: int | None = None,
) -> Listing:
    """Freeze the list the filter gives now, with what came and what went (核定清单).

    Objects already visited stay; visits planned for objects that go are withdrawn.

    Parameters
    ----------
    seen : int, optional
        How many listings there were when the difference was shown: a list somebody else refreshed
        meanwhile is looked at again.

    Raises
    ------
    Problem
        ``campaigns.closed``, ``campaigns.list_moved``, ``campaigns.list_same``,
        ``campaigns.list_empty``, and what evaluating the filter may refuse.
    """
    campaign = open_one(campaign)
    last = campaign.listings.count()
    if seen is not None and seen != last:
        raise Problem("campaigns.list_moved", number=campaign.number, n=last)
    changed = difference(campaign, rule)
    if not changed.total:
        raise Problem("campaigns.list_empty")
    if last and not changed.added and not changed.removed:
        raise Problem("campaigns.list_same", n=changed.total)
    listing = Listing.objects.create(
        campaign=campaign,
        number=last + 1,
        rule=dict(rule),
        reason=reason.strip()[:200],
        added=[[o.kind, o.ref, o.label] for o in changed.added],
        removed=[[t.kind, t.ref, t.label] for t in changed.removed],
        total=changed.total,
        by=str(by),
        at=at,
    )
    for one in changed.added:
        enlist(campaign, one, listing)
    gone = [t.pk for t in changed.removed]
    withdrawn, _ = Visit.objects.filter(target_id__in=gone, done_at=None).delete()
    Target.objects.filter(pk__in=gone).update(dropped=listing)
    audit.record(
        actor=Actor.of(by),
        deed="campaigns.list",
        target=campaign.ref,
        at=at,
        detail={
            "rule": dict(rule), "number": listing.number, "total": listing.total,
            "added": len(changed.added), "removed": len(gone), "withdrawn": withdrawn, "reason": reason,
        },
    )  # fmt: skip
    return listing


def claim(campaign: Campaign, case: Case, *, at: datetime) -> None:
    """Note that a case is of the campaign: figures and the ledger's filter read this."""
    attach(case, kind="campaign", ref=campaign.number, label=campaign.title, at=at)


@transaction.atomic
def join_case(campaign: Campaign, case: Case, *, by: User, at: datetime) -> None:
    """Take a case opened elsewhere into the campaign (并入案件); joining twice changes nothing."""
    campaign = open_one(campaign)
    claim(campaign, case, at=at)
    audit.record(
        actor=Actor.of(by),
        deed="campaigns.join",
        target=campaign.ref,
        at=at,
        detail={"case": case.number},
    )


def form_of(
    procedure: str, target: Target, *, risk: str, standard: str, problem: str
) -> dict[str, object]:
    """Return the opening form of the procedure a problem runs on."""
    if procedure == "hazard":
        return {"place": target.label, "risk": risk, "standard": standard, "key_point": False}
    if procedure == "outfall_works":
        return {"outfall": target.ref, "found_by": "second", "trouble": problem}
    return {}


@transaction.atomic
def sweep_objects(
    campaign: Campaign,
    case: Case,
    *,
    targets: Sequence[Target],
    title: str,
    standard: str,
    by: User,
    at: datetime,
) -> list[Case]:
    """Have every other object of the list looked at for the same problem (举一反三).

    One task per object hangs on *case*; the object the case itself came from is passed over.

    Raises
    ------
    Problem
        ``campaigns.closed``, ``campaigns.foreign_case``, and what the sweep of cases refuses.
    """
    campaign = open_one(campaign)
    if not CaseThing.objects.filter(case=case, kind="campaign", ref=campaign.number).exists():
        raise Problem("campaigns.foreign_case", case=case.number, number=campaign.number)
    own = Visit.objects.filter(case=case).values_list("target_id", flat=True).first()
    objects = [
        SweepObject(
            kind=t.kind, ref=t.ref, label=t.label, district_code=t.district_id,
            title=f"{title}：{t.label}"[:160], enterprise_id=t.enterprise_code or None,
            outfall_code=t.ref if t.kind == "outfall" else "",
            section_code=t.ref if t.kind == "section" else "",
            form=form_of(campaign.procedure, t, risk="general", standard=standard, problem=title),
        )
        for t in targets if t.pk != own
    ]  # fmt: skip
    opened = sweep(
        case=case, objects=objects, by=by, at=at, procedure=campaign.procedure, title=title
    )
    for task in opened:
        claim(campaign, task, at=at)
    audit.record(
        actor=Actor.of(by),
        deed="campaigns.sweep",
        target=campaign.ref,
        at=at,
        detail={"case": case.number, "objects": len(objects), "opened": len(opened)},
    )
    return opened
