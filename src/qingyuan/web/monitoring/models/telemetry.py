"""What is asked of devices, how complete they are by day, and how people mark their data."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from qingyuan.web.accounts.models import User
from qingyuan.web.files.models import Attachment
from qingyuan.web.registry.models import Device

__all__ = ["DataMark", "DeviceCommand", "DeviceDay"]


class DeviceCommand(models.Model):
    """One command to one device (反控命令): asked here, sent by the gateway, followed by the worker.

    ``created_at`` and ``expires_at`` are wall time, as the database and the gateway count; what
    people read (``requested_at`` and the times of answers) is city time.
    """

    class State(models.TextChoices):
        """Where the dialogue stands (HJ 212-2017 §6.4: request, answer, result)."""

        QUEUED = "queued", _("待下发")
        SENT = "sent", _("已下发")
        ACKNOWLEDGED = "acknowledged", _("设备已应答")
        DONE = "done", _("执行成功")
        REFUSED = "refused", _("设备拒绝")
        OVERTIME = "overtime", _("超时无应答")
        CANCELLED = "cancelled", _("已撤销")
        EXPIRED = "expired", _("过期未下发")

    OPEN = (State.QUEUED, State.SENT, State.ACKNOWLEDGED)

    device = models.ForeignKey(
        Device, models.PROTECT, to_field="mn", db_column="mn", related_name="commands"
    )
    cn = models.CharField("命令编码", max_length=4)
    st = models.CharField("系统编码", max_length=2)
    parameters = models.JSONField("指令参数", default=list)  # [["PolId", "w01018"], …] in order
    flag = models.PositiveSmallIntegerField("标志")
    reason = models.CharField("事由", max_length=200)
    requested_by = models.ForeignKey(User, models.PROTECT, related_name="device_commands")
    requested_at = models.DateTimeField("提出时间")
    created_at = models.DateTimeField("入队时刻（实际时间）")
    expires_at = models.DateTimeField("过期时刻（实际时间）")
    state = models.CharField("状态", max_length=12, choices=State.choices, default=State.QUEUED)
    sent_at = models.DateTimeField("下发时间", null=True, blank=True)
    acknowledged_at = models.DateTimeField("应答时间", null=True, blank=True)
    ended_at = models.DateTimeField("结束时间", null=True, blank=True)
    result = models.CharField("返回码", max_length=8, blank=True)
    answer = models.TextField("返回内容", blank=True)
    answers = models.PositiveIntegerField("返回包数", default=0)
    cancelled_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="device_commands_cancelled"
    )
    cancelled_at = models.DateTimeField("撤销时间", null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    state__in=[
                        "queued", "sent", "acknowledged", "done", "refused", "overtime", "cancelled", "expired",
                    ]
                ),
                name="command_state",
            ),
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("created_at")), name="command_expires_later"
            ),
            models.CheckConstraint(
                condition=Q(cancelled_by=None, cancelled_at=None)
                | Q(cancelled_by__isnull=False, cancelled_at__isnull=False),
                name="command_cancelled_by_whom",
            ),
        ]  # fmt: skip
        indexes = [
            models.Index(fields=["device", "-requested_at"], name="command_of_device"),
            models.Index(
                fields=["expires_at"],
                name="command_open",
                condition=Q(state__in=["queued", "sent", "acknowledged"]),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.device_id} {self.cn} {self.state}"


class DeviceDay(models.Model):
    """One device's packets of one Beijing day (日传输统计), counted from the store.

    Instants are moments a reading was due or came; values are factors at instants.
    """

    device = models.ForeignKey(
        Device, models.CASCADE, to_field="mn", db_column="mn", related_name="days"
    )
    day = models.DateField("日期")
    cn = models.CharField("命令编码", max_length=8)  # what was counted: 2011, else 2061
    expected = models.PositiveIntegerField("应收（次）")
    received = models.PositiveIntegerField("实收（次）")
    values = models.PositiveIntegerField("收到数据（个）")
    valid = models.PositiveIntegerField("有效数据（个）")
    late = models.PositiveIntegerField("补传（次）", default=0)
    longest_gap_s = models.PositiveIntegerField("最长缺口（s）", default=0)
    gaps = models.PositiveIntegerField("缺口（段）", default=0)
    first_at = models.DateTimeField("首个", null=True, blank=True)
    last_at = models.DateTimeField("末个", null=True, blank=True)
    counted_at = models.DateTimeField("统计时间")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["device", "day"], name="device_day_once"),
            models.CheckConstraint(condition=Q(valid__lte=F("values")), name="device_day_valid"),
        ]
        indexes = [models.Index(fields=["day"], name="device_day_day")]

    def __str__(self) -> str:
        return f"{self.device_id} {self.day}"


class DataMark(models.Model):
    """A period people say something about (数据标记): it annotates readings and never removes one."""

    class Kind(models.TextChoices):
        """What the period was (HJ 212-2017 表8 and the marks enterprises declare)."""

        MAINTENANCE = "maintenance", _("维护")
        CALIBRATION = "calibration", _("校准")
        FAULT = "fault", _("故障")
        STOP = "stop", pgettext_lazy("production", "停运")

    class Party(models.TextChoices):
        """Who declared it."""

        ENTERPRISE = "enterprise", _("企业申报")
        OFFICER = "officer", _("主管部门标记")

    station = models.CharField("站点", max_length=60)
    factor = models.CharField("因子（空为全部）", max_length=24, blank=True)
    kind = models.CharField("标记", max_length=12, choices=Kind.choices)
    from_at = models.DateTimeField("自")
    to_at = models.DateTimeField("至（不含）", null=True, blank=True)
    reason = models.CharField("说明", max_length=400)
    evidence = models.ForeignKey(
        Attachment, models.PROTECT, null=True, blank=True, related_name="data_marks"
    )
    party = models.CharField("来源", max_length=12, choices=Party.choices)
    declared_by = models.ForeignKey(User, models.PROTECT, related_name="data_marks")
    declared_at = models.DateTimeField("申报时间")
    withdrawn_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="data_marks_withdrawn"
    )
    withdrawn_at = models.DateTimeField("撤回时间", null=True, blank=True)
    withdrawn_why = models.CharField("撤回原因", max_length=200, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(to_at=None) | Q(to_at__gt=F("from_at")), name="mark_period"
            ),
            models.CheckConstraint(
                condition=Q(station__regex=r"^(section|outfall|air):.+$"), name="mark_station"
            ),
            models.CheckConstraint(
                condition=Q(kind__in=["maintenance", "calibration", "fault", "stop"]),
                name="mark_kind",
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_by=None, withdrawn_at=None)
                | Q(withdrawn_by__isnull=False, withdrawn_at__isnull=False),
                name="mark_withdrawn_by_whom",
            ),
        ]
        indexes = [models.Index(fields=["station", "from_at"], name="mark_of_station")]

    def __str__(self) -> str:
        return f"{self.station} {self.kind} {self.from_at:%Y-%m-%d %H:%M}"
