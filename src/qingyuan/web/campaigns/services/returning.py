"""Tell whoever found a problem how its case ended (反馈)."""

from __future__ import annotations

from datetime import datetime

from django.urls import reverse

from qingyuan.web.campaigns.models import Visit
from qingyuan.web.cases.models import Case
from qingyuan.web.notices.services import notify

__all__ = ["tell_finder"]


def tell_finder(case: Case, at: datetime) -> None:
    """Put the end of a case into the inbox of who recorded the visit it came from."""
    visit = Visit.objects.select_related("done_by").filter(case=case).first()
    if visit is None or visit.done_by is None:
        return
    notify(
        [visit.done_by],
        kind="campaign",
        title=f"{case.number} 检查发现的问题已办结",
        title_en=f"{case.number}: the problem you found is closed",
        url=reverse("campaign-visit", args=[visit.pk]),
        at=at,
    )
