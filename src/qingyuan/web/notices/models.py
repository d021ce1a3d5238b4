"""One message to one person (消息)."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import get_language

from qingyuan.web.accounts.models import User

__all__ = ["Notice"]


class Notice(models.Model):
    """A message to one person: what happened, where to look, and whether it was read."""

    user = models.ForeignKey(User, models.CASCADE, related_name="notices")
    kind = models.CharField("类别", max_length=40)
    title_zh = models.CharField("标题", max_length=160)
    title_en = models.CharField("英文标题", max_length=240, blank=True)
    body_zh = models.CharField("内容", max_length=400, blank=True)
    body_en = models.CharField("英文内容", max_length=600, blank=True)
    url = models.CharField("去处", max_length=240)
    at = models.DateTimeField("城市时间")
    read_at = models.DateTimeField("已读时间", null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["user", "-at"], name="notice_user_at"),
            models.Index(fields=["user"], condition=Q(read_at=None), name="notice_unread"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(url__startswith="/"), name="notice_inside"),
            models.CheckConstraint(
                condition=Q(read_at=None) | Q(read_at__gte=F("at")), name="notice_read_after"
            ),
        ]

    def __str__(self) -> str:
        return self.title_zh

    @property
    def title(self) -> str:
        """The title in the reader's language."""
        return (
            self.title_en or self.title_zh
            if (get_language() or "").startswith("en")
            else self.title_zh
        )

    @property
    def body(self) -> str:
        """The body in the reader's language."""
        return (
            self.body_en or self.body_zh
            if (get_language() or "").startswith("en")
            else self.body_zh
        )
