"""The city's land and water: districts, reaches, sections, air stations (区市、河段、断面、点位)."""

from __future__ import annotations

from datetime import date

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from qingyuan.web.registry.models.geometry import Named, Shaped, in_language, place_check

__all__ = [
    "CLASSES",
    "AirStation",
    "AirTarget",
    "City",
    "District",
    "RiverReach",
    "Section",
    "SectionTarget",
]

CLASSES = ("Ⅰ", "Ⅱ", "Ⅲ", "Ⅳ", "Ⅴ")  # GB 3838-2002 表1；目标不会是劣Ⅴ


class City(models.Model):
    """The one city this platform serves (城市): its name and the frame of its map."""

    code = models.CharField("行政区划代码", max_length=12, unique=True)
    name_zh = models.CharField("名称", max_length=120)
    name_en = models.CharField("英文名称", max_length=160, blank=True)
    fictional = models.BooleanField("虚构", default=False)
    note = models.TextField("说明", blank=True)
    lon = models.FloatField("中心经度（CGCS2000）")
    lat = models.FloatField("中心纬度（CGCS2000）")
    zoom = models.FloatField("缩放级别")
    epsg = models.PositiveIntegerField("投影坐标系（EPSG）")
    epoch = models.DateTimeField("演示起点", null=True, blank=True)
    outfall_code_pattern = models.CharField("官方排污口编码格式", max_length=120, blank=True)

    class Meta:
        constraints = [place_check("city_place")]

    def __str__(self) -> str:
        return self.name_zh


class District(Shaped, Named):
    """A district (区市)."""

    code = models.CharField("行政区划代码", max_length=12, unique=True)
    kind = models.CharField(
        "类别",
        max_length=16,
        choices=[("urban", _("市区")), ("county", _("县市")), ("zone", _("功能区"))],
    )


class RiverReach(Shaped):
    """A reach (河段) of the directed river network; its line runs downstream."""

    code = models.CharField("河段编号", max_length=40, unique=True)
    to_reach = models.ForeignKey(
        "self",
        models.PROTECT,
        to_field="code",
        null=True,
        blank=True,
        related_name="from_reaches",
        db_column="to_reach_code",
    )
    river_zh = models.CharField("河流", max_length=80)
    river_en = models.CharField("河流英文名", max_length=120, blank=True)
    length_m = models.FloatField("长度（m）")
    slope = models.FloatField("坡降（m/m）")
    manning_n = models.FloatField("曼宁糙率")
    bottom_width_m = models.FloatField("底宽（m）")
    side_slope = models.FloatField("边坡（横比竖）")
    flow_m3_s = models.FloatField("平水流量（m³/s）")
    flow_rel_sd = models.FloatField("流量相对不确定度", null=True, blank=True)
    kind = models.CharField(
        "类别",
        max_length=16,
        choices=[
            ("river", _("河道")),
            ("reservoir", _("水库")),
            ("canal", _("渠道")),
            ("gate", _("闸控")),
        ],
    )
    district = models.ForeignKey(
        District,
        models.PROTECT,
        to_field="code",
        null=True,
        blank=True,
        related_name="reaches",
        db_column="district_code",
    )

    class Meta:
        constraints = [
            *Shaped.Meta.constraints,
            models.CheckConstraint(
                condition=Q(length_m__gt=0, slope__gt=0, manning_n__gt=0), name="reach_hydraulics"
            ),
            models.CheckConstraint(condition=~Q(to_reach=F("code")), name="reach_not_into_itself"),
        ]

    def __str__(self) -> str:
        return f"{self.river_zh} {self.code}"

    @property
    def river(self) -> str:
        """The river's name in the reader's language."""
        return in_language(self.river_zh, self.river_en)


