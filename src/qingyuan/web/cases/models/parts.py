"""Which units share a case (主办、协办、督办): each with its person, its state and its report."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from qingyuan.web.accounts.models import Unit, User
from qingyuan.web.cases.models.case import Case, together

__all__ = ["CasePart"]


class CasePart(models.Model):
    """One unit's part in a case, from the day it was given to the day it ended.

    The open part of role *lead* is the case's own unit and person; a unit that is named again later
    gets a new row, so the rows are also the history of who was responsible.
    """

    class Role(models.TextChoices):
        """What a unit is in a case."""

        LEAD = "lead", _("主办")
        CO = "co", _("协办")
        WATCH = "watch", _("督办")

    class State(models.TextChoices):
        """How far a unit has come."""

        GIVEN = "given", _("待签收")
        SIGNED = "signed", _("办理中")
        REPORTED = "reported", _("已反馈")
        RETURNED = "returned", _("已退回")

    case = models.ForeignKey(Case, models.CASCADE, related_name="parts")
    round = models.PositiveSmallIntegerField("轮次")
    role = models.CharField("分工", max_length=8, choices=Role.choices)
    state = models.CharField("状态", max_length=12, choices=State.choices, default=State.GIVEN)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="parts")
    person = models.ForeignKey(User, models.PROTECT, related_name="parts")
    given_by = models.CharField("交办人", max_length=120)
    given_at = models.DateTimeField("交办时间")
    reason = models.CharField("交办意见", max_length=400, blank=True)
    signed_at = models.DateTimeField("签收时间", null=True, blank=True)
    reported_at = models.DateTimeField("反馈时间", null=True, blank=True)
    report = models.CharField("反馈", max_length=1000, blank=True)
    returned_at = models.DateTimeField("退回时间", null=True, blank=True)
    return_reason = models.CharField("退回理由", max_length=400, blank=True)
    ended_by = models.CharField("解除人", max_length=120, null=True, blank=True)  # noqa: DJ001 -- null together with ended_at
    ended_at = models.DateTimeField("解除时间", null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["case"], condition=Q(ended_at=None, role="lead"), name="part_one_lead"
            ),
            models.UniqueConstraint(
                fields=["case", "unit"], condition=Q(ended_at=None), name="part_unit_once"
            ),
            models.CheckConstraint(condition=Q(role__in=["lead", "co", "watch"]), name="part_role"),
            models.CheckConstraint(
                condition=Q(state="reported", reported_at__isnull=False)
                | Q(state__in=["given", "signed"], reported_at__isnull=True)
                | Q(state="returned", returned_at__isnull=False),
                name="part_state",
            ),
            together("ended_by", "ended_at", "part_ended_who_when"),
        ]
        indexes = [
            models.Index(fields=["unit", "ended_at"], name="part_of_unit"),
            models.Index(fields=["person", "ended_at"], name="part_of_person"),
        ]

    def __str__(self) -> str:
        return f"{self.case_id} {self.role} {self.unit_id}"
