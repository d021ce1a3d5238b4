"""Where a case of an inspection has its own page (督察登记页)."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext as _

from qingyuan.web.accounts.models import User
from qingyuan.web.cases.models import Case
from qingyuan.web.inspections.models import Finding, Item

__all__ = ["home"]


def home(case: Case, user: User) -> tuple[str, str] | None:
    """Return what the link is called and its address; whoever sees the case may go there."""
    if item := Item.objects.filter(case=case).first():
        return _("督察登记、各单位与公开文本"), reverse("inspection-item", args=[item.number])
    if finding := Finding.objects.filter(case=case).select_related("round").first():
        return _("所属督察轮次"), reverse("inspection-round", args=[finding.round.code])
    return None