class Section(Named):
    """A monitored section (监测断面)."""

    code = models.CharField("断面编号", max_length=40, unique=True)
    reach = models.ForeignKey(
        RiverReach, models.PROTECT, to_field="code", related_name="sections", db_column="reach_code"
    )
    position_m = models.FloatField("距河段上游端（m）")
    lon = models.FloatField("经度（CGCS2000）")
    lat = models.FloatField("纬度（CGCS2000）")
    kind = models.CharField(
        "级别",
        max_length=16,
        choices=[
            ("national", _("国控")),
            ("provincial", _("省控")),
            ("city", _("市控")),
            ("temporary", _("临时")),
        ],
    )
    water_type = models.CharField(
        "水体类型",
        max_length=8,
        choices=[("river", pgettext_lazy("water", "河流")), ("lake", _("湖库"))],
    )
    interval_min = models.FloatField("监测间隔（min）")
    district = models.ForeignKey(
        District,
        models.PROTECT,
        to_field="code",
        related_name="sections",
        db_column="district_code",
    )

    class Meta:
        constraints = [
            place_check("section_place"),
            models.CheckConstraint(
                condition=Q(position_m__gte=0, interval_min__gt=0), name="section_position"
            ),
        ]

    @property
    def station(self) -> str:
        """The section as the store names it (architecture.md §4)."""
        return f"section:{self.code}"

    def target_on(self, day: date) -> str:
        """Return the target class in force on a day (水质目标)."""
        held = [t for t in self.targets.all() if t.valid_from is None or t.valid_from <= day]
        return max(held, key=lambda t: t.valid_from or date.min).target_class if held else ""


class SectionTarget(models.Model):
    """The class a section must keep (水质目标), from a day on; without a day: since before our records."""

    section = models.ForeignKey(
        Section, models.CASCADE, to_field="code", related_name="targets", db_column="section_code"
    )
    target_class = models.CharField(
        "水质目标（GB 3838-2002）", max_length=2, choices=[(c, c) for c in CLASSES]
    )
    valid_from = models.DateField("自", null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["section", "valid_from"], nulls_distinct=False, name="section_target_once"
            ),
            models.CheckConstraint(
                condition=Q(target_class__in=CLASSES), name="section_target_class"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.section_id} {self.target_class}"


class AirStation(Named):
    """An ambient air station (环境空气监测点位)."""

    code = models.CharField("点位编号", max_length=40, unique=True)
    lon = models.FloatField("经度（CGCS2000）")
    lat = models.FloatField("纬度（CGCS2000）")
    kind = models.CharField(
        "类别",
        max_length=16,
        choices=[
            ("assessed", _("评价点")),
            ("background", _("对照点")),
            ("roadside", _("路边点")),
            ("park", _("园区点")),
        ],
    )
    district = models.ForeignKey(
        District,
        models.PROTECT,
        to_field="code",
        related_name="air_stations",
        db_column="district_code",
    )

    class Meta:
        constraints = [place_check("airstation_place")]

    @property
    def station(self) -> str:
        """The station as the store names it (architecture.md §4)."""
        return f"air:{self.code}"


class AirTarget(models.Model):
    """What a year's air must reach (空气质量年度目标): of a district, a station, or the whole city.

    Within a year the target set last holds from its day on; the earlier ones stay.
    """

    class Item(models.TextChoices):
        """What is held against the target: an annual mean, or the share of good days."""

        PM25 = "pm25", "PM2.5"
        PM10 = "pm10", "PM10"
        NO2 = "no2", "NO2"
        SO2 = "so2", "SO2"
        GOOD = "good", _("优良天数比例")

    district = models.ForeignKey(
        District,
        models.PROTECT,
        to_field="code",
        null=True,
        blank=True,
        related_name="air_targets",
        db_column="district_code",
    )
    station = models.ForeignKey(
        AirStation,
        models.PROTECT,
        to_field="code",
        null=True,
        blank=True,
        related_name="targets",
        db_column="station_code",
    )
    year = models.PositiveSmallIntegerField("年度")
    item = models.CharField("指标", max_length=8, choices=Item.choices)
    value = models.DecimalField("目标值", max_digits=7, decimal_places=2)
    valid_from = models.DateField("自")
    basis = models.CharField("依据文件", max_length=160)
    set_by = models.CharField("下达登记人", max_length=160)
    set_at = models.DateTimeField("登记时间")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["district", "station", "year", "item", "valid_from"],
                nulls_distinct=False,
                name="airtarget_once",
            ),
            models.CheckConstraint(
                condition=Q(district=None) | Q(station=None), name="airtarget_of_one_place"
            ),
            models.CheckConstraint(condition=Q(value__gt=0), name="airtarget_value"),
            models.CheckConstraint(
                condition=Q(item__in=["pm25", "pm10", "no2", "so2", "good"]), name="airtarget_item"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.station_id or self.district_id or ''} {self.year} {self.item} {self.value}"

    @property
    def unit(self) -> str:
        """Per cent of days, or μg/m³."""
        return "%" if self.item == self.Item.GOOD else "μg/m³"
