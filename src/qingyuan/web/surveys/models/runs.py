"""The night's run (夜间分析) and what it found: hot spots, their passes, the vehicles' health."""

from __future__ import annotations

from datetime import date

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from qingyuan.web.cases.models import Case

__all__ = ["Finding", "HotSpot", "SpotPass", "SurveyRun", "VehicleDay"]


class SurveyRun(models.Model):
    """The analysis of the days up to one day (一夜的分析); done again, it replaces its rows."""

    class State(models.TextChoices):
        """Where it stands."""

        QUEUED = "queued", _("排队")
        DONE = "done", _("完成")
        FAILED = "failed", _("未能完成")

    day = models.DateField("日期", unique=True)
    first_day = models.DateField("窗口首日")
    state = models.CharField("状态", max_length=8, choices=State, default=State.QUEUED)
    revision = models.PositiveIntegerField("第几次计算", default=0)
    network = models.ForeignKey("RoadNetwork", models.PROTECT, null=True)
    seed = models.PositiveIntegerField("种子", default=1)
    algorithm = models.CharField("算法版本", max_length=40, blank=True)
    data_version = models.BigIntegerField("数据版本", default=0)
    read = models.PositiveIntegerField("窗口内定位点", default=0)
    used = models.PositiveIntegerField("采用", default=0)
    fixes_of_day = models.PositiveIntegerField("当日定位点", default=0)
    vehicles_of_day = models.PositiveIntegerField("当日车辆", default=0)
    kilometres = models.FloatField("当日里程（km）", null=True)
    noise_m = models.FloatField("定位误差（m）", null=True)
    anchored = models.BooleanField("有固定站校准", default=False)
    asked_at = models.DateTimeField("排入时间")
    asked_by = models.CharField("发起", max_length=120)
    finished_at = models.DateTimeField("完成时间", null=True)
    problem_zh = models.TextField("未完成原因", blank=True)
    problem_en = models.TextField("未完成原因（英文）", blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(state="failed") | ~Q(problem_zh=""), name="survey_failed_says_why"
            ),
            models.CheckConstraint(
                condition=~Q(state="done") | Q(finished_at__isnull=False, network__isnull=False),
                name="survey_done_answers",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.day} 第{self.revision}次"


class HotSpot(models.Model):
    """A place that was found hot, night after night the same one (热点)."""

    code = models.CharField("编号", max_length=20, unique=True)
    lon = models.FloatField("经度")
    lat = models.FloatField("纬度")
    radius_m = models.FloatField("半径（m）")
    road = models.CharField("道路", max_length=120, blank=True)
    start = models.CharField("起", max_length=120, blank=True)
    end = models.CharField("止", max_length=120, blank=True)
    district_code = models.CharField("区市", max_length=12, blank=True, db_index=True)
    first_day = models.DateField("首次发现")
    last_day = models.DateField("最近发现")
    case = models.OneToOneField(Case, models.PROTECT, null=True, related_name="hot_spot")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(first_day__lte=models.F("last_day")), name="hotspot_span"
            )
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.place}"

    @property
    def place(self) -> str:
        """Its road and the crossings on both sides (路名与起止)."""
        if not self.road:
            return _("未命名道路")
        return f"{self.road}（{self.start}—{self.end}）" if self.start and self.end else self.road

    def days_known(self, until: date) -> int:
        """Return for how many days it has been known."""
        return (until - self.first_day).days + 1


class Finding(models.Model):
    """What one run says of a hot spot (一次分析的结论)."""

    run = models.ForeignKey(SurveyRun, models.CASCADE, related_name="findings")
    spot = models.ForeignKey(HotSpot, models.CASCADE, related_name="findings")
    increment = models.FloatField("增量中位")
    low = models.FloatField("增量 5%")
    high = models.FloatField("增量 95%")
    peak = models.FloatField("峰值增量")
    background = models.FloatField("背景")
    p_value = models.FloatField("p 值")
    first_hour = models.PositiveSmallIntegerField("活跃时段起")
    end_hour = models.PositiveSmallIntegerField("活跃时段止")
    active_days = models.JSONField("活跃日")
    passes = models.PositiveIntegerField("通过次数")
    vehicles = models.PositiveIntegerField("车辆数")
    coarse_share = models.FloatField("粗颗粒占比", null=True)
    kind = models.CharField(
        "类型",
        max_length=8,
        choices=[("dust", _("扬尘")), ("exhaust", _("尾气")), ("unknown", _("不明"))],
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["run", "spot"], name="finding_once"),
        ]

    def __str__(self) -> str:
        return f"{self.spot_id} {self.run_id}"


class SpotPass(models.Model):
    """One drive of a vehicle through a hot spot (一次通过), whether or not it was hot then."""

    spot = models.ForeignKey(HotSpot, models.CASCADE, related_name="passes")
    run = models.ForeignKey(SurveyRun, models.CASCADE, related_name="passes")
    day = models.DateField("日期")
    at = models.DateTimeField("时间")
    device = models.CharField("设备编号", max_length=40)
    fixes = models.PositiveIntegerField("定位点")
    increment = models.FloatField("PM10 增量")
    increment25 = models.FloatField("PM2.5 增量", null=True)
    background = models.FloatField("背景")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["spot", "device", "at"], name="spot_pass_once"),
        ]
        indexes = [models.Index(fields=["spot", "day"], name="spot_pass_day")]

    def __str__(self) -> str:
        return f"{self.spot_id} {self.at}"


class VehicleDay(models.Model):
    """One device's day (一车一日): what it sent, what was rejected and why, its gain, its fault."""

    run = models.ForeignKey(SurveyRun, models.CASCADE, related_name="vehicle_days")
    device = models.CharField("设备编号", max_length=40)
    day = models.DateField("日期")
    read = models.PositiveIntegerField("定位点")
    rejected = models.JSONField("剔除（按原因）", default=dict)
    gain = models.FloatField("PM10 增益", null=True)
    gain_se = models.FloatField("增益标准误", null=True)
    offset = models.FloatField("PM10 偏移", null=True)
    offset_se = models.FloatField("偏移标准误", null=True)
    drift = models.FloatField("日漂移", null=True)
    fault = models.CharField("故障", max_length=12, blank=True)
    evidence = models.JSONField("证据", default=dict)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["device", "day"], name="vehicle_day_once"),
        ]

    def __str__(self) -> str:
        return f"{self.device} {self.day}"

    @property
    def rejects(self) -> int:
        """How many of its fixes were rejected."""
        return sum(self.rejected.values())
