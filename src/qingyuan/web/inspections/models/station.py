"""What a round sets up (保障): working groups, duty, hand-overs, materials asked for, papers."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from qingyuan.web.accounts.models import User
from qingyuan.web.inspections.models.round import Round

__all__ = [
    "DutyShift",
    "GroupMember",
    "HandOver",
    "Material",
    "MaterialVersion",
    "RoundPaper",
    "WorkingGroup",
]


class WorkingGroup(models.Model):
    """A working group of the round (综合组、资料组、现场与信访组、保障组 …) and its charter."""

    round = models.ForeignKey(Round, models.PROTECT, related_name="groups")
    name = models.CharField(_("工作组"), max_length=40)
    charter = models.TextField(_("职责、流程、标准和要求"), max_length=2000, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["round", "name"], name="inspection_group_once")
        ]

    def __str__(self) -> str:
        return self.name


class GroupMember(models.Model):
    """Somebody seconded to a group, from when to when (抽调人员); often without an account here."""

    group = models.ForeignKey(WorkingGroup, models.PROTECT, related_name="members")
    name = models.CharField(_("姓名"), max_length=64)
    organisation = models.CharField(_("原单位"), max_length=120)
    duty = models.CharField(_("职责"), max_length=80, blank=True)
    user = models.ForeignKey(User, models.PROTECT, null=True, blank=True, verbose_name=_("账号"))
    from_on = models.DateField(_("自"))
    to_on = models.DateField(_("至"), null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(to_on=None) | Q(to_on__gte=F("from_on")),
                name="inspection_member_period",
            ),
            models.UniqueConstraint(
                fields=["group", "name", "organisation", "from_on"], name="inspection_member_once"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class DutyShift(models.Model):
    """Who keeps the round's desk, from when to when (24 小时值班)."""

    round = models.ForeignKey(Round, models.PROTECT, related_name="shifts")
    person = models.ForeignKey(User, models.PROTECT, verbose_name=_("值班人"))
    from_at = models.DateTimeField(_("自"))
    to_at = models.DateTimeField(_("至"))
    phone = models.CharField(_("值班电话"), max_length=40, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(to_at__gt=F("from_at")), name="inspection_shift_period"
            ),
            models.UniqueConstraint(
                fields=["round", "person", "from_at"], name="inspection_shift_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person_id} {self.from_at:%Y-%m-%d %H:%M}"


class HandOver(models.Model):
    """What one shift told the next (交接班); never changed."""

    round = models.ForeignKey(Round, models.PROTECT, related_name="hand_overs")
    at = models.DateTimeField(_("交接时间"))
    giver = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("交班人"))
    taker = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("接班人"))
    text = models.TextField(_("交接事项"), max_length=1000)
    open_items = models.PositiveIntegerField(_("未办结件数"))

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(giver=F("taker")), name="inspection_two_shifts")
        ]

    def __str__(self) -> str:
        return f"{self.round_id} {self.at:%Y-%m-%d %H:%M}"


class Material(models.Model):
    """Material the team asked for (调阅资料): who asked, by when, who gathers it."""

    round = models.ForeignKey(Round, models.PROTECT, related_name="materials")
    number = models.PositiveIntegerField(_("调阅单号"))
    title = models.CharField(_("资料名称"), max_length=200)
    requester = models.CharField(_("提出人"), max_length=80)
    asked_on = models.DateField(_("提出日期"))
    due_at = models.DateTimeField(_("报送期限"))
    holder = models.CharField(_("承办单位"), max_length=120)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["round", "number"], name="inspection_material_number"),
            models.UniqueConstraint(fields=["round", "title"], name="inspection_material_once"),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.title}"


class MaterialVersion(models.Model):
    """One sending of a material (报送记录): version, what was sent, to whom; the digest tells copies."""

    material = models.ForeignKey(Material, models.PROTECT, related_name="versions")
    version = models.PositiveSmallIntegerField(_("版本"))
    name = models.CharField(_("文件名"), max_length=200)
    digest = models.CharField(_("摘要（SHA-256）"), max_length=64)
    pages = models.PositiveIntegerField(_("页数"), null=True, blank=True)
    received_by = models.CharField(_("签收人"), max_length=80)
    sent_by = models.CharField(max_length=120)
    sent_at = models.DateTimeField(_("报送时间"))

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["material", "version"], name="inspection_version_number"
            ),
            models.UniqueConstraint(
                fields=["material", "digest"], name="inspection_version_no_copy"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.material_id} v{self.version}"


class RoundPaper(models.Model):
    """A paper or meeting of the round (保障方案、通知、动员会、工作要求)."""

    class Kind(models.TextChoices):
        """What it is."""

        PLAN = "plan", _("方案与通知")
        REQUIREMENT = "requirement", _("工作要求")
        MEETING = "meeting", _("会议")

    round = models.ForeignKey(Round, models.PROTECT, related_name="papers")
    kind = models.CharField(_("类别"), max_length=12, choices=Kind)
    on = models.DateField(_("日期"))
    title = models.CharField(_("名称"), max_length=200)
    document_no = models.CharField(_("文号"), max_length=80, blank=True)
    text = models.TextField(_("内容"), max_length=4000, blank=True)
    by = models.CharField(max_length=120)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return self.title
