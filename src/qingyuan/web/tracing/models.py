"""What was asked, what was answered, what was sampled (溯源)."""

import uuid

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from qingyuan.web.accounts.models import User
from qingyuan.web.signals.models import Signal

__all__ = ["GrabSample", "Trace"]


class Trace(models.Model):
    """One run of the tracer on one alarm (一次溯源); a later run of the same alarm has the next round."""

    class State(models.TextChoices):
        """Where it stands."""

        QUEUED = "queued", _("排队")
        RUNNING = "running", _("计算中")
        DONE = "done", _("完成")
        FAILED = "failed", _("未能完成")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    signal = models.ForeignKey(Signal, models.PROTECT, related_name="traces")
    round = models.PositiveSmallIntegerField("轮次")
    state = models.CharField("状态", max_length=8, choices=State, default=State.QUEUED)
    why = models.CharField("起因", max_length=120)
    requested_by = models.CharField("发起", max_length=120)
    requested_at = models.DateTimeField("发起时间")
    detected_at = models.DateTimeField("数据截至")
    finished_at = models.DateTimeField("完成时间", null=True, blank=True)
    seed = models.PositiveIntegerField("种子")
    answer = models.JSONField("结果", null=True, blank=True)
    inputs_sha256 = models.CharField("输入摘要", max_length=64, blank=True)
    version = models.CharField("算法版本", max_length=40, blank=True)
    problem_zh = models.TextField("未完成原因", blank=True)
    problem_en = models.TextField("未完成原因（英文）", blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["signal", "round"], name="trace_round_once"),
            models.CheckConstraint(
                condition=~Q(state="done") | Q(answer__isnull=False, finished_at__isnull=False),
                name="trace_done_answers",
            ),
            models.CheckConstraint(
                condition=~Q(state="failed") | ~Q(problem_zh=""), name="trace_failed_says_why"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.signal_id} 第{self.round}轮"

    @property
    def folder_name(self) -> str:
        """Name of the event folder in the data folder's ``events``."""
        return str(self.pk)


class GrabSample(models.Model):
    """A sample taken after the alarm and entered by hand (加密采样)."""

    signal = models.ForeignKey(Signal, models.PROTECT, related_name="samples")
    reach_code = models.CharField("河段", max_length=40)
    position_m = models.FloatField("距河段上游端（m）")
    taken_at = models.DateTimeField("采样时间")
    factor = models.CharField("因子", max_length=12)
    value = models.DecimalField("浓度", max_digits=18, decimal_places=6)
    entered_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    entered_at = models.DateTimeField("录入时间")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(value__gte=0, position_m__gte=0), name="sample_sane")
        ]

    def __str__(self) -> str:
        return f"{self.reach_code}+{self.position_m:.0f} m"
