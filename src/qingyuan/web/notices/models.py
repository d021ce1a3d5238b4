"""One message to one person (消息), and its ways out of the house (送达): mail and robots."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from qingyuan.web.accounts.models import Unit, User

__all__ = ["Channel", "Delivery", "Notice", "Reach"]


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


class Reach(models.Model):
    """Where one person also wants messages (本人的送达设置): an address, quiet hours, a digest."""

    user = models.OneToOneField(User, models.CASCADE, related_name="reach")
    mail = models.EmailField(_("邮箱"), blank=True)
    quiet_from = models.TimeField(_("免打扰自"), null=True, blank=True)
    quiet_to = models.TimeField(_("免打扰至"), null=True, blank=True)
    digest_minutes = models.PositiveSmallIntegerField(_("合并发送（分钟）"), default=15)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(quiet_from=None, quiet_to=None)
                | Q(quiet_from__isnull=False, quiet_to__isnull=False),
                name="reach_quiet_both_ends",
            )
        ]

    def __str__(self) -> str:
        return self.user.username


class Channel(models.Model):
    """A robot of a group chat or another system's address (群机器人、外部系统)."""

    class Kind(models.TextChoices):
        """Whose format it speaks."""

        WECOM = "wecom", _("企业微信群机器人")
        DINGTALK = "dingtalk", _("钉钉群机器人")
        WEBHOOK = "webhook", _("签名推送（HTTP）")

    name = models.CharField(_("名称"), max_length=80, unique=True)
    kind = models.CharField(_("类型"), max_length=12, choices=Kind)
    address = models.CharField(_("地址"), max_length=400)
    secret = models.CharField(_("签名密钥"), max_length=200, blank=True)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name=_("面向单位"))
    digest_minutes = models.PositiveSmallIntegerField(_("合并发送（分钟）"), default=5)
    active = models.BooleanField(_("启用"), default=True)
    made_by = models.CharField(_("登记人"), max_length=120)
    made_at = models.DateTimeField(_("登记时间"))

    def __str__(self) -> str:
        return self.name

    @property
    def shown_address(self) -> str:
        """The address without the key it carries."""
        return self.address.partition("?")[0] + ("?…" if "?" in self.address else "")


class Delivery(models.Model):
    """One message on its way out to one target (送达一次). Times here are wall time."""

    class State(models.TextChoices):
        """What became of it."""

        WAITING = "waiting", _("待发")
        SENDING = "sending", _("发送中")
        SENT = "sent", _("已送达")
        FAILED = "failed", _("未送达")
        EXPIRED = "expired", _("过期未发")

    channel = models.ForeignKey(
        Channel, models.CASCADE, null=True, blank=True, related_name="deliveries"
    )
    user = models.ForeignKey(User, models.CASCADE, null=True, blank=True, related_name="deliveries")
    kind = models.CharField(_("类别"), max_length=40)
    title = models.CharField(_("标题"), max_length=160)
    url = models.CharField(_("去处"), max_length=240)
    state = models.CharField(_("状态"), max_length=8, choices=State, default=State.WAITING)
    made_at = models.DateTimeField(_("生成"))
    due_at = models.DateTimeField(_("发送时间"))
    tries = models.PositiveSmallIntegerField(_("次数"), default=0)
    ended_at = models.DateTimeField(_("结束"), null=True, blank=True)
    error = models.CharField(_("原因"), max_length=240, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(channel__isnull=False, user__isnull=True)
                | Q(channel__isnull=True, user__isnull=False),
                name="delivery_one_target",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["waiting", "sending"], ended_at=None)
                | (~Q(state__in=["waiting", "sending"]) & Q(ended_at__isnull=False)),
                name="delivery_ended",
            ),
        ]
        indexes = [
            models.Index(
                fields=["due_at"], condition=Q(state="waiting"), name="delivery_waiting_due"
            ),
            models.Index(fields=["channel", "-ended_at"], name="delivery_channel_ended"),
            models.Index(fields=["user", "-made_at"], name="delivery_user_made"),
        ]

    def __str__(self) -> str:
        return self.title
