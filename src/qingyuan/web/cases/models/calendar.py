"""Changes of the working-day calendar (工作日历的变动): what a notice after the shipped table says."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from qingyuan.core.calendar import HolidaySpan
from qingyuan.web.cases.models.case import together

__all__ = ["CalendarChange"]


class CalendarChange(models.Model):
    """Days one notice takes from work or calls back to it; withdrawn, never deleted."""

    year = models.PositiveSmallIntegerField("年份")
    start = models.DateField("起")
    end = models.DateField("止")
    kind = models.CharField(
        "类别", max_length=8, choices=[("holiday", "放假"), ("makeup", "调休上班")]
    )
    name = models.CharField("名称", max_length=60)
    notice = models.CharField("依据", max_length=200)
    entered_by = models.CharField("录入人", max_length=120)
    entered_at = models.DateTimeField("录入时间")
    withdrawn_by = models.CharField("撤销人", max_length=120, null=True, blank=True)  # noqa: DJ001 -- null together with withdrawn_at
    withdrawn_at = models.DateTimeField("撤销时间", null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(end__gte=F("start")), name="calendar_in_order"),
            models.CheckConstraint(
                condition=Q(kind__in=["holiday", "makeup"]), name="calendar_kind"
            ),
            models.CheckConstraint(condition=~Q(notice=""), name="calendar_has_notice"),
            together("withdrawn_by", "withdrawn_at", "calendar_withdrawn_who_when"),
        ]
        indexes = [
            models.Index(fields=["start"], condition=Q(withdrawn_at=None), name="calendar_in_force")
        ]

    def __str__(self) -> str:
        return f"{self.start} {self.kind}"

    @property
    def span(self) -> HolidaySpan:
        """The change as the calendar reads it."""
        kind = "holiday" if self.kind == "holiday" else "makeup"
        return HolidaySpan(self.year, self.start, self.end, kind, self.name, self.notice)
