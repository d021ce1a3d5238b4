"""Draws a stranger can repeat (抽查), and the look-back over ill-answered tickets (回头看)."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from qingyuan.web.petitions.models.petition import Petition

__all__ = ["LookBack", "LookBackItem", "SampleCheck", "SampleDraw"]


class SampleDraw(models.Model):
    """One draw: pool, its digest, algorithm, seed, result (抽取记录); redone only with a reason."""

    class Purpose(models.TextChoices):
        """What is drawn for what."""

        CLOSED = "closed", _("办结件抽查")
        NOTHING = "nothing_found", _("报有查无抽查")

    purpose = models.CharField("目的", max_length=16, choices=Purpose)
    since = models.DateField("自")
    until = models.DateField("至")
    channel = models.CharField("渠道", max_length=40, blank=True)
    pool = models.JSONField("抽取池")
    pool_digest = models.CharField("池摘要（SHA-256）", max_length=64)
    algorithm = models.CharField("算法", max_length=40)
    seed = models.CharField("种子", max_length=64)
    rate = models.DecimalField("比例（%）", max_digits=5, decimal_places=2)
    result = models.JSONField("抽中")
    reason = models.CharField("重抽理由", max_length=200, blank=True)
    drawn_by = models.CharField("抽取人", max_length=120)
    drawn_at = models.DateTimeField("抽取时间")

    def __str__(self) -> str:
        return f"{self.purpose} {self.drawn_at:%Y-%m-%d}"


class SampleCheck(models.Model):
    """What a check of one drawn item found (抽查表)."""

    class Finding(models.TextChoices):
        """Answers of the form."""

        SOUND = "sound", _("办理规范")
        FAULTS = "faults", _("有瑕疵")
        REDO = "redo", _("须重办")

    draw = models.ForeignKey(SampleDraw, models.CASCADE, related_name="checks")
    petition = models.ForeignKey(Petition, models.PROTECT, related_name="sample_checks")
    in_time = models.BooleanField("按时")
    replied = models.BooleanField("已答复来件人")
    evidence = models.BooleanField("佐证齐全")
    finding = models.CharField("结论", max_length=12, choices=Finding)
    note = models.CharField("说明", max_length=400, blank=True)
    by = models.CharField("抽查人", max_length=120)
    at = models.DateTimeField("抽查时间")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["draw", "petition"], name="sample_checked_once"),
            models.CheckConstraint(
                condition=Q(finding="sound") | ~Q(note=""), name="sample_fault_has_note"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.draw_id} {self.petition_id}"


class LookBack(models.Model):
    """A campaign that opens ill-answered tickets again (“回头看”攻坚, R053)."""

    name = models.CharField("名称", max_length=80)
    basis = models.CharField("依据", max_length=120, blank=True)
    channel = models.CharField("渠道", max_length=40, blank=True)
    since = models.DateField("自")
    until = models.DateField("至")
    begun_by = models.CharField("发起人", max_length=120)
    begun_at = models.DateTimeField("发起时间")

    def __str__(self) -> str:
        return self.name


class LookBackItem(models.Model):
    """One ticket of a campaign: the answer that brought it here, and whether it was opened again."""

    lookback = models.ForeignKey(LookBack, models.CASCADE, related_name="items")
    petition = models.ForeignKey(Petition, models.PROTECT, related_name="lookbacks")
    satisfaction = models.CharField("原满意度", max_length=12)
    resolution = models.CharField("原解决情况", max_length=12)
    round = models.PositiveSmallIntegerField("重办轮次", null=True, blank=True)
    refusal = models.CharField("未重启的原因", max_length=240, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["lookback", "petition"], name="lookback_item_once")
        ]

    def __str__(self) -> str:
        return f"{self.lookback_id} {self.petition_id}"
