"""What is done on a plan: reports, freezes, issues, reviews, evaluations, accountability."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from qingyuan.web.accounts.models import User
from qingyuan.web.cases.models import Case
from qingyuan.web.cases.models.case import together
from qingyuan.web.plans.models.plan import Node, Plan

__all__ = ["Accountability", "Evaluation", "Freeze", "Issue", "Report", "Review"]


class Report(models.Model):
    """What a task said of one period (周报、月调度、季度调度)."""

    node = models.ForeignKey(Node, models.CASCADE, related_name="reports")
    period = models.CharField("周期", max_length=8)  # 2026-W39, 2026-09, 2026-Q3
    percent = models.PositiveSmallIntegerField("进度（%）")
    expected = models.PositiveSmallIntegerField("序时进度（%）")
    text = models.CharField("进展", max_length=1000)
    late = models.BooleanField("逾期报送", default=False)
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField("报送时间")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(percent__lte=100), name="plan_report_percent")
        ]
        indexes = [models.Index(fields=["node", "period", "-at"], name="plan_report_period")]

    def __str__(self) -> str:
        return f"{self.node_id} {self.period}"


class Freeze(models.Model):
    """The state of a plan's tasks at a cut-off (调度截止): rows as they stood, never changed."""

    plan = models.ForeignKey(Plan, models.CASCADE, related_name="freezes")
    period = models.CharField("周期", max_length=8)
    at = models.DateTimeField("截止时间")
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    rows = models.JSONField("各任务")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["plan", "period"], name="freeze_once")]

    def __str__(self) -> str:
        return f"{self.plan_id} {self.period}"


class Issue(models.Model):
    """A difficulty put before the leading group (难题、瓶颈), and its decision."""

    node = models.ForeignKey(Node, models.CASCADE, related_name="issues")
    text = models.CharField("问题", max_length=1000)
    raised_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    raised_at = models.DateTimeField("提交时间")
    decision = models.CharField("研究意见", max_length=1000, blank=True)
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField("决定时间", null=True)

    class Meta:
        constraints = [
            together("decided_by", "decided_at", "issue_decided_who_when"),
            models.UniqueConstraint(
                fields=["node"], condition=Q(decided_at=None), name="issue_one_waiting"
            ),
        ]

    def __str__(self) -> str:
        return self.text


class Review(models.Model):
    """A periodic look at a long-term item (长期坚持事项复查)."""

    node = models.ForeignKey(Node, models.CASCADE, related_name="reviews")
    text = models.CharField("复查情况", max_length=1000)
    next_on = models.DateField("下次复查")
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField("复查时间")

    def __str__(self) -> str:
        return f"{self.node_id} {self.at:%Y-%m-%d}"


class Evaluation(models.Model):
    """What became of one measure of a policy in a year (逐条评估): 落实、继续执行、停止执行."""

    class Verdict(models.TextChoices):
        """The three answers, and the one nobody likes."""

        IMPLEMENTED = "implemented", _("已落实")
        CONTINUED = "continued", _("继续执行")
        STOPPED = "stopped", _("停止执行")
        NOT = "not", _("未落实")

    node = models.ForeignKey(Node, models.CASCADE, related_name="evaluations")
    year = models.PositiveSmallIntegerField("评估年度")
    verdict = models.CharField("结论", max_length=12, choices=Verdict)
    finding = models.CharField("评估情况", max_length=1000)
    problem = models.CharField("发现的问题", max_length=1000, blank=True)
    case = models.ForeignKey(
        Case, models.PROTECT, null=True, blank=True, related_name="plan_evaluations"
    )
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField("评估时间")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["node", "year"], name="evaluation_once"),
            models.CheckConstraint(
                condition=Q(case=None) | ~Q(problem=""), name="evaluation_case_has_problem"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.node_id} {self.year} {self.verdict}"


class Accountability(models.Model):
    """Who was held to account for a target not met, and how (问责处理)."""

    class Form(models.TextChoices):
        """How."""

        TALK = "talk", _("约谈")
        CRITICISM = "criticism", _("通报批评")
        EXPLAIN = "explain", _("责令说明")
        TRANSFER = "transfer", _("移交纪检")

    node = models.ForeignKey(Node, models.CASCADE, related_name="accountability")
    form = models.CharField("方式", max_length=12, choices=Form)
    whom = models.CharField("对象", max_length=120)
    reason = models.CharField("事由", max_length=400)
    on = models.DateField("日期")
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField("记录时间")

    class Meta:
        indexes = [models.Index(fields=["node", "on"], name="accountability_of")]

    def __str__(self) -> str:
        return f"{self.node_id} {self.form}"
