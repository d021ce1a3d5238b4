"""What was brought and what was taken (导入导出记录): kept for good; the files themselves are not."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from qingyuan.web.accounts.models import User

__all__ = ["Export", "Import", "ImportFault"]


def _english() -> bool:
    return (get_language() or "").startswith("en")


class Import(models.Model):
    """One file somebody brought (导入): what it was, what it would do, what became of it."""

    class State(models.TextChoices):
        WAITING = "waiting", _("等待检查")
        CHECKING = "checking", _("正在检查")
        READY = "ready", _("待确认")
        WRITING = "writing", _("正在写入")
        DONE = "done", _("已导入")
        SAME = "same", _("无变化")
        REFUSED = "refused", _("未能读取")
        WITHDRAWN = "withdrawn", _("已放弃")
        EXPIRED = "expired", _("已过期")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    importer = models.CharField("导入项", max_length=80, db_index=True)
    title_zh = models.CharField("表名", max_length=120)
    title_en = models.CharField("英文表名", max_length=160, blank=True)
    name = models.CharField("文件名", max_length=160)
    size = models.BigIntegerField("字节数")
    sm3 = models.CharField("文件摘要（SM3）", max_length=64)
    by = models.ForeignKey(User, models.PROTECT, related_name="imports")
    at = models.DateTimeField("上传时间")
    state = models.CharField(
        "状态", max_length=10, choices=State, default=State.WAITING, db_index=True
    )
    lines = models.PositiveIntegerField("行数（估计）", default=0)
    checked = models.PositiveIntegerField("已检查行数", default=0)
    total = models.PositiveIntegerField("行数", default=0)
    new = models.PositiveIntegerField("新增", default=0)
    changed = models.PositiveIntegerField("变更", default=0)
    same = models.PositiveIntegerField("相同", default=0)
    wrong = models.PositiveIntegerField("错误行", default=0)
    plan_sm3 = models.CharField("预览摘要（SM3）", max_length=64, blank=True)
    report = models.JSONField("预览", default=dict)
    personal = models.BooleanField("含个人信息", default=False)
    settled_at = models.DateTimeField("了结时间", null=True, blank=True)
    result_url = models.CharField("去处", max_length=240, blank=True)

    class Meta:
        indexes = [models.Index(fields=["by", "-at"], name="import_by_at")]
        constraints = [
            models.CheckConstraint(condition=Q(size__gt=0), name="import_not_empty"),
            models.CheckConstraint(
                condition=Q(result_url="") | Q(result_url__startswith="/"), name="import_inside"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.title_zh} {self.name}"

    @property
    def title(self) -> str:
        """The table's name in the reader's language."""
        return (self.title_en or self.title_zh) if _english() else self.title_zh

    @property
    def busy(self) -> bool:
        """Whether something is being done with it now."""
        return self.state in (self.State.WAITING, self.State.CHECKING, self.State.WRITING)


class ImportFault(models.Model):
    """One cell, or one row, that cannot go in (错误): where, what stood there, why."""

    of = models.ForeignKey(Import, models.CASCADE, related_name="faults")
    row = models.PositiveIntegerField("行")
    cell = models.CharField("单元格", max_length=16)
    column_zh = models.CharField("列", max_length=120, blank=True)
    column_en = models.CharField("英文列名", max_length=160, blank=True)
    value = models.CharField("内容", max_length=120, blank=True)
    zh = models.CharField("原因", max_length=400)
    en = models.CharField("英文原因", max_length=600)

    class Meta:
        indexes = [models.Index(fields=["of", "row"], name="importfault_of_row")]

    def __str__(self) -> str:
        return f"{self.cell} {self.zh}"

    @property
    def column(self) -> str:
        """The heading in the reader's language."""
        return (self.column_en or self.column_zh) if _english() else self.column_zh

    @property
    def reason(self) -> str:
        """The reason in the reader's language."""
        return self.en if _english() else self.zh


class Export(models.Model):
    """One table somebody took (导出): which, with what filter, how many rows; the file is kept three days."""

    class State(models.TextChoices):
        WAITING = "waiting", _("排队中")
        DONE = "done", pgettext_lazy("export", "已生成")
        FAILED = "failed", pgettext_lazy("export", "未能生成")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    exporter = models.CharField("导出项", max_length=80)
    title_zh = models.CharField("表名", max_length=120)
    title_en = models.CharField("英文表名", max_length=160, blank=True)
    query = models.CharField("筛选", max_length=1000, blank=True)
    form = models.CharField("格式", max_length=8)
    language = models.CharField("语言", max_length=8, default="zh")
    state = models.CharField("状态", max_length=8, choices=State, default=State.WAITING)
    rows = models.PositiveIntegerField("行数", default=0)
    by = models.ForeignKey(User, models.PROTECT, related_name="exports")
    at = models.DateTimeField("请求时间")
    ready_at = models.DateTimeField("生成时间", null=True, blank=True)
    sm3 = models.CharField("文件摘要（SM3）", max_length=64, blank=True)

    class Meta:
        indexes = [models.Index(fields=["by", "-at"], name="export_by_at")]

    def __str__(self) -> str:
        return f"{self.title_zh} {self.form}"

    @property
    def title(self) -> str:
        """The table's name in the reader's language."""
        return (self.title_en or self.title_zh) if _english() else self.title_zh
