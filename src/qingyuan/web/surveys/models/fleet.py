"""The fleet (走航车队): which vehicle carried which device when, and the files that came by hand."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from qingyuan.web.accounts.models import User

__all__ = ["FixFile", "Mounting"]


class Mounting(models.Model):
    """A device on a vehicle from one day to another (装车)."""

    device = models.CharField("设备编号", max_length=40)
    plate = models.CharField("车牌", max_length=16)
    operator = models.CharField("运营单位", max_length=120)
    valid_from = models.DateField("自")
    valid_to = models.DateField("至（不含）", null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["device", "valid_from"], name="mounting_once"),
            models.UniqueConstraint(
                fields=["device"], condition=Q(valid_to=None), name="mounting_one_open"
            ),
            models.CheckConstraint(
                condition=Q(valid_to=None) | Q(valid_to__gt=F("valid_from")), name="mounting_span"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.device} · {self.plate}"


class FixFile(models.Model):
    """A file of fixes somebody brought (走航数据文件), with what became of its rows."""

    name = models.CharField("文件名", max_length=200)
    sha256 = models.CharField("摘要", max_length=64, unique=True)
    datum = models.CharField("来源坐标基准", max_length=12, default="CGCS2000")
    accepted = models.PositiveIntegerField("入库")
    refused = models.JSONField("拒收（按原因）", default=dict)
    first = models.DateField("首日", null=True)
    last = models.DateField("末日", null=True)
    brought_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    brought_by_label = models.CharField("导入人", max_length=120)
    brought_at = models.DateTimeField("导入时间")

    def __str__(self) -> str:
        return self.name
