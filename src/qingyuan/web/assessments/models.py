"""What assessments keep: decisions about sand-dust hours, and interviews of districts."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from qingyuan.web.accounts.models import User
from qingyuan.web.registry.models import AirStation, District

__all__ = ["DustDecision", "Interview"]


class DustDecision(models.Model):
    """What a person decided about hours proposed as sand-dust (沙尘时段认定); no hour is deleted.

    A decision that was taken back stays, and no longer leaves anything out.
    """

    class Verdict(models.TextChoices):
        """What the hours were."""

        CONFIRMED = "confirmed", _("认定为沙尘")
        REJECTED = "rejected", _("不是沙尘")

    station = models.ForeignKey(
        AirStation,
        models.PROTECT,
        to_field="code",
        related_name="dust_decisions",
        db_column="station_code",
    )
    from_at = models.DateTimeField("自")
    to_at = models.DateTimeField("至（不含）")
    verdict = models.CharField("结论", max_length=12, choices=Verdict.choices)
    reason = models.CharField("理由", max_length=400)
    grounds = models.JSONField("规则给出的依据", default=dict)
    decided_by = models.ForeignKey(User, models.PROTECT, related_name="dust_decisions")
    decided_at = models.DateTimeField("认定时间")
    withdrawn_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="dust_decisions_withdrawn"
    )
    withdrawn_at = models.DateTimeField("撤回时间", null=True, blank=True)
    withdrawn_why = models.CharField("撤回原因", max_length=400, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(to_at__gt=F("from_at")), name="dust_period"),
            models.CheckConstraint(
                condition=Q(verdict__in=["confirmed", "rejected"]), name="dust_verdict"
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_by=None, withdrawn_at=None)
                | Q(withdrawn_by__isnull=False, withdrawn_at__isnull=False),
                name="dust_withdrawn_by_whom",
            ),
        ]
        indexes = [models.Index(fields=["station", "from_at"], name="dust_of_station")]

    def __str__(self) -> str:
        return f"{self.station_id} {self.verdict} {self.from_at:%Y-%m-%d %H:%M}"


class Interview(models.Model):
    """An interview of a district that rebounded (约谈), with the table it rested on, frozen."""

    district = models.ForeignKey(
        District, models.PROTECT, to_field="code", related_name="interviews", db_column="district_code"
    )  # fmt: skip
    item = models.CharField("指标", max_length=8)
    month = models.DateField("月份（首日）")
    grounds = models.JSONField("依据表", default=dict)
    held_on = models.DateField("约谈日期")
    record = models.TextField("约谈记录", max_length=4000)
    case_ref = models.CharField("后续案件", max_length=40, blank=True)
    recorded_by = models.ForeignKey(User, models.PROTECT, related_name="interviews_recorded")
    recorded_at = models.DateTimeField("登记时间")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(month__day=1), name="interview_month"),
        ]
        indexes = [models.Index(fields=["district", "month"], name="interview_of_district")]

    def __str__(self) -> str:
        return f"{self.district_id} {self.item} {self.month:%Y-%m}"
