"""Looking back at closed items (回头看): a draw anyone can repeat, and what was found."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from qingyuan.web.inspections.models.item import Item
from qingyuan.web.inspections.models.round import Round

__all__ = ["LookBack", "LookBackCheck"]


class LookBack(models.Model):
    """One look-back over a round (回头看): pool, its hash, algorithm and seed are kept."""

    round = models.ForeignKey(Round, models.PROTECT, related_name="look_backs")
    ordinal = models.PositiveSmallIntegerField(_("次数"))
    size = models.PositiveIntegerField(_("抽取件数"))
    seed = models.CharField(_("种子"), max_length=64)
    algorithm = models.CharField(_("算法版本"), max_length=40)
    pool = models.JSONField(_("抽取范围"))
    pool_sha256 = models.CharField(_("范围摘要（SHA-256）"), max_length=64)
    reason = models.CharField(_("事由"), max_length=200)
    drawn_by = models.CharField(_("抽取人"), max_length=120)
    drawn_at = models.DateTimeField(_("抽取时间"))

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["round", "ordinal"], name="inspection_look_back_once"),
            models.CheckConstraint(condition=Q(size__gte=1), name="inspection_look_back_size"),
        ]

    def __str__(self) -> str:
        return f"{self.round_id} {self.ordinal}"


class LookBackCheck(models.Model):
    """One drawn item and what the look-back found (复查)."""

    class Result(models.TextChoices):
        """Steady, or back again."""

        STEADY = "steady", _("整改到位")
        REBOUND = "rebound", _("反弹")

    look_back = models.ForeignKey(LookBack, models.PROTECT, related_name="checks")
    item = models.ForeignKey(Item, models.PROTECT, related_name="look_backs")
    position = models.PositiveIntegerField(_("抽取次序"))
    case_round = models.PositiveSmallIntegerField(_("所查轮次"))
    result = models.CharField(_("复查结果"), max_length=8, choices=Result, blank=True)
    finding = models.TextField(_("复查情况"), max_length=1000, blank=True)
    checked_by = models.CharField(_("复查人"), max_length=120, blank=True)
    checked_at = models.DateTimeField(_("复查时间"), null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["look_back", "item"], name="inspection_drawn_once"),
            models.UniqueConstraint(
                fields=["look_back", "position"], name="inspection_drawn_position"
            ),
            models.CheckConstraint(
                condition=Q(result="", checked_at=None)
                | (~Q(result="") & Q(checked_at__isnull=False) & ~Q(checked_by="")),
                name="inspection_checked_who_when",
            ),
            models.CheckConstraint(condition=Q(position__gte=1), name="inspection_drawn_order"),
        ]

    def __str__(self) -> str:
        return f"{self.look_back_id} {self.item_id}"
