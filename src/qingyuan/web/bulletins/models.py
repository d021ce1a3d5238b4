"""One table: bulletins as they were frozen (通报)."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

__all__ = ["Bulletin"]


class Bulletin(models.Model):
    """A bulletin with its frozen content (通报); a correction is a new issue of the same day."""

    class Kind(models.TextChoices):
        """Which rhythm it belongs to."""

        DAILY = "daily", _("日提醒")

    class State(models.TextChoices):
        """Where it stands."""

        DRAFT = "draft", _("待签发")
        PUBLISHED = "published", _("已发布")
        WITHDRAWN = "withdrawn", _("已撤回")

    kind = models.CharField("种类", max_length=16, choices=Kind)
    day = models.DateField("日期")
    issue = models.PositiveSmallIntegerField("第几稿", default=1)
    number = models.CharField("编号", max_length=40)
    state = models.CharField("状态", max_length=16, choices=State, default=State.DRAFT)
    content = models.JSONField("正文")
    data_until = models.DateTimeField("数据截至")
    data_version = models.BigIntegerField("数据版本")
    composed_by = models.CharField("编写", max_length=120)
    composed_at = models.DateTimeField("编写时间")
    published_by = models.CharField("签发", max_length=120, blank=True)
    published_at = models.DateTimeField("签发时间", null=True, blank=True)
    withdrawn_reason = models.CharField("撤回原因", max_length=400, blank=True)
    pdf_sm3 = models.CharField("PDF 摘要（SM3）", max_length=64, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["kind", "day", "issue"], name="bulletin_issue_once"),
            models.CheckConstraint(
                condition=Q(published_at__isnull=True, published_by="")
                | Q(published_at__isnull=False) & ~Q(published_by=""),
                name="bulletin_published_by_and_at",
            ),
            models.CheckConstraint(
                condition=~Q(state="withdrawn") | ~Q(withdrawn_reason=""),
                name="bulletin_withdrawn_with_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.day}"
