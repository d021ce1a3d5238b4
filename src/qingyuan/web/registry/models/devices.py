"""Loggers that report to us (数采仪) and how each of them speaks HJ 212."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

__all__ = ["Device"]


class Device(models.Model):
    """One logger (数采仪): identity, station, password, dialect and the owner's policies."""

    mn = models.CharField(
        "设备唯一标识 MN", max_length=40, unique=True
    )  # 24; the field sends 7 to 25
    station = models.CharField("站点", max_length=60, db_index=True)  # kind:code
    st = models.CharField("系统编码（HJ 212-2017 表5）", max_length=2)
    password = models.CharField("访问密码", max_length=9)
    dialect = models.CharField("协议版本", max_length=12)
    crc = models.JSONField("可接受的校验方式", default=list)
    repairs = models.JSONField("可接受的偏差", default=list)
    answer = models.CharField(
        "应答策略",
        max_length=8,
        choices=[("flag", _("按标志")), ("always", _("总是")), ("never", _("从不"))],
    )
    label = models.CharField(
        "时段标注", max_length=8, choices=[("start", _("起点")), ("end", _("终点"))]
    )
    encoding = models.CharField("文字编码", max_length=12)
    factors = models.JSONField("因子与单位", default=dict)  # {"w21003": "mg/L"}
    interval_s = models.PositiveIntegerField("实时数据间隔（s）")
    active = models.BooleanField("在用", default=True)
    interval_minutes = models.PositiveSmallIntegerField("分钟数据间隔（min）", default=10)
    networks = models.JSONField("允许的来源网段", default=list, blank=True)  # [] = any
    overtime_s = models.PositiveSmallIntegerField(
        "应答超时（s）", default=5
    )  # HJ 212-2017 命令 1000
    recount = models.PositiveSmallIntegerField("重发次数", default=3)
    heartbeat_s = models.PositiveIntegerField("心跳间隔（s）", default=0)  # 0 = none expected
    clock_tolerance_s = models.PositiveIntegerField("时钟允差（s）", default=0)  # 0 = left alone
    backfill = models.CharField(
        "缺数补调", max_length=8, choices=[("auto", _("自动")), ("off", _("不补"))], default="auto"
    )
    sm4_key = models.CharField("SM4 密钥", max_length=32, blank=True, default="")
    tls = models.BooleanField("只接受加密连接（TLS）", default=False)
    max_per_s = models.PositiveIntegerField("每秒最多包数", default=50)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(station__regex=r"^(section|outfall|air):.+$"), name="device_station"
            ),
            models.CheckConstraint(
                condition=Q(answer__in=["flag", "always", "never"]), name="device_answer"
            ),
            models.CheckConstraint(condition=Q(label__in=["start", "end"]), name="device_label"),
            models.CheckConstraint(
                condition=Q(backfill__in=["auto", "off"]), name="device_backfill"
            ),
            models.CheckConstraint(
                condition=Q(sm4_key__regex=r"^([0-9A-F]{32})?$"), name="device_sm4_key"
            ),
            models.CheckConstraint(
                condition=Q(
                    interval_s__gte=1, interval_minutes__gte=1, overtime_s__gte=1, max_per_s__gte=1
                ),
                name="device_paces",
            ),
        ]

    def __str__(self) -> str:
        return self.mn

    @property
    def as_published(self) -> dict[str, object]:
        """The device as ``devices.json`` says it, version 2 (architecture.md §2)."""
        return {
            "mn": self.mn,
            "station": self.station,
            "st": self.st,
            "password": self.password,
            "dialect": self.dialect,
            "crc": self.crc,
            "repairs": self.repairs,
            "answer": self.answer,
            "label": self.label,
            "encoding": self.encoding,
            "factors": {code: {"unit": unit} for code, unit in self.factors.items()},
            "interval_s": self.interval_s,
            "active": self.active,
            "interval_minutes": self.interval_minutes,
            "networks": self.networks,
            "overtime_s": self.overtime_s,
            "recount": self.recount,
            "heartbeat_s": self.heartbeat_s,
            "clock_tolerance_s": self.clock_tolerance_s,
            "backfill": self.backfill,
            "sm4": {"key": self.sm4_key} if self.sm4_key else None,
            "tls": self.tls,
            "max_per_s": self.max_per_s,
        }
