"""Signals and silences (告警、静默)."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from qingyuan.web.accounts.models import User

__all__ = [
    "LEVELS",
    "OBJECT_KINDS",
    "TRACEABLE",
    "IntegrityNight",
    "IntegrityRecord",
    "Signal",
    "Silence",
]

LEVELS = ((1, _("特别")), (2, _("重大")), (3, _("较大")), (4, _("一般")))
TRACEABLE = ("exceedance", "step")
OBJECT_KINDS = (
    ("section", _("断面")),
    ("outfall", _("排污口")),
    ("air", _("空气站")),
    ("enterprise", _("企业")),
    ("place", _("地点")),
)


def _together(who: str, when: str, name: str) -> models.CheckConstraint:
    """Who and when travel together."""
    return models.CheckConstraint(
        condition=(Q(**{f"{who}__isnull": True}) & Q(**{f"{when}__isnull": True}))
        | (Q(**{f"{who}__isnull": False}) & Q(**{f"{when}__isnull": False})),
        name=name,
    )


class Signal(models.Model):
    """One thing that asks for attention (告警); repeats of the same are counted on the same row.

    Active or cleared and acknowledged or not are two independent facts; a false alarm and a case
    are two more. Who found it (``finder``) and the case it led to (``case_ref``) are values.
    """

    class Kind(models.TextChoices):
        """What sort of finding it is."""

        EXCEEDANCE = "exceedance", _("超标")
        STEP = "step", _("突变")
        DECLINE = "decline", _("水质变差")
        SILENCE = "silence", _("无数据")
        MANUAL = "manual", _("人工上报")
        INTEGRITY = "data_integrity", _("数据质量")

    kind = models.CharField("类别", max_length=16, choices=Kind)
    rule = models.CharField("规则", max_length=60)
    object_kind = models.CharField("对象类别", max_length=12, choices=OBJECT_KINDS)
    object_code = models.CharField("对象编号", max_length=60)
    factor = models.CharField("因子", max_length=24, blank=True)
    unit = models.CharField("单位", max_length=16, blank=True)
    level = models.PositiveSmallIntegerField("级别", choices=LEVELS, default=4)
    first_at = models.DateTimeField("首次")
    last_at = models.DateTimeField("最近")
    count = models.PositiveIntegerField("次数", default=1)
    value = models.DecimalField("数值", max_digits=30, decimal_places=12, null=True, blank=True)
    value_text = models.CharField("数值（原文）", max_length=40, blank=True)
    flag = models.CharField("数据标记", max_length=8, blank=True)
    limit = models.DecimalField("限值", max_digits=30, decimal_places=12, null=True, blank=True)
    limit_text = models.CharField("限值（原文）", max_length=60, blank=True)
    multiple = models.DecimalField(
        "超标倍数", max_digits=20, decimal_places=6, null=True, blank=True
    )
    clause = models.CharField("依据", max_length=240, blank=True)
    note = models.CharField("说明", max_length=400, blank=True)
    district_code = models.CharField("区划代码", max_length=12, blank=True, db_index=True)
    episode = models.CharField(
        "过程", max_length=160, blank=True
    )  # the finder's key of one episode
    finder = models.CharField("发现者", max_length=60)
    raised_at = models.DateTimeField("告警时间")
    touched_at = models.DateTimeField(
        "系统更新时间"
    )  # wall clock: tells a page that something is new

    cleared_at = models.DateTimeField("解除时间", null=True, blank=True)
    cleared_by = models.CharField("解除者", max_length=120, null=True, blank=True)  # noqa: DJ001 -- null together with cleared_at
    acknowledged_at = models.DateTimeField("确认时间", null=True, blank=True)
    acknowledged_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="signals_acknowledged"
    )
    false_at = models.DateTimeField("误报认定时间", null=True, blank=True)
    false_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="signals_false"
    )
    false_reason = models.CharField("误报理由", max_length=400, blank=True)
    case_ref = models.CharField("案件", max_length=60, blank=True, db_index=True)
    linked_at = models.DateTimeField("转案时间", null=True, blank=True)
    linked_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="signals_linked"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["object_kind", "object_code", "factor", "kind", "rule"],
                condition=Q(cleared_at=None) & ~Q(kind="manual"),
                name="signal_one_open",
            ),
            models.CheckConstraint(
                condition=Q(last_at__gte=F("first_at")), name="signal_last_after_first"
            ),
            models.CheckConstraint(condition=Q(count__gte=1), name="signal_counted"),
            models.CheckConstraint(condition=Q(level__range=(1, 4)), name="signal_level"),
            _together("cleared_by", "cleared_at", "signal_cleared_who_when"),
            _together("acknowledged_by", "acknowledged_at", "signal_acknowledged_who_when"),
            _together("false_by", "false_at", "signal_false_who_when"),
            _together("linked_by", "linked_at", "signal_linked_who_when"),
            models.CheckConstraint(
                condition=(Q(false_at=None) & Q(false_reason=""))
                | (~Q(false_at=None) & ~Q(false_reason="")),
                name="signal_false_has_reason",
            ),
            models.CheckConstraint(
                condition=(Q(linked_at=None) & Q(case_ref=""))
                | (~Q(linked_at=None) & ~Q(case_ref="")),
                name="signal_linked_to_a_case",
            ),
        ]
        indexes = [
            models.Index(fields=["district_code", "-last_at"], name="signal_district_last"),
            models.Index(
                fields=["object_kind", "object_code", "-last_at"], name="signal_object_last"
            ),
            models.Index(fields=["-last_at", "-id"], name="signal_last"),
            models.Index(fields=["touched_at"], name="signal_touched"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.object_kind}:{self.object_code} {self.factor}"

    @property
    def station(self) -> str:
        """The object as the store names it (``section:S01``)."""
        return f"{self.object_kind}:{self.object_code}"

    @property
    def ref(self) -> str:
        """The signal as others cite it."""
        return f"signal:{self.pk}"

    @property
    def case_number(self) -> str:
        """The number of the case it led to; empty without one."""
        return self.case_ref.rpartition(":")[2]

    @property
    def active(self) -> bool:
        """Whether the condition lasts."""
        return self.cleared_at is None

    @property
    def acknowledged(self) -> bool:
        """Whether a person has seen it."""
        return self.acknowledged_at is not None

    @property
    def is_traceable(self) -> bool:
        """Whether its source can be looked for: something rose at a river section (断面超标、突变)."""
        return self.object_kind == "section" and self.kind in TRACEABLE

    @property
    def is_false(self) -> bool:
        """Whether a person found it to be no real alarm."""
        return self.false_at is not None

    @property
    def state(self) -> str:
        """One of the four states: ``active_unacknowledged`` … ``cleared_acknowledged``."""
        return f"{'active' if self.active else 'cleared'}_{'' if self.acknowledged else 'un'}acknowledged"


class Silence(models.Model):
    """A window in which alarms of one object tell nobody (静默); it ends by itself."""

    object_kind = models.CharField("对象类别", max_length=12, choices=OBJECT_KINDS)
    object_code = models.CharField("对象编号", max_length=60)
    factor = models.CharField("因子", max_length=24, blank=True)  # empty: every factor
    since = models.DateTimeField("自")
    until = models.DateTimeField("至")
    reason = models.CharField("理由", max_length=400)
    made_by = models.ForeignKey(User, models.PROTECT, related_name="silences")
    ended_at = models.DateTimeField("提前结束时间", null=True, blank=True)
    ended_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="silences_ended"
    )

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(until__gt=F("since")), name="silence_period"),
            models.CheckConstraint(condition=~Q(reason=""), name="silence_has_reason"),
            _together("ended_by", "ended_at", "silence_ended_who_when"),
        ]
        indexes = [
            models.Index(
                fields=["object_kind", "object_code", "until"], name="silence_object_until"
            )
        ]

    def __str__(self) -> str:
        return f"{self.object_kind}:{self.object_code} {self.factor} → {self.until:%Y-%m-%d %H:%M}"


class IntegrityRecord(models.Model):
    """What a data-quality signal rests on (数据质量疑点): the newest inspection of its window."""

    signal = models.OneToOneField(Signal, models.CASCADE, related_name="integrity")
    check_kind = models.CharField("检查", max_length=12, db_index=True)
    start = models.DateTimeField("起")
    end = models.DateTimeField("止")
    bits = models.FloatField("信息量（bit）")
    document = models.JSONField("统计量、依据的读数与图")
    rules = models.CharField("参数", max_length=40)
    found_at = models.DateTimeField("检查时间")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(end__gt=F("start")), name="integrity_period")
        ]

    def __str__(self) -> str:
        return f"{self.check_kind} {self.signal_id}"


class IntegrityNight(models.Model):
    """One night's inspection of the whole city (夜间检查): how many stations, how many doubts."""

    day = models.DateField("日期", unique=True)
    begun_at = models.DateTimeField("开始")
    stations = models.PositiveIntegerField("应检站点")
    inspected = models.PositiveIntegerField("已检站点", default=0)
    without_past = models.PositiveIntegerField("历史不足站点", default=0)
    told = models.PositiveIntegerField("疑点", default=0)

    def __str__(self) -> str:
        return f"{self.day:%Y-%m-%d}"
