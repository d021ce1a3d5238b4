"""A campaign and who carries it (专项行动、牵头与联合部门)."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from qingyuan.web.accounts.models import Unit
from qingyuan.web.cases.models.case import MATTERS

__all__ = ["Campaign", "JointUnit"]


class Campaign(models.Model):
    """One campaign as its document orders it; closed, its figures are frozen in ``closing``."""

    class Season(models.TextChoices):
        """When of the year it runs (R120)."""

        WHOLE = "", _("不分季")
        SPRING = "spring", _("春季")
        SUMMER = "summer", _("夏季")
        AUTUMN = "autumn", _("秋季")
        WINTER = "winter", _("冬季")

    number = models.CharField(_("编号"), max_length=24, unique=True)
    title = models.CharField(_("名称"), max_length=120)
    document = models.CharField(_("依据文件"), max_length=160)
    document_no = models.CharField(_("文号"), max_length=60, blank=True)
    issued_on = models.DateField(_("印发日期"))
    season = models.CharField(_("季节"), max_length=8, choices=Season, blank=True)
    aim = models.TextField(_("目标与要求"), max_length=2000, blank=True)
    lead = models.ForeignKey(
        Unit, models.PROTECT, related_name="campaigns_led", verbose_name=_("牵头部门")
    )
    starts_on = models.DateField(_("自"))
    ends_on = models.DateField(_("至（含）"))
    plan_days = models.PositiveSmallIntegerField(_("报送实施方案的工作日数"), default=5)
    report_days = models.PositiveSmallIntegerField(_("周报在周末之后的工作日数"), default=1)
    procedure = models.CharField(_("发现问题立案的程序"), max_length=40, default="hazard")
    matter = models.CharField(_("事项"), max_length=24, choices=MATTERS, default="source")
    made_by = models.CharField(_("登记人"), max_length=120)
    made_at = models.DateTimeField(_("登记时间"))
    closing = models.JSONField(_("总结时的数"), default=dict, blank=True)
    closing_text = models.TextField(_("总结"), max_length=4000, blank=True)
    closed_by = models.CharField(_("总结人"), max_length=120, blank=True)
    closed_at = models.DateTimeField(_("总结时间"), null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on__gte=F("starts_on")), name="campaign_period"
            ),
            models.CheckConstraint(
                condition=Q(closed_by="", closed_at=None)
                | (~Q(closed_by="") & Q(closed_at__isnull=False)),
                name="campaign_closed_who_when",
            ),
            models.UniqueConstraint(
                fields=["document", "document_no", "title"], name="campaign_once"
            ),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def ref(self) -> str:
        """The campaign as audit and cases cite it."""
        return f"campaign:{self.number}"


class JointUnit(models.Model):
    """A department that joins in, and with what (联合部门)."""

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="joint")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="campaigns_joined")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["campaign", "unit"], name="campaign_joint_once")
        ]

    def __str__(self) -> str:
        return f"{self.campaign_id} {self.unit_id}"
