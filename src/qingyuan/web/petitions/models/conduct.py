"""Complaints about service and reports against officers (作风投诉、违纪举报): read by one role only."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from qingyuan.web.petitions.seal import seal, unseal

__all__ = ["ConductReport"]


class ConductReport(models.Model):
    """One complaint or report about staff (R060, R063); words, subject and contact are sealed."""

    class Kind(models.TextChoices):
        """What it is about."""

        SERVICE = "service", _("服务态度投诉")
        OFFICER = "officer", _("执法人员违纪违法线索")
        FEEDBACK = "feedback", _("对公开内容的意见")

    class State(models.TextChoices):
        """Where it stands."""

        RECEIVED = "received", _("待办")
        HANDLED = "handled", _("已办")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    number = models.CharField("编号", max_length=20, unique=True)
    kind = models.CharField("类别", max_length=12, choices=Kind)
    state = models.CharField("状态", max_length=12, choices=State, default=State.RECEIVED)
    received_at = models.DateTimeField("收到时间")
    subject_sealed = models.TextField("对象（密封）", blank=True)
    text_sealed = models.TextField("内容（密封）", blank=True)
    contact_sealed = models.TextField("联系方式（密封）", blank=True)
    result_sealed = models.TextField("处理结果（密封）", blank=True)
    proven = models.BooleanField("属实", null=True, blank=True)
    handled_by = models.CharField("办理人", max_length=120, null=True, blank=True)  # noqa: DJ001 -- null together with handled_at
    handled_at = models.DateTimeField("办理时间", null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(handled_by__isnull=True, handled_at__isnull=True, state="received")
                | Q(handled_by__isnull=False, handled_at__isnull=False, state="handled"),
                name="conduct_handled_who_when",
            )
        ]

    def __str__(self) -> str:
        return self.number

    def put(self, **given: str) -> None:
        """Seal what is given (subject, text, contact, result); not saved here."""
        for name, value in given.items():
            setattr(self, f"{name}_sealed", seal(value.strip(), about=f"conduct.{name}:{self.pk}"))

    def read(self) -> dict[str, str]:
        """Return what was written, unsealed."""
        return {
            name: unseal(getattr(self, f"{name}_sealed"), about=f"conduct.{name}:{self.pk}")
            for name in ("subject", "text", "contact", "result")
        }
