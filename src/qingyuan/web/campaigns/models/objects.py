"""What a campaign looks at (行动对象): a list frozen with who and when, and its refreshings."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from qingyuan.web.campaigns.models.campaign import Campaign
from qingyuan.web.registry.models import District

__all__ = ["KINDS", "Listing", "Target"]

KINDS = (
    ("enterprise", _("企业")),
    ("outfall", _("入河排污口")),
    ("section", _("监测断面")),
    ("place", _("点位")),
)


class Listing(models.Model):
    """One evaluation of the filter (核定清单): by whom, when, what came and what went."""

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="listings")
    number = models.PositiveSmallIntegerField(_("次数"))
    rule = models.JSONField(_("筛选条件"))
    reason = models.CharField(_("事由"), max_length=200)
    added = models.JSONField(_("新增"), default=list)
    removed = models.JSONField(_("移出"), default=list)
    total = models.PositiveIntegerField(_("对象数"))
    by = models.CharField(_("核定人"), max_length=120)
    at = models.DateTimeField(_("核定时间"))

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["campaign", "number"], name="campaign_listing_once")
        ]

    def __str__(self) -> str:
        return f"{self.campaign_id} {self.number}"


class Target(models.Model):
    """One object on the list; taken off it keeps its row and says when (移出)."""

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="targets")
    kind = models.CharField(_("类别"), max_length=12, choices=KINDS)
    ref = models.CharField(_("编号"), max_length=120)
    label = models.CharField(_("名称"), max_length=120)
    district = models.ForeignKey(
        District, models.PROTECT, to_field="code", related_name="+", db_column="district_code"
    )
    enterprise_code = models.CharField(_("企业编号"), max_length=40, blank=True)
    listed = models.ForeignKey(Listing, models.PROTECT, related_name="+")
    dropped = models.ForeignKey(Listing, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["campaign", "kind", "ref"], name="campaign_target_once"
            ),
            models.CheckConstraint(
                condition=Q(kind__in=[k for k, _label in KINDS]), name="campaign_target_kind"
            ),
        ]
        indexes = [models.Index(fields=["campaign", "district"], name="campaign_target_district")]

    def __str__(self) -> str:
        return self.label
