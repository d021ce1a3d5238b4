"""What a district does in a campaign (区市实施方案、周报)."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from qingyuan.web.accounts.models import User
from qingyuan.web.campaigns.models.campaign import Campaign
from qingyuan.web.files.models import Attachment
from qingyuan.web.registry.models import District

__all__ = ["Report", "SubPlan"]


class SubPlan(models.Model):
    """A district's sub-plan (区市细化方案): asked for, submitted, accepted or sent back."""

    class State(models.TextChoices):
        """How far it is."""

        ASKED = "asked", _("待报送")
        SUBMITTED = "submitted", _("待审核")
        RETURNED = "returned", _("退回修改")
        ACCEPTED = "accepted", _("已通过")

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="sub_plans")
    district = models.ForeignKey(
        District, models.PROTECT, to_field="code", related_name="+", db_column="district_code"
    )
    person = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("责任人"))
    quota = models.PositiveIntegerField(_("任务数（家次）"))
    finish_on = models.DateField(_("完成期限"))
    due_on = models.DateField(_("方案报送期限"))
    state = models.CharField(_("状态"), max_length=10, choices=State, default=State.ASKED)
    text = models.TextField(_("实施方案"), max_length=4000, blank=True)
    paper = models.ForeignKey(
        Attachment, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("方案文件")
    )  # fmt: skip
    submitted_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    submitted_at = models.DateTimeField(_("报送时间"), null=True, blank=True)
    judged_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    judged_at = models.DateTimeField(_("审核时间"), null=True, blank=True)
    opinion = models.CharField(_("审核意见"), max_length=400, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["campaign", "district"], name="campaign_sub_plan_once"),
            models.CheckConstraint(
                condition=Q(submitted_by=None, submitted_at=None)
                | Q(submitted_by__isnull=False, submitted_at__isnull=False),
                name="campaign_submitted_who_when",
            ),
            models.CheckConstraint(
                condition=Q(judged_by=None, judged_at=None)
                | Q(judged_by__isnull=False, judged_at__isnull=False),
                name="campaign_judged_who_when",
            ),
            models.CheckConstraint(
                condition=Q(state="asked") | Q(submitted_at__isnull=False),
                name="campaign_state_submitted",
            ),
            models.CheckConstraint(
                condition=~Q(state="accepted") | ~Q(judged_by=models.F("submitted_by")),
                name="campaign_accepted_by_another",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.campaign_id} {self.district_id}"


class Report(models.Model):
    """What a district says of one week (周报); said once."""

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="reports")
    district = models.ForeignKey(
        District, models.PROTECT, to_field="code", related_name="+", db_column="district_code"
    )
    week = models.DateField(_("周一"))
    text = models.TextField(_("进展"), max_length=1000)
    late = models.BooleanField(_("逾期"), default=False)
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField(_("报送时间"))

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["campaign", "district", "week"], name="campaign_report_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.campaign_id} {self.district_id} {self.week}"
