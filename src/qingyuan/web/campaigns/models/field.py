"""Who goes out and what they find (督导组、检查组，检查记录)."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from qingyuan.web.accounts.models import Unit, User
from qingyuan.web.campaigns.models.campaign import Campaign
from qingyuan.web.campaigns.models.objects import Target
from qingyuan.web.cases.models import Case
from qingyuan.web.files.models import Attachment
from qingyuan.web.registry.models import District

__all__ = ["Member", "Team", "Visit", "VisitPhoto"]


class Team(models.Model):
    """One team for one round: from a day to a day, in some districts, led by one department."""

    class Kind(models.TextChoices):
        """What it goes for."""

        SUPERVISE = "supervise", _("督导组")
        INSPECT = "inspect", _("检查组")

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="teams")
    name = models.CharField(_("组名"), max_length=60)
    kind = models.CharField(_("类别"), max_length=12, choices=Kind)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name=_("带队部门"))
    from_on = models.DateField(_("自"))
    to_on = models.DateField(_("至（含）"))
    districts = models.ManyToManyField(District, related_name="+", verbose_name=_("区市"))
    group = models.CharField(_("抽调自专班"), max_length=120, blank=True)
    made_by = models.CharField(_("登记人"), max_length=120)
    made_at = models.DateTimeField(_("登记时间"))

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["campaign", "name", "from_on"], name="campaign_team_once"
            ),
            models.CheckConstraint(
                condition=Q(to_on__gte=F("from_on")), name="campaign_team_period"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Member(models.Model):
    """Somebody in a team; the home unit is kept as it was then."""

    team = models.ForeignKey(Team, models.CASCADE, related_name="members")
    user = models.ForeignKey(User, models.PROTECT, related_name="campaign_teams")
    home = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    head = models.BooleanField(_("组长"), default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["team", "user"], name="campaign_member_once"),
            models.UniqueConstraint(
                fields=["team"], condition=Q(head=True), name="campaign_one_head"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.team_id} {self.user_id}"


class Visit(models.Model):
    """One object a team is to visit, and what it found there (检查记录); recorded once."""

    class Result(models.TextChoices):
        """What was found."""

        NONE = "none", _("未发现问题")
        PROBLEM = "problem", _("发现问题")

    team = models.ForeignKey(Team, models.CASCADE, related_name="visits")
    target = models.ForeignKey(Target, models.PROTECT, related_name="visits")
    result = models.CharField(_("结果"), max_length=8, choices=Result, blank=True)
    finding = models.TextField(_("检查情况"), max_length=1000, blank=True)
    problem = models.CharField(_("问题"), max_length=60, blank=True)
    case = models.OneToOneField(
        Case, models.PROTECT, null=True, blank=True, related_name="campaign_visit"
    )
    done_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    done_at = models.DateTimeField(_("检查时间"), null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["team", "target"], name="campaign_visit_once"),
            models.CheckConstraint(
                condition=Q(result="", done_by=None, done_at=None)
                | (~Q(result="") & Q(done_by__isnull=False, done_at__isnull=False)),
                name="campaign_visit_who_when",
            ),
            models.CheckConstraint(
                condition=(Q(result="problem") & ~Q(problem="") & Q(case__isnull=False))
                | (~Q(result="problem") & Q(problem="", case=None)),
                name="campaign_problem_has_case",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.team_id} {self.target_id}"


class VisitPhoto(models.Model):
    """A picture or paper of a visit (佐证)."""

    visit = models.ForeignKey(Visit, models.CASCADE, related_name="photos")
    attachment = models.OneToOneField(Attachment, models.PROTECT, related_name="campaign_photo")

    def __str__(self) -> str:
        return f"{self.visit_id} {self.attachment_id}"
