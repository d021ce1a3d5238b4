"""Yearly targets of backlog and key cases (积案、重点件), and petitions taken past the level (越级信访)."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from qingyuan.web.petitions.models.petition import Petition
from qingyuan.web.registry.models import District

__all__ = ["KINDS_OF_TARGET", "Escalation", "EscalationNote", "YearlyTarget"]

KINDS_OF_TARGET = (("backlog", _("信访积案化解")), ("key", _("重点环境信访件化解")))


class YearlyTarget(models.Model):
    """How many are to be settled in a year (年度化解任务, R049, R050); a change is a new row."""

    year = models.PositiveSmallIntegerField("年度")
    kind = models.CharField("任务", max_length=12, choices=KINDS_OF_TARGET)
    district = models.ForeignKey(
        District, models.PROTECT, to_field="code", null=True, blank=True,
        related_name="petition_targets", db_column="district_code",
    )  # fmt: skip
    count = models.PositiveIntegerField("件数")
    basis = models.CharField("依据", max_length=120)
    set_by = models.CharField("登记人", max_length=120)
    set_at = models.DateTimeField("登记时间")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(count__gt=0), name="petition_target_positive")
        ]

    def __str__(self) -> str:
        return f"{self.year} {self.kind} {self.count}"


class Escalation(models.Model):
    """A petition taken past the level that answers it (越级信访, R048); no names of people."""

    class Level(models.TextChoices):
        """Where it went."""

        CITY = "city", _("到市")
        PROVINCE = "province", _("到省")
        NATION = "nation", _("到国家")

    class Stability(models.TextChoices):
        """How it stands."""

        RESOLVED = "resolved", _("已化解")
        STABLE = "stable", _("稳定可控")
        WATCHED = "watched", _("重点关注")
        UNSTABLE = "unstable", _("不稳定")

    number = models.CharField("登记号", max_length=40, unique=True)
    petition = models.ForeignKey(
        Petition, models.PROTECT, null=True, blank=True, related_name="escalations"
    )
    district = models.ForeignKey(
        District, models.PROTECT, to_field="code", related_name="escalations",
        db_column="district_code",
    )  # fmt: skip
    level = models.CharField("层级", max_length=12, choices=Level)
    on = models.DateField("日期")
    people = models.PositiveIntegerField("人数", default=1)
    matter = models.CharField("事项", max_length=200)
    stability = models.CharField("稳控状态", max_length=12, choices=Stability)
    put_by = models.CharField("登记人", max_length=120)
    put_at = models.DateTimeField("登记时间")

    class Meta:
        indexes = [models.Index(fields=["-on", "-id"], name="escalation_newest")]

    def __str__(self) -> str:
        return self.number


class EscalationNote(models.Model):
    """One change of how it stands (稳控记录)."""

    escalation = models.ForeignKey(Escalation, models.CASCADE, related_name="notes")
    stability = models.CharField("稳控状态", max_length=12, choices=Escalation.Stability)
    note = models.CharField("说明", max_length=400)
    by = models.CharField("登记人", max_length=120)
    at = models.DateTimeField("登记时间")

    def __str__(self) -> str:
        return f"{self.escalation_id} {self.stability}"
