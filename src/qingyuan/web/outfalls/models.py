"""The outfall's record in dated versions, who discharges through it, its samples, its lineage."""

from __future__ import annotations

from datetime import datetime

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from qingyuan.core.periods import city_date
from qingyuan.standards.outfalls import class_of_outfall
from qingyuan.web.accounts.models import User
from qingyuan.web.registry.models import Enterprise, Outfall

__all__ = [
    "RECORD_FIELDS",
    "Discharger",
    "Lineage",
    "OutfallRecord",
    "OutfallSample",
    "ProfileBefore",
    "Sign",
]


class OutfallRecord(models.Model):
    """One version of an outfall's record (档案版本), in force ``[valid_from, valid_to)``.

    Never overwritten: a change ends the open version and begins the next. The columns are those of
    the national ledger; what was never recorded is empty, never guessed.
    """

    class Coordinate(models.TextChoices):
        GNSS = "gnss", _("现场定位")
        DRONE = "drone", _("无人机影像")
        MAP = "map", _("地图量取")
        IMPORTED = "imported", _("随城市数据装载")

    class Way(models.TextChoices):
        CONTINUOUS = "continuous", _("连续")
        INTERMITTENT = "intermittent", _("间歇")

    class Mouth(models.TextChoices):
        OPEN = "open", _("明排")
        SUBMERGED = "submerged", _("淹没")

    class Route(models.TextChoices):
        APPROVAL = "approval", _("审批")
        REGISTRATION = "registration", _("登记")

    class Monitoring(models.TextChoices):
        ONLINE = "online", _("自动监测")
        MANUAL = "manual", _("手工监测")
        NONE = "none", pgettext_lazy("monitoring", "无")

    class Cure(models.TextChoices):
        BAN = "ban", _("依法取缔")
        MERGE = "merge", _("清理合并")
        REGULATE = "regulate", _("规范整治")
        KEEP = "keep", _("保留")

    class State(models.TextChoices):
        FOUND = "found", _("发现")
        TRACED = "traced", _("溯源")
        CURING = "curing", _("整治")
        ACCEPTING = "accepting", _("验收")
        STRUCK = "struck", _("销号")

    outfall = models.ForeignKey(
        Outfall, models.PROTECT, to_field="code", related_name="records", db_column="outfall_code"
    )
    version = models.PositiveIntegerField("版本")
    valid_from = models.DateField("自")
    valid_to = models.DateField("至（不含）", null=True, blank=True)
    reason = models.CharField("变更原因", max_length=200)
    made_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    made_at = models.DateTimeField("记录时间")

    official_code = models.CharField(_("官方编码"), max_length=60, blank=True)
    outfall_class = models.CharField(_("类别"), max_length=60)
    lon = models.FloatField(_("经度"))
    lat = models.FloatField(_("纬度"))
    coordinate = models.CharField(_("坐标来源"), max_length=10, choices=Coordinate, blank=True)
    coordinate_error_m = models.FloatField(_("坐标误差（m）"), null=True, blank=True)
    function_zone = models.CharField(_("水功能区"), max_length=80, blank=True)
    target_class = models.CharField(_("目标类别"), max_length=4, blank=True)
    way = models.CharField(_("排放方式"), max_length=14, choices=Way, blank=True)
    mouth = models.CharField(_("入河方式"), max_length=10, choices=Mouth, blank=True)
    pipe_mm = models.PositiveIntegerField(_("管径（mm）"), null=True, blank=True)
    channel_width_m = models.FloatField(_("受纳水面宽（m）"), null=True, blank=True)
    found_level = models.PositiveSmallIntegerField(_("排查级别"), null=True, blank=True)
    found_on = models.DateField(_("发现日期"), null=True, blank=True)
    route = models.CharField(_("设置途径"), max_length=14, choices=Route, blank=True)
    approval_no = models.CharField(_("批复或登记号"), max_length=60, blank=True)
    approved_on = models.DateField(_("批复或登记日期"), null=True, blank=True)
    approved_m3_d = models.FloatField(_("核定排水量（m³/d）"), null=True, blank=True)
    approved_pollutants = models.CharField(_("核定污染物"), max_length=200, blank=True)
    monitoring = models.CharField(_("监测方式"), max_length=8, choices=Monitoring, blank=True)
    frequency = models.CharField(_("监测频次"), max_length=40, blank=True)
    flow_m3_d = models.FloatField(_("估计流量（m³/d）"), null=True, blank=True)
    flow_rel_sd = models.FloatField(_("流量相对标准差"), null=True, blank=True)
    tracing_result = models.CharField(_("溯源结果"), max_length=300, blank=True)
    tracing_method = models.CharField(_("溯源方法"), max_length=120, blank=True)
    tracing_confidence = models.FloatField(_("溯源可信度（0–1）"), null=True, blank=True)
    problem = models.CharField(_("问题类型"), max_length=120, blank=True)
    cure = models.CharField(_("整治类型"), max_length=10, choices=Cure, blank=True)
    measures = models.CharField(_("整治措施"), max_length=400, blank=True)
    cure_by = models.DateField(_("整治期限"), null=True, blank=True)
    responsible = models.CharField(_("责任人"), max_length=60, blank=True)
    state = models.CharField(_("环节"), max_length=10, choices=State, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["outfall", "version"], name="record_version_once"),
            models.UniqueConstraint(
                fields=["outfall"], condition=Q(valid_to=None), name="record_one_open"
            ),
            models.CheckConstraint(
                condition=Q(valid_to=None) | Q(valid_to__gte=F("valid_from")), name="record_period"
            ),
            models.CheckConstraint(
                condition=Q(lon__range=(73, 136), lat__range=(3, 54)), name="record_place"
            ),
            models.CheckConstraint(
                condition=Q(found_level=None) | Q(found_level__in=[1, 2, 3]),
                name="record_found_level",
            ),
            models.CheckConstraint(
                condition=Q(tracing_confidence=None) | Q(tracing_confidence__range=(0, 1)),
                name="record_confidence",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.outfall_id} v{self.version}"

    @classmethod
    def as_registered(cls, outfall: Outfall, *, at: datetime) -> OutfallRecord:
        """Return the record an outfall has before anybody changed it: what the city folder said."""
        known = class_of_outfall(outfall.outfall_class)
        return cls(
            outfall=outfall,
            version=1,
            valid_from=city_date(at),
            reason="随城市数据装载",
            made_at=at,
            official_code=outfall.official_code,
            outfall_class=outfall.outfall_class,
            lon=outfall.lon,
            lat=outfall.lat,
            coordinate=cls.Coordinate.IMPORTED,
            approved_m3_d=outfall.permitted_m3_d,
            route=known.route if known else "",
            monitoring=cls.Monitoring.ONLINE if outfall.online else "",
        )


