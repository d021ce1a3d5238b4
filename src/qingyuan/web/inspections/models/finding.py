"""Findings a team fed back, and the months of putting them right (督察反馈问题整改)."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from qingyuan.web.accounts.models import Unit
from qingyuan.web.cases.models import Case
from qingyuan.web.inspections.models.round import Round

__all__ = ["Finding", "FindingMonth"]


class Finding(models.Model):
    """One problem of the feedback (反馈问题): goal, measures, deadline, who accepts."""

    round = models.ForeignKey(Round, models.PROTECT, related_name="findings")
    case = models.OneToOneField(Case, models.PROTECT, related_name="inspection_finding")
    number = models.PositiveIntegerField(_("序号"))
    problem = models.TextField(_("反馈问题"), max_length=2000)
    goal = models.TextField(_("整改目标"), max_length=1000, blank=True)
    measures = models.TextField(_("整改措施"), max_length=4000, blank=True)
    due_on = models.DateField(_("整改时限"), null=True, blank=True)
    acceptor = models.ForeignKey(
        Unit, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("验收单位")
    )
    accepted_at = models.DateTimeField(_("验收时间"), null=True, blank=True)
    notice_from = models.DateField(_("公示起"), null=True, blank=True)
    notice_to = models.DateField(_("公示止"), null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["round", "number"], name="inspection_finding_number")
        ]

    def __str__(self) -> str:
        return f"{self.round_id} {self.number}"


class FindingMonth(models.Model):
    """One month's dispatch of a finding (月调度): on the expected line or behind it."""

    class Progress(models.TextChoices):
        """Against the line the plan draws."""

        ON_TIME = "on_time", _("达到序时进度")
        BEHIND = "behind", _("未达序时进度")

    finding = models.ForeignKey(Finding, models.PROTECT, related_name="months")
    round = models.PositiveSmallIntegerField(_("轮次"))
    month = models.DateField(_("月份"))
    progress = models.CharField(_("进展"), max_length=8, choices=Progress)
    text = models.TextField(_("进展情况"))
    by = models.CharField(max_length=120)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["finding", "round", "month"], name="inspection_month_once"
            ),
            models.CheckConstraint(
                condition=models.Q(month__day=1), name="inspection_month_first_day"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.finding_id} {self.month:%Y-%m}"
