"""The loop (督办闭环): slips with frozen evidence, and what later passes say."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from qingyuan.web.accounts.models import User
from qingyuan.web.cases.models import Case
from qingyuan.web.surveys.models.runs import Finding, HotSpot, SurveyRun

__all__ = ["Recheck", "SpotSlip"]


class SpotSlip(models.Model):
    """A slip on a hot spot (走航督办单): the document and its evidence as they were that day."""

    spot = models.ForeignKey(HotSpot, models.PROTECT, related_name="slips")
    case = models.ForeignKey(Case, models.PROTECT, related_name="dust_slips")
    finding = models.ForeignKey(Finding, models.SET_NULL, null=True, related_name="+")
    number = models.CharField("文号", max_length=40, unique=True)
    content = models.JSONField("正文")
    content_en = models.JSONField("正文（英文）")
    evidence = models.JSONField("证据")
    sha256 = models.CharField("证据摘要", max_length=64)
    issued_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    issued_at = models.DateTimeField("签发时间")

    def __str__(self) -> str:
        return self.number


class Recheck(models.Model):
    """What later passes say of a rectified hot spot (自动复核), night by night until it is decided."""

    class Verdict(models.TextChoices):
        """What they say."""

        WAITING = "waiting", _("数据不足，继续观察")
        CLEAN = "clean", _("达到复核标准，建议销号")
        REBOUND = "rebound", _("反弹，建议重新交办")

    spot = models.ForeignKey(HotSpot, models.PROTECT, related_name="rechecks")
    case = models.ForeignKey(Case, models.PROTECT, related_name="dust_rechecks")
    run = models.ForeignKey(SurveyRun, models.CASCADE, related_name="rechecks")
    round = models.PositiveIntegerField("轮次")
    since = models.DateField("自")
    verdict = models.CharField("结论", max_length=8, choices=Verdict)
    median = models.FloatField("增量中位", null=True)
    passes = models.PositiveIntegerField("通过次数")
    vehicles = models.PositiveIntegerField("车辆数")
    days = models.PositiveIntegerField("天数")
    criterion = models.JSONField("标准")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["case", "run"], name="recheck_once"),
            models.CheckConstraint(
                condition=Q(verdict="waiting") | Q(median__isnull=False), name="recheck_says_why"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.case_id} {self.verdict}"
