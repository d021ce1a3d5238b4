"""The plan and its tree (方案、问题树、任务分解)."""

from __future__ import annotations

from datetime import date

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from qingyuan.web.accounts.models import Unit, User
from qingyuan.web.cases.models import Case
from qingyuan.web.registry.models import District

__all__ = ["Node", "NodeUnit", "Phase", "Plan"]


class Plan(models.Model):
    """One plan (方案): a round of party inspection, a scheme, a five-year plan, a policy to evaluate."""

    class Kind(models.TextChoices):
        """What sort of plan it is."""

        RECTIFICATION = "rectification", _("巡察整改")
        SCHEME = "scheme", _("实施方案")
        FIVE_YEAR = "five_year", _("五年规划")
        TARGETS = "targets", _("年度目标")
        POLICY = "policy", _("政策措施")

    class Rhythm(models.TextChoices):
        """How often its tasks report."""

        WEEKLY = "weekly", _("周报")
        MONTHLY = "monthly", _("月调度")
        QUARTERLY = "quarterly", _("季度调度")

    code = models.SlugField("编号", max_length=24, unique=True)
    kind = models.CharField("类别", max_length=16, choices=Kind)
    title = models.CharField("名称", max_length=160)
    document_no = models.CharField("文号", max_length=60, blank=True)
    issuer = models.CharField("制发机关", max_length=120, blank=True)
    district = models.ForeignKey(
        District,
        models.PROTECT,
        to_field="code",
        related_name="+",
        db_column="district_code",
        verbose_name=_("区市"),
    )
    office = models.ForeignKey(
        Unit, models.PROTECT, related_name="plans", verbose_name=_("牵头单位")
    )
    group = models.CharField("领导小组", max_length=300, blank=True)
    starts_on = models.DateField("开始")
    ends_on = models.DateField("完成期限")
    inspected_from = models.DateField("巡察开始", null=True, blank=True)
    inspected_to = models.DateField("巡察结束", null=True, blank=True)
    fed_back_on = models.DateField("反馈日期", null=True, blank=True)
    published_on = models.DateField("公开日期", null=True, blank=True)
    announced = models.PositiveSmallIntegerField("文件所称任务数", null=True, blank=True)
    rhythm = models.CharField("报送周期", max_length=10, choices=Rhythm, default=Rhythm.WEEKLY)
    grace_days = models.PositiveSmallIntegerField("周期后报送日数", default=1)
    reminded_for = models.CharField("已催报周期", max_length=10, blank=True)
    outlook = models.TextField("今后打算", blank=True)
    made_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    made_at = models.DateTimeField("建立时间")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(ends_on__gte=F("starts_on")), name="plan_dates"),
            models.CheckConstraint(
                condition=Q(fed_back_on=None)
                | Q(published_on=None)
                | Q(published_on__gte=F("fed_back_on")),
                name="plan_published_after",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.title}"

    @property
    def ref(self) -> str:
        """The plan as audit and cases cite it."""
        return f"plan:{self.code}"

    @property
    def procedure(self) -> str:
        """The procedure its tasks run on."""
        return "party_inspection" if self.kind == self.Kind.RECTIFICATION else "task"


class Phase(models.Model):
    """A phase of a plan (阶段): 动员部署、重点推进、总结提高."""

    plan = models.ForeignKey(Plan, models.CASCADE, related_name="phases")
    seq = models.PositiveSmallIntegerField("序")
    title = models.CharField("阶段", max_length=60)
    starts_on = models.DateField("自")
    ends_on = models.DateField("至")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["plan", "seq"], name="phase_in_order"),
            models.CheckConstraint(condition=Q(ends_on__gte=F("starts_on")), name="phase_dates"),
        ]

    def __str__(self) -> str:
        return self.title


