"""What was done on a case: deeds, problems, sign-offs, evidence, cards sent, results returned."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from qingyuan.web.accounts.models import User
from qingyuan.web.cases.models.case import Case, in_language
from qingyuan.web.cases.models.clock import CaseClock
from qingyuan.web.files.models import Attachment

__all__ = ["CardSent", "Deed", "EvidenceLink", "ProblemItem", "ResultReturn", "SignOff"]


class Deed(models.Model):
    """One deed on a case (办理经过), never changed; a correction is a new one."""

    case = models.ForeignKey(Case, models.CASCADE, related_name="deeds")
    seq = models.PositiveIntegerField("序")
    round = models.PositiveSmallIntegerField("轮次")
    name = models.CharField("动作", max_length=40)
    from_state = models.CharField("原环节", max_length=40, blank=True)
    to_state = models.CharField("现环节", max_length=40)
    doer = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="deeds")
    by = models.CharField("办理人", max_length=120)
    at = models.DateTimeField("办理时间")
    clause = models.CharField("依据", max_length=240, blank=True)
    given = models.JSONField("填写内容", default=dict)
    before = models.JSONField("办理前", null=True, blank=True)
    undoes = models.OneToOneField(
        "self", models.PROTECT, null=True, blank=True, related_name="undone_by"
    )

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case", "seq"], name="deed_in_order")]
        indexes = [
            models.Index(fields=["doer", "-at"], name="deed_by_whom"),
            models.Index(fields=["name", "at"], name="deed_by_name"),
        ]

    def __str__(self) -> str:
        return f"{self.case_id} {self.seq} {self.name}"


class ProblemItem(models.Model):
    """One problem found and to be put right (问题清单的一条)."""

    case = models.ForeignKey(Case, models.CASCADE, related_name="problems")
    round = models.PositiveSmallIntegerField("轮次")
    number = models.PositiveSmallIntegerField("序号")
    text = models.CharField("问题", max_length=400)
    due_on = models.DateField("整改期限")
    pushed_at = models.DateTimeField("推送时间", null=True, blank=True)
    settled_at = models.DateTimeField("完成时间", null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["case", "number"], name="problem_numbered"),
            models.CheckConstraint(condition=~Q(text=""), name="problem_has_text"),
        ]

    def __str__(self) -> str:
        return self.text


class SignOff(models.Model):
    """One signature of a chain (审签); ``cleared_at`` once a return made the chain start over."""

    case = models.ForeignKey(Case, models.CASCADE, related_name="signoffs")
    round = models.PositiveSmallIntegerField("轮次")
    chain = models.CharField("审签链", max_length=40)
    step = models.PositiveSmallIntegerField("级次")
    signer = models.ForeignKey(User, models.PROTECT, related_name="signoffs")
    at = models.DateTimeField("时间")
    opinion = models.CharField("意见", max_length=400)
    cleared_at = models.DateTimeField("作废时间", null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["case", "round", "chain", "step"],
                condition=Q(cleared_at=None),
                name="signoff_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.case_id} {self.chain} {self.step}"


class EvidenceLink(models.Model):
    """A file that proves something of a case (佐证), and the deed it came with."""

    case = models.ForeignKey(Case, models.CASCADE, related_name="evidence")
    round = models.PositiveSmallIntegerField("轮次")
    deed = models.ForeignKey(Deed, models.CASCADE, related_name="evidence")
    kind = models.CharField("佐证类别", max_length=32)
    attachment = models.OneToOneField(Attachment, models.PROTECT, related_name="evidence_of")

    class Meta:
        indexes = [models.Index(fields=["case", "round", "kind"], name="evidence_of_round")]

    def __str__(self) -> str:
        return f"{self.case_id} {self.kind}"

    @property
    def label(self) -> str:
        """The kind in the reader's language."""
        known = self.case.rules.evidence.get(self.kind)
        return in_language(known) if known else self.kind


class ResultReturn(models.Model):
    """The result went back to whoever discovered the matter (结果反馈发现者), once a round."""

    case = models.ForeignKey(Case, models.CASCADE, related_name="results")
    round = models.PositiveSmallIntegerField("轮次")
    to = models.CharField("反馈给", max_length=160)
    at = models.DateTimeField("反馈时间")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case", "round"], name="result_once")]

    def __str__(self) -> str:
        return f"{self.case_id} → {self.to}"


CARDS = (
    ("yellow", _("黄牌")),
    ("red", _("红牌")),
    ("slip", _("督办单")),
    ("notice", _("通报")),
)


class CardSent(models.Model):
    """A card, slip or notice that was sent (黄牌、红牌、督办单、通报); a rung once per due date."""

    clock = models.ForeignKey(CaseClock, models.CASCADE, related_name="cards")
    rung = models.PositiveSmallIntegerField("级")
    card = models.CharField("牌", max_length=8, choices=CARDS)
    due_at = models.DateTimeField("对应到期")
    at = models.DateTimeField("发出时间")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["clock", "rung", "due_at"], name="card_once"),
            models.CheckConstraint(
                condition=Q(card__in=[c for c, _label in CARDS]), name="card_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.clock_id} {self.card}"
