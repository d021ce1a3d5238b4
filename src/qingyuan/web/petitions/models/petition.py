"""The petition beside its case (信访件), call-backs, and what contradicts a nothing-found (报有查无)."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from qingyuan.web.accounts.models import User
from qingyuan.web.cases.models import Case

__all__ = ["AuditTrigger", "CallBack", "NothingFound", "Petition"]


class Petition(models.Model):
    """What a case knows besides when citizens brought it (信访件); one to one with its case.

    The words an inspector and an enterprise may read are each confirmed by a person; the words as
    reported stay sealed with the reports.
    """

    class Kind(models.TextChoices):
        """The three kinds of the Regulations on Petitions (2022)."""

        CLAIM = "claim", _("申诉求决")
        ACCUSATION = "accusation", _("检举控告")
        ADVICE = "advice", _("建议意见")

    case = models.OneToOneField(Case, models.PROTECT, related_name="petition")
    kind = models.CharField("信访类别", max_length=12, choices=Kind, default=Kind.CLAIM)
    channel = models.CharField("渠道", max_length=40)
    category = models.CharField("类别", max_length=16)
    received_at = models.DateTimeField("最早收到")
    lon = models.FloatField("经度", null=True, blank=True)
    lat = models.FloatField("纬度", null=True, blank=True)
    reports_count = models.PositiveIntegerField("来件数", default=1)
    provenance = models.CharField("交转来源", max_length=80, blank=True)
    batch = models.CharField("批次", max_length=80, blank=True)
    accepted_at = models.DateTimeField("受理时间", null=True, blank=True)
    exit = models.CharField("导入途径", max_length=16, blank=True)
    text_inspector = models.CharField("核查人员可读文本", max_length=1000, blank=True)
    text_inspector_by = models.CharField("确认人", max_length=120, null=True, blank=True)  # noqa: DJ001 -- null together with its time
    text_inspector_at = models.DateTimeField("确认时间", null=True, blank=True)
    text_enterprise = models.CharField("企业可读文本", max_length=1000, blank=True)
    text_enterprise_by = models.CharField("确认人（企业）", max_length=120, null=True, blank=True)  # noqa: DJ001 -- null together with its time
    text_enterprise_at = models.DateTimeField("确认时间（企业）", null=True, blank=True)
    key_since = models.DateField("列为重点", null=True, blank=True)
    key_year = models.PositiveSmallIntegerField("化解年度", null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(lon__isnull=True, lat__isnull=True)
                | Q(lon__range=(-180, 180), lat__range=(-90, 90)),
                name="petition_place_whole",
            ),
            models.CheckConstraint(
                condition=Q(text_inspector_by__isnull=True, text_inspector_at__isnull=True)
                | Q(text_inspector_by__isnull=False, text_inspector_at__isnull=False),
                name="petition_inspector_who_when",
            ),
            models.CheckConstraint(
                condition=Q(text_enterprise_by__isnull=True, text_enterprise_at__isnull=True)
                | Q(text_enterprise_by__isnull=False, text_enterprise_at__isnull=False),
                name="petition_enterprise_who_when",
            ),
            models.CheckConstraint(
                condition=Q(key_since__isnull=True, key_year__isnull=True)
                | Q(key_since__isnull=False, key_year__isnull=False),
                name="petition_key_whole",
            ),
        ]
        indexes = [
            models.Index(fields=["lat", "lon"], name="petition_place"),
            models.Index(fields=["-received_at", "-id"], name="petition_received"),
            models.Index(fields=["key_year"], name="petition_key_year"),
        ]

    def __str__(self) -> str:
        return self.case.number

    @property
    def has_place(self) -> bool:
        """Whether its place is known."""
        return self.lon is not None and self.lat is not None


class CallBack(models.Model):
    """What the citizen answered when called back (回访); asked of the citizen, never of the officer."""

    class Satisfaction(models.TextChoices):
        """Answers about the handling."""

        SATISFIED = "satisfied", _("满意")
        BASICALLY = "basically", _("基本满意")
        UNSATISFIED = "unsatisfied", _("不满意")

    class Resolution(models.TextChoices):
        """Answers about the matter."""

        SOLVED = "solved", _("解决")
        UNSOLVED = "unsolved", _("未解决")

    petition = models.ForeignKey(Petition, models.CASCADE, related_name="callbacks")
    round = models.PositiveSmallIntegerField("轮次")
    at = models.DateTimeField("回访时间")
    by = models.ForeignKey(User, models.PROTECT, related_name="callbacks")
    unit_code = models.CharField("承办单位", max_length=40, blank=True)
    reached = models.BooleanField("接通")
    satisfaction = models.CharField("满意度", max_length=12, choices=Satisfaction, blank=True)
    resolution = models.CharField("解决情况", max_length=12, choices=Resolution, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(reached=False, satisfaction="", resolution="")
                | (Q(reached=True) & ~Q(satisfaction="") & ~Q(resolution="")),
                name="callback_answers_when_reached",
            )
        ]
        indexes = [models.Index(fields=["petition", "round", "-at"], name="callback_of_round")]

    def __str__(self) -> str:
        return f"{self.petition_id} {self.round} {self.satisfaction or '—'}"

    @property
    def ill(self) -> bool:
        """Whether the answer asks for another round."""
        return self.reached and (
            self.satisfaction == self.Satisfaction.UNSATISFIED
            or self.resolution == self.Resolution.UNSOLVED
        )


class NothingFound(models.Model):
    """A check that found nothing where a citizen said there was something (报有查无, R055)."""

    petition = models.ForeignKey(Petition, models.CASCADE, related_name="nothing_found")
    round = models.PositiveSmallIntegerField("轮次")
    found_at = models.DateTimeField("认定时间")
    checker = models.ForeignKey(User, models.PROTECT, related_name="nothing_found")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["petition", "round"], name="nothing_found_once")
        ]

    def __str__(self) -> str:
        return f"{self.petition_id} {self.round}"


class AuditTrigger(models.Model):
    """Why a nothing-found went to audit (执法稽查): rule, the parameters of the day, the evidence."""

    class Rule(models.TextChoices):
        """The three rules of R055."""

        REPEAT = "repeat", _("同一地点再次举报")
        CONTRADICTED = "contradicted", _("监测或邻近投诉显示超标")
        DRAWN = "drawn", _("抽查抽中")

    found = models.ForeignKey(NothingFound, models.CASCADE, related_name="triggers")
    rule = models.CharField("规则", max_length=16, choices=Rule)
    parameters = models.JSONField("当日参数", default=dict)
    evidence = models.JSONField("证据", default=list)
    audit_case = models.ForeignKey(Case, models.PROTECT, related_name="audit_triggers")
    at = models.DateTimeField("触发时间")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["found", "rule"], name="trigger_once")]

    def __str__(self) -> str:
        return f"{self.found_id} {self.rule}"