_KEEPING = {"id", "outfall", "version", "valid_from", "valid_to", "reason", "made_by", "made_at"}
RECORD_FIELDS: tuple[str, ...] = tuple(
    field.name for field in OutfallRecord._meta.fields if field.name not in _KEEPING
)


class Discharger(models.Model):
    """Who discharges through an outfall (排污单位), the responsible body among them (责任主体)."""

    outfall = models.ForeignKey(
        Outfall,
        models.PROTECT,
        to_field="code",
        related_name="dischargers",
        db_column="outfall_code",
    )
    enterprise = models.ForeignKey(
        Enterprise,
        models.PROTECT,
        to_field="code",
        null=True,
        blank=True,
        related_name="+",
        db_column="enterprise_code",
    )
    name = models.CharField("名称", max_length=120)
    credit_code = models.CharField("统一社会信用代码", max_length=18, blank=True)
    permit_no = models.CharField("排污许可证编号", max_length=40, blank=True)
    outlet_no = models.CharField("排放口编号（HJ 608-2017）", max_length=12, blank=True)
    responsible = models.BooleanField("责任主体", default=False)
    quantity_m3_d = models.FloatField("水量（m³/d）", null=True, blank=True)
    duty = models.CharField("各方责任", max_length=200, blank=True)
    valid_from = models.DateField("自")
    valid_to = models.DateField("至（不含）", null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["outfall"],
                condition=Q(responsible=True, valid_to=None),
                name="discharger_one_responsible",
            ),
            models.CheckConstraint(
                condition=Q(valid_to=None) | Q(valid_to__gte=F("valid_from")),
                name="discharger_period",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class OutfallSample(models.Model):
    """One laboratory result at an outfall (采样结果); the history feeds the profile for tracing.

    A wrong one is withdrawn with its reason, never deleted.
    """

    outfall = models.ForeignKey(
        Outfall, models.PROTECT, to_field="code", related_name="samples", db_column="outfall_code"
    )
    taken_at = models.DateTimeField("采样时间")
    factor = models.CharField("因子", max_length=12)
    text = models.CharField("结果（原文）", max_length=24)
    value = models.DecimalField("结果（mg/L）", max_digits=18, decimal_places=6)
    below = models.BooleanField("低于检出限", default=False)
    laboratory = models.CharField("检测单位", max_length=120, blank=True)
    report_no = models.CharField("报告编号", max_length=60, blank=True)
    made_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    made_at = models.DateTimeField("录入时间")
    withdrawn_at = models.DateTimeField("撤销时间", null=True, blank=True)
    withdrawn_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    withdrawn_reason = models.CharField("撤销理由", max_length=200, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["outfall", "factor", "taken_at", "laboratory"],
                condition=Q(withdrawn_at=None),
                name="sample_once",
            ),
            models.CheckConstraint(condition=Q(value__gte=0), name="sample_not_negative"),
        ]
        indexes = [models.Index(fields=["outfall", "factor", "taken_at"], name="sample_series")]

    def __str__(self) -> str:
        return f"{self.outfall_id} {self.factor} {self.text}"


