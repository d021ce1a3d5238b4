"""Patches seen from above (遥感、无人机图斑): leads until somebody has looked."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from qingyuan.web.accounts.models import User
from qingyuan.web.cases.models import Case
from qingyuan.web.dust.models.sites import Site
from qingyuan.web.dust.tables import kinds
from qingyuan.web.files.models import Attachment
from qingyuan.web.registry.models import District, Shaped
from qingyuan.web.registry.models.geometry import place_check

__all__ = ["Lead"]


class Lead(Shaped):
    """One interpreted patch (线索): where, when, what it seems, what it turned out to be."""

    class Seen(models.TextChoices):
        """What saw it."""

        SATELLITE = "satellite", _("卫星遥感")
        DRONE = "drone", _("无人机")

    class State(models.TextChoices):
        """Whether somebody has looked."""

        NEW = "new", _("待核查")
        TRUE = "true", _("属实")
        FALSE = "false", _("不属实")

    code = models.SlugField(_("图斑编号"), max_length=40, unique=True)
    seen_by = models.CharField(_("手段"), max_length=10, choices=Seen)
    taken_on = models.DateField(_("影像日期"))
    image = models.CharField(_("影像"), max_length=120, blank=True)
    kind = models.CharField(
        _("类别"), max_length=16, choices=[(k.code, k.zh) for k in kinds().values()]
    )
    district = models.ForeignKey(
        District,
        models.PROTECT,
        to_field="code",
        related_name="+",
        db_column="district_code",
        verbose_name=_("区市"),
    )
    lon = models.FloatField(_("经度"))
    lat = models.FloatField(_("纬度"))
    area_m2 = models.FloatField(_("面积（m²）"), null=True, blank=True)
    note = models.CharField(_("解译说明"), max_length=400, blank=True)
    picture = models.ForeignKey(
        Attachment, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("图片")
    )

    matched = models.ForeignKey(
        Site,
        models.PROTECT,
        to_field="code",
        null=True,
        blank=True,
        related_name="seen_as",
        db_column="matched_code",
    )
    matched_m = models.FloatField("与登记点位的距离（m）", null=True, blank=True)
    matched_share = models.FloatField("重叠占图斑面积", null=True, blank=True)
    duplicate_of = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="again"
    )

    state = models.CharField(_("状态"), max_length=6, choices=State, default=State.NEW)
    finding = models.CharField(_("核查情况"), max_length=400, blank=True)
    checked_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    checked_at = models.DateTimeField("核查时间", null=True)
    check_picture = models.ForeignKey(
        Attachment, models.PROTECT, null=True, blank=True, related_name="+"
    )
    site = models.ForeignKey(
        Site,
        models.PROTECT,
        to_field="code",
        null=True,
        blank=True,
        related_name="leads",
        db_column="site_code",
    )
    case = models.ForeignKey(Case, models.PROTECT, null=True, blank=True, related_name="dust_leads")
    made_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    made_at = models.DateTimeField("导入时间")

    class Meta(Shaped.Meta):
        abstract = False
        constraints = [
            *Shaped.Meta.constraints,
            models.CheckConstraint(
                condition=Q(state="new", checked_at=None)
                | (~Q(state="new") & Q(checked_at__isnull=False)),
                name="dust_lead_checked",
            ),
            models.CheckConstraint(
                condition=Q(state="true") | Q(site=None, case=None), name="dust_lead_true_first"
            ),
            models.CheckConstraint(condition=~Q(duplicate_of=F("pk")), name="dust_lead_not_itself"),
            place_check("dust_lead_place"),
        ]
        indexes = [models.Index(fields=["taken_on", "district"], name="dust_lead_when")]

    def __str__(self) -> str:
        return self.code

    @property
    def kind_name(self) -> str:
        """Its kind in the reader's language."""
        return kinds()[self.kind].name

    @property
    def name(self) -> str:
        """What the map calls it."""
        return f"{self.kind_name} {self.code}"
