"""Documents measures cite or bring forth, and the papers a plan gives out (文件登记、文书)."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from qingyuan.reporting import Document
from qingyuan.web.accounts.models import User
from qingyuan.web.plans.models.plan import Node, Plan

__all__ = ["DocumentUse", "IssuedDocument", "Paper"]


class IssuedDocument(models.Model):
    """A document by its title (文件): one row however many measures name it."""

    title = models.CharField("标题", max_length=200, unique=True)
    number = models.CharField("文号", max_length=60, blank=True)
    issuer = models.CharField("制发机关", max_length=120, blank=True)
    issued_on = models.DateField("印发日期", null=True, blank=True)

    def __str__(self) -> str:
        return f"《{self.title}》"


class DocumentUse(models.Model):
    """What a measure did with a document: 制定、修订 (a rule, R070) or only cited it."""

    class Act(models.TextChoices):
        """What was done."""

        PRODUCED = "produced", _("制定")
        REVISED = "revised", _("修订")
        CITED = "cited", _("引用")
        SYSTEM = "system", _("平台名称")

    node = models.ForeignKey(Node, models.CASCADE, related_name="documents")
    document = models.ForeignKey(IssuedDocument, models.PROTECT, related_name="uses")
    act = models.CharField("作为", max_length=10, choices=Act)
    confirmed = models.BooleanField(
        "已核对", default=False
    )  # read from the text until a person says so
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField("登记时间")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["node", "document"], name="document_use_once")
        ]

    def __str__(self) -> str:
        return f"{self.node_id} {self.document_id} {self.act}"


class Paper(models.Model):
    """A paper given out (文书), frozen as it was written; its files are printed from it."""

    class Kind(models.TextChoices):
        """Which paper."""

        RECTIFICATION = "rectification", _("整改进展情况通报")
        SUPERVISION = "supervision", _("督查通报")
        DISPATCH = "dispatch", _("调度表")
        EVALUATION = "evaluation", _("评估报告")

    plan = models.ForeignKey(Plan, models.CASCADE, related_name="papers")
    kind = models.CharField("文书", max_length=16, choices=Kind)
    number = models.CharField("编号", max_length=40, unique=True)
    period = models.CharField("周期", max_length=8, blank=True)
    content: Any = models.JSONField("内容")
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField("生成时间")

    def __str__(self) -> str:
        return self.number

    @property
    def document(self) -> Document:
        """The paper's content."""
        return Document.from_dict(self.content)