class Node(models.Model):
    """A node of the tree: a heading (problem, theme, goal) or a task whose work is a case.

    A name written by hand stands beside the account it means. ``doubts`` lists the fields that a
    machine filled in (blank cell, merged cell) and no person has confirmed: 待确认.
    """

    class Kind(models.TextChoices):
        """What it is; the last two are carried out, the others hold them."""

        GROUP = "group", _("一级问题")
        LEAF = "leaf", _("子问题")
        THEME = "theme", _("主题")
        ITEM = "item", pgettext_lazy("plan", "方面")
        GOAL = "goal", _("年度目标")
        MEASURE = "measure", _("措施")
        TASK = "task", pgettext_lazy("plan", "任务")

    WORK = ("measure", "task")

    plan = models.ForeignKey(Plan, models.CASCADE, related_name="nodes")
    parent = models.ForeignKey(
        "self", models.CASCADE, null=True, blank=True, related_name="children"
    )
    path = models.CharField("次序", max_length=120)  # 0001/0002/: reading order
    kind = models.CharField("类别", max_length=10, choices=Kind)
    number = models.CharField("序号", max_length=12)
    title = models.CharField("内容", max_length=1000)
    announced = models.PositiveSmallIntegerField("所称条数", null=True, blank=True)
    year = models.PositiveSmallIntegerField("年度", null=True, blank=True)
    target = models.CharField("目标", max_length=200, blank=True)
    phase = models.ForeignKey(Phase, models.PROTECT, null=True, blank=True, related_name="nodes")
    starts_on = models.DateField("启动", null=True, blank=True)
    due_on = models.DateField("期限", null=True, blank=True)
    leader_name = models.CharField("责任领导（原文）", max_length=60, blank=True)
    leader = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="led_nodes"
    )
    person_name = models.CharField("责任人（原文）", max_length=60, blank=True)
    person = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="task_nodes"
    )
    remark = models.CharField("备注", max_length=400, blank=True)
    doubts = models.JSONField("待确认", default=list)
    long_term = models.BooleanField("长期坚持", default=False)
    review_on = models.DateField("下次复查", null=True, blank=True)
    case = models.OneToOneField(
        Case, models.PROTECT, null=True, blank=True, related_name="plan_node"
    )
    percent = models.PositiveSmallIntegerField("进度（%）", default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["plan", "path"], name="node_in_order"),
            models.CheckConstraint(condition=Q(percent__lte=100), name="node_percent"),
            models.CheckConstraint(
                condition=Q(starts_on=None) | Q(due_on=None) | Q(due_on__gte=F("starts_on")),
                name="node_dates",
            ),
            models.CheckConstraint(
                condition=Q(case=None) | Q(kind__in=["measure", "task"]), name="node_case_is_work"
            ),
        ]
        indexes = [
            models.Index(fields=["leader", "plan"], name="node_led_by"),
            models.Index(fields=["plan", "due_on"], name="node_due"),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.title}"

    @property
    def is_work(self) -> bool:
        """Whether it is carried out (a measure or a task)."""
        return self.kind in self.WORK

    @property
    def depth(self) -> int:
        """How deep it stands below the plan; 0 for the first level."""
        return self.path.count("/") - 1

    @property
    def short(self) -> str:
        """The title cut for lists and cases."""
        return self.title if len(self.title) <= 60 else f"{self.title[:59]}…"

    def begins_on(self) -> date:
        """Return the day its expected-progress line begins."""
        phase = self.phase.starts_on if self.phase else None
        return self.starts_on or phase or self.plan.starts_on

    def ends_on(self) -> date:
        """Return its deadline: its own, its phase's, else the plan's."""
        phase = self.phase.ends_on if self.phase else None
        return self.due_on or phase or self.plan.ends_on


class NodeUnit(models.Model):
    """A unit answering for a node (责任部门); ``name`` as written, ``unit`` once it is known."""

    node = models.ForeignKey(Node, models.CASCADE, related_name="units")
    seq = models.PositiveSmallIntegerField("序")
    name = models.CharField("名称（原文）", max_length=120)
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, blank=True, related_name="plan_nodes")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["node", "seq"], name="node_unit_in_order")]

    def __str__(self) -> str:
        return self.name

    @property
    def lead(self) -> bool:
        """The first named leads (牵头), the others help (配合)."""
        return self.seq == 1
