"""Tokens (令牌): what another system shows at the door; only its digest is kept."""

from __future__ import annotations

from datetime import datetime

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from qingyuan.web.accounts.models import User

__all__ = ["Token"]


class Token(models.Model):
    """One source's permission to send observations of some devices until an instant (令牌)."""

    name = models.CharField("来源", max_length=80)
    prefix = models.CharField("前缀", max_length=8, unique=True)
    digest = models.CharField("摘要（SHA-256）", max_length=64)
    mns = models.JSONField("可代报的设备 MN")
    issued_by = models.ForeignKey(User, models.PROTECT, related_name="tokens_issued")
    issued_at = models.DateTimeField("签发时间")
    expires_at = models.DateTimeField("到期时间")
    revoked_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="tokens_revoked"
    )
    revoked_at = models.DateTimeField("撤销时间", null=True, blank=True)
    used_at = models.DateTimeField("最近使用", null=True, blank=True)
    minute = models.DateTimeField("计数的分钟", null=True, blank=True)
    in_minute = models.PositiveIntegerField("该分钟内的请求", default=0)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("issued_at")), name="token_expires_after_issue"
            ),
            models.CheckConstraint(condition=~Q(mns=[]), name="token_for_some_device"),
            models.CheckConstraint(
                condition=Q(revoked_by=None, revoked_at=None)
                | Q(revoked_by__isnull=False, revoked_at__isnull=False),
                name="token_revoked_who_when",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.prefix}"

    @property
    def source(self) -> str:
        """The source as the store and the quarantine name it."""
        return f"http:{self.prefix}"

    def holds(self, at: datetime) -> bool:
        """Whether it may be used at an instant."""
        return self.revoked_at is None and at < self.expires_at

    def state(self, at: datetime) -> tuple[object, str]:
        """Return the word and the tone of its state."""
        if self.revoked_at is not None:
            return _("已撤销"), ""
        return (_("有效"), "ok") if self.holds(at) else (_("已过期"), "warn")
