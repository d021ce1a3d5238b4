"""Groups for a time (专班), the duty roster (值班) and absences (离岗代行)."""

from __future__ import annotations

from datetime import date

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from qingyuan.web.accounts.models import RoleGrant, Unit, User

__all__ = ["Absence", "Group", "HandOver", "Membership", "Shift"]


class Group(models.Model):
    """A group that several units staff for a time (领导小组、工作专班、工作组)."""

    class Kind(models.TextChoices):
        """What it is for."""

        LEADING = "leading", _("领导小组")
        TASK = "task", _("工作专班")
        WORKING = "working", _("工作组")

    name = models.CharField(_("名称"), max_length=120)
    kind = models.CharField(_("类别"), max_length=12, choices=Kind)
    office = models.ForeignKey(
        Unit, models.PROTECT, related_name="groups", verbose_name=_("办公室设在")
    )
    charter = models.TextField(_("职责与流程"), blank=True, max_length=4000)
    valid_from = models.DateField(_("自"))
    valid_to = models.DateField(_("至（含）"), null=True, blank=True)
    made_by = models.CharField(_("成立人"), max_length=120)
    made_at = models.DateTimeField(_("登记时间"))

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["name", "valid_from"], name="group_name_once"),
            models.CheckConstraint(
                condition=Q(valid_to=None) | Q(valid_to__gte=F("valid_from")), name="group_period"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def stands(self, on: date) -> bool:
        """Whether the group works on a day."""
        return self.valid_from <= on and (self.valid_to is None or on <= self.valid_to)


class Membership(models.Model):
    """One person in a group from a day to a day (成员); the home unit is kept as it was then."""

    class Part(models.TextChoices):
        """What the person is in it."""

        HEAD = "head", _("组长")
        DEPUTY = "deputy", _("副组长")
        MEMBER = "member", _("成员")
        OFFICE = "office", _("办公室")

    group = models.ForeignKey(Group, models.PROTECT, related_name="members")
    user = models.ForeignKey(
        User, models.PROTECT, related_name="memberships", verbose_name=_("人员")
    )
    part = models.CharField(_("职务"), max_length=8, choices=Part)
    home = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name=_("抽调自"))
    valid_from = models.DateField(_("自"))
    valid_to = models.DateField(_("至（含）"), null=True, blank=True)
    added_by = models.CharField(_("登记人"), max_length=120)
    added_at = models.DateTimeField(_("登记时间"))

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["group", "user"], condition=Q(valid_to=None), name="member_once"
            ),
            models.CheckConstraint(
                condition=Q(valid_to=None) | Q(valid_to__gte=F("valid_from")), name="member_period"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.group_id} {self.user_id}"

    def serves(self, on: date) -> bool:
        """Whether the person is in the group on a day."""
        return self.valid_from <= on and (self.valid_to is None or on <= self.valid_to)


class Shift(models.Model):
    """Who is on duty (值班表的一班): a leader in charge and an officer, per unit, day and span."""

    class Span(models.TextChoices):
        """Which part of the day."""

        DAY = "day", _("白班 08:00—20:00")
        NIGHT = "night", _("夜班 20:00—次日 08:00")

    day = models.DateField(_("日期"))
    span = models.CharField(_("班次"), max_length=8, choices=Span)
    unit = models.ForeignKey(
        Unit, models.PROTECT, related_name="shifts", verbose_name=_("值班单位")
    )
    leader = models.ForeignKey(
        User, models.PROTECT, related_name="+", verbose_name=_("带班领导"), null=True, blank=True
    )
    officer = models.ForeignKey(
        User, models.PROTECT, related_name="shifts", verbose_name=_("值班员")
    )
    put_by = models.CharField(_("排班人"), max_length=120)
    put_at = models.DateTimeField(_("排班时间"))

    class Meta:
        constraints = [models.UniqueConstraint(fields=["unit", "day", "span"], name="shift_once")]
        indexes = [models.Index(fields=["day", "unit"], name="shift_day_unit")]

    def __str__(self) -> str:
        return f"{self.day} {self.span} {self.unit_id}"


class HandOver(models.Model):
    """What one shift tells the next (交接班记录); never changed, taken over by name."""

    shift = models.OneToOneField(Shift, models.PROTECT, related_name="handover")
    text = models.TextField(_("交接事项"), max_length=2000)
    open_matters = models.CharField(_("待续办"), max_length=400, blank=True)
    given_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    given_at = models.DateTimeField(_("交班时间"))
    taken_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    taken_at = models.DateTimeField(_("接班时间"), null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(taken_by=None, taken_at=None)
                | Q(taken_by__isnull=False, taken_at__isnull=False),
                name="handover_taken_who_when",
            ),
            models.CheckConstraint(
                condition=Q(taken_by=None) | ~Q(taken_by=F("given_by")), name="handover_to_another"
            ),
        ]

    def __str__(self) -> str:
        return str(self.shift)


class Absence(models.Model):
    """Somebody is away and another stands in (离岗代行).

    Asked for by the person, granted by the security administrator: only then does the deputy hold
    the role, for those days alone.
    """

    user = models.ForeignKey(User, models.PROTECT, related_name="absences")
    deputy = models.ForeignKey(
        User, models.PROTECT, related_name="standing_in", verbose_name=_("代行人")
    )
    role = models.CharField(_("代行角色"), max_length=32)
    valid_from = models.DateField(_("自"))
    valid_to = models.DateField(_("至（含）"))
    reason = models.CharField(_("事由"), max_length=200)
    asked_at = models.DateTimeField(_("申请时间"))
    settled_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    settled_at = models.DateTimeField(_("答复时间"), null=True, blank=True)
    grant = models.OneToOneField(RoleGrant, models.PROTECT, null=True, blank=True, related_name="+")
    ended_at = models.DateTimeField(_("提前结束"), null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_to__gte=F("valid_from")), name="absence_period"
            ),
            models.CheckConstraint(condition=~Q(user=F("deputy")), name="absence_another"),
            models.CheckConstraint(
                condition=Q(settled_by=None, settled_at=None)
                | Q(settled_by__isnull=False, settled_at__isnull=False),
                name="absence_settled_who_when",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} → {self.deputy_id} {self.valid_from}"

    @property
    def state(self) -> str:
        """``asked``, ``granted``, ``refused`` or ``ended``."""
        if self.settled_at is None:
            return "asked"
        if self.grant_id is None:
            return "refused"
        return "ended" if self.ended_at else "granted"
