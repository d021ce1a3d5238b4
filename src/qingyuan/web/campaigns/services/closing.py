"""End a campaign (总结): the figures stand as they were, the cases go on."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from qingyuan.core.problems import Problem
from qingyuan.web.accounts.models import User
from qingyuan.web.accounts.scope import Scope
from qingyuan.web.audit import services as audit
from qingyuan.web.audit.services import Actor
from qingyuan.web.campaigns.models import Campaign, Visit
from qingyuan.web.campaigns.selectors import figures
from qingyuan.web.campaigns.services.making import open_one

__all__ = ["close_campaign"]


@transaction.atomic
def close_campaign(
    campaign: Campaign, *, text: str, scope: Scope, by: User, at: datetime
) -> Campaign:
    """Close a campaign with its report; the figures of this instant are kept for good.

    Cases still open keep their clocks and their place in the ledgers; visits not made are withdrawn
    and counted in the audit entry.

    Raises
    ------
    Problem
        ``campaigns.closed``, ``campaigns.text_missing``, ``campaigns.not_whole`` when who closes does
        not see the whole city.
    """
    campaign = open_one(campaign)
    if not text.strip():
        raise Problem("campaigns.text_missing")
    if not scope.city:
        raise Problem("campaigns.not_whole")
    counted = figures(campaign, scope, at=at)
    undone, _ = Visit.objects.filter(team__campaign=campaign, done_at=None).delete()
    campaign.closing = counted.as_json()
    campaign.closing_text = text.strip()[:4000]
    campaign.closed_by, campaign.closed_at = str(by), at
    campaign.save()
    whole = counted.whole
    audit.record(
        actor=Actor.of(by),
        deed="campaigns.close",
        target=campaign.ref,
        at=at,
        clause=f"《{campaign.document}》{campaign.document_no}"[:240],
        detail={
            "objects": whole.objects, "visited": whole.visited, "problems": whole.problems,
            "cases": whole.cases, "closed": whole.closed, "overdue": whole.overdue, "undone": undone,
        },
    )  # fmt: skip
    return campaign
