"""A round of inspection and the batches it handed over (督察轮次、交办批次)."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from qingyuan.casework.texts.bulletin import Bulletin, Joint

__all__ = ["Batch", "Publicity", "Round"]


class Round(models.Model):
    """One round: level, which round, which batch of stationing, which group, from when to when."""

    class Level(models.TextChoices):
        """Who inspects."""

        CENTRAL = "central", _("中央")
        PROVINCIAL = "provincial", _("省级")

    code = models.SlugField(_("代号"), max_length=24, unique=True)
    level = models.CharField(_("层级"), max_length=12, choices=Level)
    ordinal = models.PositiveSmallIntegerField(_("轮次"))
    stationing = models.PositiveSmallIntegerField(_("进驻批次"), null=True, blank=True)
    group = models.CharField(_("督察组"), max_length=80)
    from_on = models.DateField(_("进驻起"))
    to_on = models.DateField(_("进驻止"), null=True, blank=True)
    hotline = models.CharField(_("举报电话"), max_length=40, blank=True)
    hours = models.CharField(_("受理时间"), max_length=40, blank=True, default="08:00–20:00")
    mailbox = models.CharField(_("邮政信箱"), max_length=120, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["level", "ordinal", "stationing"],
                name="inspection_round_once",
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                condition=Q(to_on=None) | Q(to_on__gte=F("from_on")), name="inspection_round_period"
            ),
        ]

    def __str__(self) -> str:
        return self.code


class Batch(models.Model):
    """One day's hand-over as announced (交办批次): the figures of its bulletin, beside the rows."""

    round = models.ForeignKey(Round, models.PROTECT, related_name="batches")
    number = models.PositiveSmallIntegerField(_("批次"))
    day = models.DateField(_("交办日期"))
    items_stated = models.PositiveIntegerField(_("通报件数"), null=True, blank=True)
    calls = models.PositiveIntegerField(_("来电"), null=True, blank=True)
    letters = models.PositiveIntegerField(_("来信"), null=True, blank=True)
    focus = models.PositiveIntegerField(_("重点关注"), null=True, blank=True)
    cumulative = models.PositiveIntegerField(_("累计"), null=True, blank=True)
    cumulative_focus = models.PositiveIntegerField(_("累计重点关注"), null=True, blank=True)
    problems = models.PositiveIntegerField(_("问题数"), null=True, blank=True)
    by_unit = models.JSONField(_("按责任单位"), default=dict, blank=True)
    joint = models.JSONField(_("分别办理"), default=list, blank=True)
    by_type = models.JSONField(_("按污染类型"), default=dict, blank=True)
    unread = models.JSONField(_("未识别"), default=list, blank=True)
    text = models.TextField(_("通报原文"), blank=True)
    stated_by = models.CharField(max_length=120, blank=True)
    stated_at = models.DateTimeField(null=True, blank=True)
    registered_by = models.CharField(_("登记人"), max_length=120)
    registered_at = models.DateTimeField(_("登记时间"))

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["round", "number"], name="inspection_batch_once"),
            models.CheckConstraint(condition=Q(number__gte=1), name="inspection_batch_number"),
        ]

    def __str__(self) -> str:
        return f"{self.round_id} {self.number}"

    @property
    def stated(self) -> Bulletin:
        """The figures as announced."""
        units: Mapping[str, int] = MappingProxyType(dict(self.by_unit))
        return Bulletin(
            day=self.day,
            batch=self.number,
            items=self.items_stated,
            calls=self.calls,
            letters=self.letters,
            focus=self.focus,
            cumulative=self.cumulative,
            cumulative_focus=self.cumulative_focus,
            by_unit=units,
            joint=tuple(Joint(j["items"], tuple(j["units"])) for j in self.joint),
            by_type=MappingProxyType(dict(self.by_type)),
            problems=self.problems,
            unread=tuple(self.unread),
        )


class Publicity(models.Model):
    """Where a batch, or the hotline of a round, was made public (一台一报一网)."""

    class Medium(models.TextChoices):
        """One television, one paper, one site."""

        TELEVISION = "tv", _("电视台")
        PAPER = "paper", _("报纸")
        SITE = "site", _("网站")
        OTHER = "other", _("其他")

    round = models.ForeignKey(Round, models.PROTECT, related_name="publicity")
    batch = models.ForeignKey(
        Batch, models.PROTECT, null=True, blank=True, related_name="publicity"
    )
    medium = models.CharField(_("媒体类别"), max_length=8, choices=Medium)
    outlet = models.CharField(_("媒体名称"), max_length=80)
    on = models.DateField(_("刊播日期"))
    link = models.URLField(_("网址"), max_length=300, blank=True)
    by = models.CharField(max_length=120)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["round", "batch", "medium", "outlet", "on"],
                name="inspection_publicity_once",
                nulls_distinct=False,
            )
        ]

    def __str__(self) -> str:
        return f"{self.outlet} {self.on}"
