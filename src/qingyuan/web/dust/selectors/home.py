"""Where a case of dust has its own page (点位、督导)."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext as _

from qingyuan.core.periods import city_date
from qingyuan.web.accounts.models import User
from qingyuan.web.accounts.scope import scope_of
from qingyuan.web.cases.models import Case
from qingyuan.web.dust.selectors.register import record_of

__all__ = ["home"]


def home(case: Case, user: User) -> tuple[str, str] | None:
    """Return the page of the site a case is about, where the reader may go there."""
    code = str(case.form.get("site") or "")
    day = city_date(case.changed_at or case.opened_at)
    if code and record_of(scope_of(user, on=day), code) is not None:
        return _("扬尘源档案"), reverse("dust-site", args=[code])
    return None
