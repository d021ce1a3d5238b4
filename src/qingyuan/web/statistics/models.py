"""How long each case has stood in each macro phase (阶段停留): a cache over its deeds."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from qingyuan.web.cases.models import Case

__all__ = ["CaseStay"]


class CaseStay(models.Model):
    """Working days of the stays that ended, per phase, and since when the present one lasts.

    Made anew when the case or the working-day calendar has changed since; None where a case has not
    ended a stay in that phase.
    """

    case = models.OneToOneField(Case, models.CASCADE, primary_key=True, related_name="stay")
    changed_at = models.DateTimeField("案件变动时间")
    made_at = models.DateTimeField("整理时间")
    discover = models.PositiveIntegerField("发现", null=True)
    handle = models.PositiveIntegerField("处理", null=True)
    feedback = models.PositiveIntegerField("反馈", null=True)
    phase = models.CharField("现阶段", max_length=12)
    since = models.DateTimeField("现阶段起")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(phase__in=["discover", "handle", "feedback"]), name="stay_phase"
            )
        ]

    def __str__(self) -> str:
        return f"{self.case_id} {self.phase}"
