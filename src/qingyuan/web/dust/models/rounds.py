"""Rounds of an inspection team over sites (集中督导, R163): visits, what was and was not kept."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from qingyuan.web.accounts.models import User
from qingyuan.web.cases.models import Case
from qingyuan.web.dust.models.sites import Site
from qingyuan.web.files.models import Attachment
from qingyuan.web.registry.models import District

__all__ = ["Check", "Round", "Visit"]


class Round(models.Model):
    """One round of a team (督导轮次): who goes, where, from when to when."""

    code = models.SlugField(_("轮次编号"), max_length=40, unique=True)
    title = models.CharField(_("名称"), max_length=120)
    team = models.CharField(_("督导组"), max_length=120)
    leader = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("组长"))
    members = models.ManyToManyField(
        User, related_name="dust_rounds", blank=True, verbose_name=_("组员")
    )
    from_on = models.DateField(_("起"))
    to_on = models.DateField(_("止"))
    made_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    made_at = models.DateTimeField("安排时间")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(to_on__gte=F("from_on")), name="dust_round_period")
        ]

    def __str__(self) -> str:
        return self.code


class Visit(models.Model):
    """One site on the list of a round; ``visited_at`` is empty until somebody was there."""

    round = models.ForeignKey(Round, models.PROTECT, related_name="visits")
    site = models.ForeignKey(
        Site, models.PROTECT, to_field="code", related_name="visits", db_column="site_code"
    )
    district = models.ForeignKey(
        District, models.PROTECT, to_field="code", related_name="+", db_column="district_code"
    )
    visited_at = models.DateTimeField("到场时间", null=True)
    visited_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    note = models.CharField(_("情况"), max_length=400, blank=True)
    case = models.ForeignKey(Case, models.PROTECT, null=True, related_name="dust_visits")
    transfer_no = models.CharField("交办文号", max_length=60, blank=True)
    transferred_to = models.CharField("交办对象", max_length=120, blank=True)
    transferred_at = models.DateTimeField("交办时间", null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["round", "site"], name="dust_visit_once"),
            models.CheckConstraint(
                condition=Q(visited_at=None, visited_by=None)
                | Q(visited_at__isnull=False, visited_by__isnull=False),
                name="dust_visit_who_and_when",
            ),
            models.CheckConstraint(
                condition=Q(transferred_at=None) | Q(case__isnull=False),
                name="dust_transfer_has_case",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.round_id} {self.site_id}"


class Check(models.Model):
    """What one visit says of one measure (六个百分之百)."""

    class Verdict(models.TextChoices):
        """Kept, not kept, or not asked of this site."""

        OK = "ok", _("落实")
        BAD = "bad", _("未落实")
        NONE = "none", _("不涉及")

    visit = models.ForeignKey(Visit, models.PROTECT, related_name="checks")
    measure = models.CharField("措施", max_length=12)
    verdict = models.CharField("结论", max_length=4, choices=Verdict)
    note = models.CharField("说明", max_length=200, blank=True)
    picture = models.ForeignKey(Attachment, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["visit", "measure"], name="dust_check_once")]

    def __str__(self) -> str:
        return f"{self.visit_id} {self.measure} {self.verdict}"
