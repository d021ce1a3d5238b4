"""Those who discharge: enterprises and outfalls, what is permitted to them, what their samples say."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from qingyuan.web.registry.models.geometry import Named, place_check
from qingyuan.web.registry.models.territory import District, RiverReach

__all__ = ["Enterprise", "Outfall", "OutfallLimit", "OutfallProfile"]


class Enterprise(Named):
    """An enterprise (企业)."""

    code = models.CharField("企业编号", max_length=40, unique=True)
    credit_code = models.CharField("统一社会信用代码", max_length=18, unique=True)  # GB 32100-2015
    trade = models.CharField("行业代码（GB/T 4754-2017）", max_length=8, db_index=True)
    trade_zh = models.CharField("行业", max_length=80)
    district = models.ForeignKey(
        District,
        models.PROTECT,
        to_field="code",
        related_name="enterprises",
        db_column="district_code",
    )
    town_code = models.CharField("所在镇街", max_length=40, blank=True)
    address = models.CharField("地址", max_length=240, blank=True)
    lon = models.FloatField("经度（CGCS2000）")
    lat = models.FloatField("纬度（CGCS2000）")
    size = models.CharField(
        "规模",
        max_length=8,
        blank=True,
        choices=[
            ("large", _("大型")),
            ("medium", _("中型")),
            ("small", _("小型")),
            ("micro", _("微型")),
        ],
    )
    permit_no = models.CharField("排污许可证编号", max_length=40, blank=True)
    permit_class = models.CharField(
        "排污许可管理类别",
        max_length=16,
        blank=True,
        choices=[
            ("key", _("重点管理")),
            ("simple", _("简化管理")),
            ("registered", _("登记管理")),
            ("none", pgettext_lazy("permit", "无")),
        ],
    )

    class Meta:
        constraints = [
            place_check("enterprise_place"),
            models.CheckConstraint(
                condition=Q(credit_code__regex=r"^[0-9A-Z]{18}$"), name="enterprise_credit_code"
            ),
        ]


class Outfall(Named):
    """An outfall into a river (入河排污口); its class in the words of HJ 1312-2023."""

    code = models.CharField("排污口编号", max_length=40, unique=True)
    official_code = models.CharField("官方编码（HJ 1235-2021）", max_length=60, blank=True)
    outfall_class = models.CharField("类别（HJ 1312-2023）", max_length=60)
    trade = models.CharField("行业代码（GB/T 4754-2017）", max_length=8, blank=True)
    enterprise = models.ForeignKey(
        Enterprise,
        models.PROTECT,
        to_field="code",
        null=True,
        blank=True,
        related_name="outfalls",
        db_column="enterprise_code",
    )
    reach = models.ForeignKey(
        RiverReach, models.PROTECT, to_field="code", related_name="outfalls", db_column="reach_code"
    )
    position_m = models.FloatField("距河段上游端（m）")
    bank = models.CharField(
        "岸别", max_length=8, blank=True, choices=[("left", _("左岸")), ("right", _("右岸"))]
    )
    lon = models.FloatField("经度（CGCS2000）")
    lat = models.FloatField("纬度（CGCS2000）")
    permitted_m3_d = models.FloatField("许可排水量（m³/d）", null=True, blank=True)
    max_flow_m3_s = models.FloatField("最大过流能力（m³/s）", null=True, blank=True)
    prior_weight = models.FloatField("先验权重", null=True, blank=True)
    online = models.BooleanField("在线监测", default=False)
    district = models.ForeignKey(
        District,
        models.PROTECT,
        to_field="code",
        related_name="outfalls",
        db_column="district_code",
    )
    town_code = models.CharField("所在镇街", max_length=40, blank=True)
    ended_on = models.DateField("封堵或并入日期", null=True, blank=True)

    class Meta:
        constraints = [
            place_check("outfall_place"),
            models.CheckConstraint(condition=Q(position_m__gte=0), name="outfall_position"),
        ]

    @property
    def station(self) -> str:
        """The outfall as the store names it (architecture.md §4)."""
        return f"outfall:{self.code}"


class OutfallLimit(models.Model):
    """One discharge limit of one outfall (执行限值), in force ``[valid_from, valid_to)``."""

    outfall = models.ForeignKey(
        Outfall, models.CASCADE, to_field="code", related_name="limits", db_column="outfall_code"
    )
    factor = models.CharField("因子", max_length=12)
    limit = models.DecimalField("限值", max_digits=18, decimal_places=6)
    unit = models.CharField("单位", max_length=16)
    averaging = models.CharField(
        "均值时段",
        max_length=8,
        choices=[
            ("daily", _("日均")),
            ("hourly", pgettext_lazy("averaging", "小时")),
            ("instant", _("瞬时")),
        ],
    )
    standard = models.CharField("执行标准", max_length=120)
    level = models.CharField("级别", max_length=60, blank=True)
    valid_from = models.DateField("自")
    valid_to = models.DateField("至（不含）", null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["outfall", "factor", "averaging", "valid_from"], name="outfall_limit_once"
            ),
            models.CheckConstraint(
                condition=Q(valid_to=None) | Q(valid_to__gt=F("valid_from")),
                name="outfall_limit_period",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.outfall_id} {self.factor} {self.limit} {self.unit}"


class OutfallProfile(models.Model):
    """What an outfall's own samples say of one factor (排污口历史浓度): log-normal, ln(mg/L)."""

    outfall = models.ForeignKey(
        Outfall, models.CASCADE, to_field="code", related_name="profiles", db_column="outfall_code"
    )
    factor = models.CharField("因子", max_length=12)
    n = models.PositiveIntegerField("样品数")
    ln_mean = models.FloatField("对数均值（ln mg/L）")
    ln_sd = models.FloatField("对数标准差")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["outfall", "factor"], name="outfall_profile_once"),
            models.CheckConstraint(
                condition=Q(n__gte=1, ln_sd__gte=0), name="outfall_profile_values"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.outfall_id} {self.factor}"
