"""What the bureau sets itself: channels, parameters, avoidance; and who knocks too often."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from qingyuan.web.accounts.models import User
from qingyuan.web.registry.models import Enterprise

__all__ = ["Avoidance", "Channel", "Knock", "ParameterChange"]


class Channel(models.Model):
    """A channel the bureau added, or a new period of a shipped one (渠道); dated, never overwritten."""

    code = models.CharField("代码", max_length=40)
    zh = models.CharField("名称", max_length=80)
    en = models.CharField("英文名", max_length=120, blank=True)
    procedure = models.CharField("程序", max_length=40)
    valid_from = models.DateField("自")
    valid_to = models.DateField("至", null=True, blank=True)
    former = models.CharField("曾用名（、分隔）", max_length=200, blank=True)
    put_by = models.CharField("登记人", max_length=120)
    put_at = models.DateTimeField("登记时间")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["code", "valid_from"], name="channel_once"),
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gte=F("valid_from")),
                name="channel_ends_after",
            ),
        ]

    def __str__(self) -> str:
        return self.zh


class ParameterChange(models.Model):
    """A new value of one number of the rules, from a day on, on a document (参数变更)."""

    name = models.CharField("参数", max_length=40)
    value = models.DecimalField("值", max_digits=12, decimal_places=3)
    valid_from = models.DateField("自")
    document = models.CharField("依据", max_length=120)
    set_by = models.CharField("登记人", max_length=120)
    set_at = models.DateTimeField("登记时间")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(value__gte=0), name="parameter_not_negative"),
            models.CheckConstraint(condition=~Q(document=""), name="parameter_has_document"),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.value}"


class Avoidance(models.Model):
    """An officer linked to an enterprise (回避): such a person cannot look at who reported it."""

    officer = models.ForeignKey(User, models.PROTECT, related_name="avoidances")
    enterprise = models.ForeignKey(
        Enterprise, models.PROTECT, to_field="code", related_name="avoidances",
        db_column="enterprise_code",
    )  # fmt: skip
    relation = models.CharField("关系", max_length=120)
    valid_from = models.DateField("自")
    valid_to = models.DateField("至", null=True, blank=True)
    put_by = models.CharField("登记人", max_length=120)
    put_at = models.DateTimeField("登记时间")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["officer", "enterprise"], condition=Q(valid_to=None), name="avoidance_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.officer_id} {self.enterprise_id}"


class Knock(models.Model):
    """How often an address asked in one period (限流); the address itself is not kept."""

    mark = models.CharField("地址印记（SM3）", max_length=64)
    what = models.CharField("事", max_length=12)
    period = models.DateTimeField("时段")
    count = models.PositiveIntegerField("次数", default=1)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["mark", "what", "period"], name="knock_one_row")
        ]
        indexes = [models.Index(fields=["period"], name="knock_period")]

    def __str__(self) -> str:
        return f"{self.what} {self.count}"
