"""One table: what was handed in (附件)."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

__all__ = ["Attachment"]


class Attachment(models.Model):
    """A file handed in as evidence (附件); the original is never changed."""

    class Scan(models.TextChoices):
        """What the scanner said; nothing where none is set."""

        NONE = "", _("未查毒")
        CLEAN = "clean", _("已查毒")
        WAITING = "waiting", _("待查毒，暂不可打开")
        INFECTED = "infected", _("有病毒，不可打开")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField("文件名", max_length=160)
    kind = models.CharField("证据种类", max_length=32, blank=True)
    media_type = models.CharField("类型", max_length=80)
    size = models.BigIntegerField("字节数")
    sm3 = models.CharField("原件摘要（SM3）", max_length=64)
    original = models.CharField("原件位置", max_length=240)
    display = models.CharField("展示件位置", max_length=240, blank=True)
    width = models.PositiveIntegerField("宽", null=True, blank=True)
    height = models.PositiveIntegerField("高", null=True, blank=True)
    taken_at = models.DateTimeField("拍摄时间", null=True, blank=True)
    taken_lon = models.FloatField("拍摄经度", null=True, blank=True)
    taken_lat = models.FloatField("拍摄纬度", null=True, blank=True)
    taken_by_device = models.CharField("拍摄设备", max_length=80, blank=True)
    scan = models.CharField(
        "查毒", max_length=8, choices=Scan.choices, default=Scan.NONE, blank=True
    )
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="uploads"
    )
    uploaded_at = models.DateTimeField("上传时间")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(size__gt=0), name="attachment_not_empty"),
            models.CheckConstraint(
                condition=Q(taken_lon__isnull=True, taken_lat__isnull=True)
                | Q(taken_lon__isnull=False, taken_lat__isnull=False),
                name="attachment_place_whole",
            ),
            models.CheckConstraint(
                condition=Q(scan__in=["", "clean", "waiting", "infected"]), name="attachment_scan"
            ),
        ]
        indexes = [
            models.Index(
                fields=["uploaded_at"], condition=Q(scan="waiting"), name="attachment_waiting"
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_shut(self) -> bool:
        """Whether it may not be opened: not scanned yet, or found infected."""
        return self.scan in (self.Scan.WAITING, self.Scan.INFECTED)

    @property
    def is_image(self) -> bool:
        """Whether it can be shown as a picture."""
        return bool(self.display) and not self.is_shut
