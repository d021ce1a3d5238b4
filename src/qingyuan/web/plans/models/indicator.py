"""Indicators of a plan (目标指标): what is to be reached, where it stands, what is lacking."""

from __future__ import annotations

from decimal import Decimal

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from qingyuan.web.plans.models.plan import Plan

__all__ = ["Indicator"]


class Indicator(models.Model):
    """One indicator (指标): its target, the newest value and how far that is from it (R089)."""

    class Better(models.TextChoices):
        """Which way is better."""

        MORE = "more", _("不低于目标")
        LESS = "less", _("不高于目标")

    plan = models.ForeignKey(Plan, models.CASCADE, related_name="indicators")
    number = models.CharField("序号", max_length=12)
    name = models.CharField("指标", max_length=120)
    unit = models.CharField("单位", max_length=24, blank=True)
    better = models.CharField("方向", max_length=4, choices=Better, default=Better.MORE)
    target = models.DecimalField("目标值", max_digits=18, decimal_places=4)
    current = models.DecimalField("现状值", max_digits=18, decimal_places=4, null=True, blank=True)
    as_of = models.DateField("现状截至", null=True, blank=True)
    source = models.CharField("数据来源", max_length=120, blank=True)
    department = models.CharField("责任部门", max_length=120, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["plan", "number"], name="indicator_once"),
            models.CheckConstraint(
                condition=Q(current=None, as_of=None)
                | Q(current__isnull=False, as_of__isnull=False),
                name="indicator_value_has_day",
            ),
            models.CheckConstraint(
                condition=Q(better__in=["more", "less"]), name="indicator_better"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.name}"

    @property
    def gap(self) -> Decimal | None:
        """What is lacking to the target, in its unit; zero once it is met, None without a value."""
        if self.current is None:
            return None
        lacking = self.target - self.current
        return max(lacking if self.better == self.Better.MORE else -lacking, Decimal(0))

    @property
    def figures(self) -> dict[str, str]:
        """Target, current value and gap as they are written: no zeros the table did not have."""
        held = {"target": self.target, "current": self.current, "gap": self.gap}
        return {name: f"{v.normalize():f}" for name, v in held.items() if v is not None}
