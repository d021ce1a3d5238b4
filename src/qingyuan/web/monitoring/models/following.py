"""What monitoring keeps: the latest of every series, where it has read to, a city's own rules."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from qingyuan.web.accounts.models import User

__all__ = ["Follower", "Latest", "PublishedRules"]


class Latest(models.Model):
    """The newest value of one station and factor (最新值), as sent."""

    station = models.CharField("站点", max_length=60)
    factor = models.CharField("因子", max_length=24)
    time = models.DateTimeField("时间")
    received_at = models.DateTimeField("接收时间")
    text = models.CharField("数值（原文）", max_length=60)
    value = models.FloatField("数值", null=True, blank=True)
    flag = models.CharField("数据标记", max_length=8, blank=True)
    valid = models.BooleanField("有效")
    unit = models.CharField("单位", max_length=16, blank=True)
    cn = models.CharField("命令编码", max_length=8)
    water_class = models.CharField("水质类别", max_length=4, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["station", "factor"], name="latest_one_per_series")
        ]
        indexes = [models.Index(fields=["received_at"], name="latest_received")]

    def __str__(self) -> str:
        return f"{self.station} {self.factor} {self.text}"


class Follower(models.Model):
    """How far the table was read (跟随位置), and the watch as it stood at one version.

    Between two savings of the watch, ``version`` runs ahead of ``state_version``; a new process
    reads on from the latter, and what it finds twice folds onto the rows that are there.
    """

    name = models.CharField("名称", max_length=40, unique=True)
    version = models.BigIntegerField("已读版本", default=-1)
    state_version = models.BigIntegerField("状态版本", default=-1)
    state = models.BinaryField("值守状态（zlib JSON）", null=True, blank=True)
    rows = models.BigIntegerField("累计行数", default=0)
    read_at = models.DateTimeField("读到时刻", null=True, blank=True)
    lag_s = models.FloatField("延迟（s）", null=True, blank=True)  # city time now − time of receipt
    worst_lag_s = models.FloatField("最大延迟（s）", null=True, blank=True)
    restarted = models.PositiveIntegerField("重新起步次数", default=0)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state_version__lte=F("version")), name="follower_versions"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.version}"


class PublishedRules(models.Model):
    """A city's own rule set (预警规则) in the words of ``readings``; the newest in force speaks."""

    rule_id = models.CharField("规则编号", max_length=60, unique=True)
    text = models.TextField("规则（TOML）")
    in_force_from = models.DateField("自")
    in_force_to = models.DateField("至", null=True, blank=True)
    published_by = models.ForeignKey(User, models.PROTECT, related_name="rules_published")
    published_at = models.DateTimeField("发布时间")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(in_force_to=None) | Q(in_force_to__gte=F("in_force_from")),
                name="rules_period",
            ),
        ]

    def __str__(self) -> str:
        return self.rule_id