class ProfileBefore(models.Model):
    """What was known of one factor before our samples (装载的历史): log-normal, ln(mg/L).

    ``registry.OutfallProfile`` is this pooled with the samples; with ``n`` zero nothing was known.
    """

    outfall = models.ForeignKey(
        Outfall, models.CASCADE, to_field="code", related_name="+", db_column="outfall_code"
    )
    factor = models.CharField("因子", max_length=12)
    n = models.PositiveIntegerField("样品数")
    ln_mean = models.FloatField("对数均值（ln mg/L）")
    ln_sd = models.FloatField("对数标准差")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["outfall", "factor"], name="profile_before_once")
        ]

    def __str__(self) -> str:
        return f"{self.outfall_id} {self.factor}"


class Lineage(models.Model):
    """How an outfall ended (封堵、并入、改建), and what came of it."""

    class Kind(models.TextChoices):
        CLOSED = "closed", _("封堵")
        MERGED = "merged", _("并入")
        REPLACED = "replaced", _("改建为")

    outfall = models.OneToOneField(
        Outfall, models.PROTECT, to_field="code", related_name="ending", db_column="outfall_code"
    )
    kind = models.CharField("方式", max_length=10, choices=Kind)
    into = models.ForeignKey(
        Outfall,
        models.PROTECT,
        to_field="code",
        null=True,
        blank=True,
        related_name="merged_from",
        db_column="into_code",
    )
    on = models.DateField("日期")
    reason = models.CharField("理由", max_length=300)
    made_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    made_at = models.DateTimeField("记录时间")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=(Q(kind="closed") & Q(into=None))
                | (~Q(kind="closed") & Q(into__isnull=False)),
                name="lineage_into",
            ),
            models.CheckConstraint(condition=~Q(into=F("outfall")), name="lineage_not_itself"),
        ]

    def __str__(self) -> str:
        return f"{self.outfall_id} {self.kind} {self.into_id or ''}".strip()


class Sign(models.Model):
    """The sign at an outfall (标志牌): the word its QR code carries; a revoked one opens nothing."""

    outfall = models.ForeignKey(
        Outfall, models.PROTECT, to_field="code", related_name="signs", db_column="outfall_code"
    )
    token = models.CharField("二维码标识", max_length=32, unique=True)
    issued_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    issued_at = models.DateTimeField("发放时间")
    revoked_at = models.DateTimeField("作废时间", null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["outfall"], condition=Q(revoked_at=None), name="sign_one_valid"
            )
        ]

    def __str__(self) -> str:
        return self.token
