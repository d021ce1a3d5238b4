"""How cases hang together (关联案件), and what else a case is about (关联事物)."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from qingyuan.web.cases.models.case import Case

__all__ = ["CaseLink", "CaseThing"]


class CaseLink(models.Model):
    """*case* hangs on *other*: its parent, what it was merged into, what it was split from.

    Of two cases of the same source the later hangs on the earlier.
    """

    class Kind(models.TextChoices):
        """How two cases hang together."""

        PARENT = "parent", _("上级案件")
        SWEEP = "sweep", _("举一反三")
        MERGED = "merged", _("并案")
        SPLIT = "split", _("分案")
        SAME_SOURCE = "same_source", _("同源")

    case = models.ForeignKey(Case, models.CASCADE, related_name="hangs_on")
    other = models.ForeignKey(Case, models.CASCADE, related_name="carries")
    kind = models.CharField("关系", max_length=12, choices=Kind.choices)
    by = models.CharField("办理人", max_length=120)
    at = models.DateTimeField("时间")
    reason = models.CharField("理由", max_length=400, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["case", "other", "kind"], name="link_once"),
            models.UniqueConstraint(
                fields=["case"],
                condition=Q(kind__in=["parent", "sweep", "split"]),
                name="link_one_above",
            ),
            models.CheckConstraint(condition=~Q(case=F("other")), name="link_two_cases"),
            models.CheckConstraint(
                condition=Q(kind__in=["parent", "sweep", "merged", "split", "same_source"]),
                name="link_kind",
            ),
        ]
        indexes = [models.Index(fields=["other", "kind"], name="link_below")]

    def __str__(self) -> str:
        return f"{self.case_id} {self.kind} {self.other_id}"


class CaseThing(models.Model):
    """Something a case is about: ``signal`` ``signal:17``, an enterprise, a visit, a document."""

    case = models.ForeignKey(Case, models.CASCADE, related_name="things")
    kind = models.CharField("类别", max_length=24)
    ref = models.CharField("标识", max_length=120)
    label = models.CharField("名称", max_length=160)
    at = models.DateTimeField("时间")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["case", "kind", "ref"], name="thing_once"),
            models.CheckConstraint(condition=~Q(kind="") & ~Q(ref=""), name="thing_named"),
        ]
        indexes = [models.Index(fields=["kind", "ref"], name="thing_cases")]

    def __str__(self) -> str:
        return f"{self.case_id} {self.ref}"
