"""Where a case of a campaign has its own page (所属专项行动)."""

from __future__ import annotations

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _

from qingyuan.core.periods import city_date
from qingyuan.host.citytime import CityClock
from qingyuan.web.accounts.models import User
from qingyuan.web.accounts.scope import scope_of
from qingyuan.web.campaigns.selectors.sight import campaigns
from qingyuan.web.cases.models import Case

__all__ = ["home"]


def home(case: Case, user: User) -> tuple[str, str] | None:
    """Return what the link is called and its address, for who may see the campaign."""
    thing = case.things.filter(kind="campaign").order_by("pk").first()
    if thing is None:
        return None
    today = city_date(CityClock(settings.FOLDER).now())
    if not campaigns(scope_of(user, on=today)).filter(number=thing.ref).exists():
        return None
    return _("所属专项行动"), reverse("campaign", args=[thing.ref])
