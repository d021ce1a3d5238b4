"""What the loop is told and tells: marks of a case, the way from a case to its hot spot, the ledger."""

from __future__ import annotations

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from qingyuan.web.accounts.models import User
from qingyuan.web.accounts.scope import Scope
from qingyuan.web.cases.models import Case
from qingyuan.web.surveys.models import HotSpot, Recheck, SpotSlip

__all__ = ["home", "ledger", "marks"]


def marks(case: Case) -> frozenset[str]:
    """Return what the newest re-check of the present round says of a case."""
    if case.origin_kind != "hotspot":
        return frozenset()
    newest = case.dust_rechecks.filter(round=case.round).order_by("-run__day").first()
    words = {Recheck.Verdict.CLEAN: "dust_clean", Recheck.Verdict.REBOUND: "dust_rebound"}
    word = words.get(newest.verdict) if newest else None
    return frozenset({word}) if word else frozenset()


def home(case: Case, user: User) -> tuple[str, str] | None:
    """Return what the link to the hot spot is called and its address."""
    spot = HotSpot.objects.filter(case=case).first()
    if spot is None:
        return None
    return _("走航热点：通过记录与自动复核"), reverse("hotspot", args=[spot.code])


def ledger(scope: Scope) -> QuerySet[SpotSlip]:
    """Return the slips a person may see, newest first (督办台账)."""
    return (
        SpotSlip.objects.filter(scope.by_district("spot__district_code"))
        .select_related("spot", "case__unit", "case__person", "case__procedure", "case__district")
        .defer("case__district__wkb", "content", "content_en", "evidence")
        .order_by("-issued_at", "-pk")
    )
