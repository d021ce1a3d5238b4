"""What a case shows of the petition it is, and of petitions it points at (案件与信访件互见).

Number and channel only; who reported is sealed and is not read here.
"""

from __future__ import annotations

from collections.abc import Sequence

from django.urls import reverse
from django.utils.translation import gettext as _

from qingyuan.core.periods import city_date
from qingyuan.web.accounts.models import User
from qingyuan.web.cases.models import Case
from qingyuan.web.petitions.models import Petition
from qingyuan.web.petitions.selectors.settings import channel_label

__all__ = ["faces", "home"]


def home(case: Case, user: User) -> tuple[str, str] | None:
    """Return what the link to the petition is called and its address."""
    petition = Petition.objects.filter(case=case).first()
    if petition is None:
        return None
    channel = channel_label(petition.channel, on=city_date(petition.received_at))
    return _("信访件（%(channel)s）") % {"channel": channel}, reverse(
        "petition", args=[case.number]
    )


def faces(cases: Sequence[Case]) -> dict[int, str]:
    """Return by case what another case may show of a petition: that it is one, and its channel."""
    found = {}
    for petition in Petition.objects.filter(case__in=list(cases)):
        channel = channel_label(petition.channel, on=city_date(petition.received_at))
        found[petition.case_id] = _("信访件（%(channel)s）") % {"channel": channel}
    return found
