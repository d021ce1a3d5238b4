"""Roads (路网): immutable versions, the stretches they are ranked by, and each stretch's days."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from qingyuan.web.accounts.models import User

__all__ = ["Override", "RoadNetwork", "Stretch", "StretchDay"]


class RoadNetwork(models.Model):
    """One version of the road network (路网版本): directed edges of a repaired layer.

    ``edges`` holds columns ``edge_id u v lon1 lat1 lon2 lat2 road road_class line stretch``;
    ``repairs`` what was mended or is doubtful: ``line lon lat zh en`` each.
    """

    version = models.PositiveIntegerField("版本", unique=True)
    source = models.CharField("来源", max_length=200)
    datum = models.CharField("来源坐标基准", max_length=12, default="CGCS2000")
    edges = models.JSONField("有向边")
    repairs = models.JSONField("修复与存疑", default=list)
    count = models.PositiveIntegerField("有向边数")
    length_km = models.FloatField("道路长度（km）")
    sha256 = models.CharField("摘要", max_length=64)
    brought_by_label = models.CharField("导入人", max_length=120)
    brought_at = models.DateTimeField("导入时间")

    def __str__(self) -> str:
        return f"路网 {self.version}"


class Stretch(models.Model):
    """A stretch of road between two crossings (路段): what is classed and ranked."""

    network = models.ForeignKey(RoadNetwork, models.CASCADE, related_name="stretches")
    number = models.PositiveIntegerField("序号")
    road = models.CharField("道路", max_length=120)
    start = models.CharField("起", max_length=120, blank=True)
    end = models.CharField("止", max_length=120, blank=True)
    district_code = models.CharField("区市", max_length=12, blank=True, db_index=True)
    length_m = models.FloatField("长度（m）")
    lines = models.JSONField("线（经纬度）")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["network", "number"], name="stretch_once"),
        ]

    def __str__(self) -> str:
        return f"{self.road}（{self.start}—{self.end}）" if self.start else self.road


class StretchDay(models.Model):
    """What the fleet measured on a stretch on a day (路段日值), µg/m³ in the scale of the stations.

    ``hours`` has a row ``hour pm10 pm25 increment passes vehicles`` for every hour with a pass; it
    is null where a run before hours were kept wrote the day.
    """

    run = models.ForeignKey("SurveyRun", models.CASCADE, related_name="stretch_days")
    stretch = models.ForeignKey(Stretch, models.CASCADE, related_name="days")
    day = models.DateField("日期", db_index=True)
    pm10 = models.FloatField("PM10")
    pm25 = models.FloatField("PM2.5", null=True)
    increment = models.FloatField("PM10 增量")
    passes = models.PositiveIntegerField("通过次数")
    vehicles = models.PositiveIntegerField("车辆数")
    hours = models.JSONField("逐时", null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["stretch", "day"], name="stretch_day_once"),
        ]

    def __str__(self) -> str:
        return f"{self.stretch_id} {self.day}"


class Override(models.Model):
    """A stretch named by an inspection (督察点名): its class of a month may not be better; reasons stay."""

    class Level(models.TextChoices):
        """Who named it."""

        CITY = "city", _("市级督查或媒体点名：当月不得为黄、绿")
        ABOVE = "above", _("国家或省级督察点名：当月为红")

    stretch = models.ForeignKey(Stretch, models.PROTECT, related_name="overrides")
    month = models.DateField("月份（首日）")
    level = models.CharField("点名级别", max_length=8, choices=Level)
    reason = models.CharField("理由", max_length=300)
    made_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    made_at = models.DateTimeField("记录时间")
    withdrawn_at = models.DateTimeField("撤回时间", null=True)
    withdrawn_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["stretch", "month", "level"],
                condition=Q(withdrawn_at=None),
                name="override_once",
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_at=None, withdrawn_by=None)
                | Q(withdrawn_at__isnull=False, withdrawn_by__isnull=False),
                name="override_withdrawn",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.stretch_id} {self.month}"
