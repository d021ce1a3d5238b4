"""Clocks of a case as records (计时): start, stop, pauses, extensions; due dates are computed."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from qingyuan.casework import clocks
from qingyuan.web.cases.models.case import Case, together
from qingyuan.web.cases.models.parts import CasePart

__all__ = ["CaseClock", "ClockExtension", "ClockPause", "ExtensionRequest"]


class CaseClock(models.Model):
    """One running of one clock, of the case or of one unit's part in it.

    ``due_at`` is what the calendar said last, for lists and sorting; ``card_at`` the moment of the
    next rung of its warning ladder, None once the ladder is through.
    """

    case = models.ForeignKey(Case, models.CASCADE, related_name="clocks")
    part = models.ForeignKey(CasePart, models.CASCADE, null=True, blank=True, related_name="clocks")
    round = models.PositiveSmallIntegerField("轮次")
    name = models.CharField("时限", max_length=40)
    unit = models.CharField(
        "单位", max_length=8, choices=[("workday", "工作日"), ("day", "自然日"), ("hour", "小时")]
    )
    length = models.PositiveIntegerField("长度", null=True, blank=True)
    until = models.DateField("限定日期", null=True, blank=True)
    started_at = models.DateTimeField("起算")
    stopped_at = models.DateTimeField("停止", null=True, blank=True)
    due_at = models.DateTimeField("到期", null=True, blank=True)
    card_at = models.DateTimeField("下一张牌", null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["case", "name"],
                condition=Q(stopped_at=None, part=None),
                name="clock_runs_once",
            ),
            models.UniqueConstraint(
                fields=["part", "name"], condition=Q(stopped_at=None), name="clock_of_part_once"
            ),
            models.CheckConstraint(
                condition=Q(length__gt=0, until__isnull=True)
                | Q(length__isnull=True, until__isnull=False),
                name="clock_length_or_date",
            ),
            models.CheckConstraint(
                condition=Q(stopped_at=None) | Q(stopped_at__gte=F("started_at")),
                name="clock_stops_after",
            ),
            models.CheckConstraint(
                condition=Q(due_at=None) | Q(due_at__gte=F("started_at")), name="clock_due_after"
            ),
        ]
        indexes = [
            models.Index(fields=["due_at"], condition=Q(stopped_at=None), name="clock_open_due"),
            models.Index(
                fields=["card_at"],
                condition=Q(stopped_at=None, card_at__isnull=False),
                name="clock_next_card",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.case_id} {self.name}"

    def record(self) -> clocks.Clock:
        """Return the records as the craft reads them."""
        return clocks.Clock(
            start=self.started_at,
            unit=self.unit,  # type: ignore[arg-type]  # the column's choices are the craft's words
            length=self.length,
            until=self.until,
            pauses=tuple(
                clocks.Pause(p.started_at, p.ended_at, p.reason, p.by) for p in self.pauses.all()
            ),
            extensions=tuple(
                clocks.Extension(e.amount, e.reason, e.by) for e in self.extensions.all()
            ),
            stopped=self.stopped_at,
        )


class ClockPause(models.Model):
    """A pause of a clock (暂停), with approver and reason."""

    clock = models.ForeignKey(CaseClock, models.CASCADE, related_name="pauses")
    started_at = models.DateTimeField("暂停")
    ended_at = models.DateTimeField("恢复", null=True, blank=True)
    reason = models.CharField("理由", max_length=400)
    by = models.CharField("批准人", max_length=120)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["clock"], condition=Q(ended_at=None), name="pause_one_open"
            ),
            models.CheckConstraint(
                condition=Q(ended_at=None) | Q(ended_at__gte=F("started_at")),
                name="pause_ends_after",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.clock_id} {self.started_at:%Y-%m-%d}"


class ClockExtension(models.Model):
    """An extension of a clock (延期), with approver and reason; the due date is never edited."""

    clock = models.ForeignKey(CaseClock, models.CASCADE, related_name="extensions")
    amount = models.PositiveIntegerField("延长")
    reason = models.CharField("理由", max_length=400)
    by = models.CharField("批准人", max_length=120)
    at = models.DateTimeField("批准时间")

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(amount__gt=0), name="extension_positive")]

    def __str__(self) -> str:
        return f"{self.clock_id} +{self.amount}"


class ExtensionRequest(models.Model):
    """Somebody asked for more time (延期申请); one at a time per case."""

    case = models.ForeignKey(Case, models.CASCADE, related_name="extension_requests")
    clock = models.CharField("时限", max_length=40)
    amount = models.PositiveIntegerField("申请延长")
    reason = models.CharField("理由", max_length=400)
    asked_by = models.CharField("申请人", max_length=120)
    asked_at = models.DateTimeField("申请时间")
    settled_by = models.CharField("答复人", max_length=120, null=True, blank=True)  # noqa: DJ001 -- null together with settled_at
    settled_at = models.DateTimeField("答复时间", null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["case"], condition=Q(settled_at=None), name="extension_one_asked"
            ),
            models.CheckConstraint(condition=Q(amount__gt=0), name="extension_asked_positive"),
            together("settled_by", "settled_at", "extension_settled_who_when"),
        ]

    def __str__(self) -> str:
        return f"{self.case_id} +{self.amount}"
