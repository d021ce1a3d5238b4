"""Cases a leader owns (领导包案): four ones, five packages, visits."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from qingyuan.web.accounts.models import User
from qingyuan.web.petitions.models.petition import Petition

__all__ = ["FIVE", "Package", "PackageCheck", "PackageVisit"]

# 五包（S4（一）4，R045）
FIVE = (
    ("situation", _("包掌握情况")),
    ("guidance", _("包思想转化")),
    ("solution", _("包问题化解")),
    ("settlement", _("包息诉息访")),
    ("stability", _("包人员稳控")),
)


class Package(models.Model):
    """One petition owned by one leader (包案). The four ones are mandatory (“四个一”，R044)."""

    petition = models.ForeignKey(Petition, models.PROTECT, related_name="packages")
    leader = models.ForeignKey(User, models.PROTECT, related_name="packages")
    team = models.CharField("一套班子", max_length=400)
    plan = models.CharField("一个方案", max_length=1000)
    pursuit = models.CharField("一抓到底", max_length=400)
    period = models.CharField("包案期", max_length=20)
    opened_by = models.CharField("立项人", max_length=120)
    opened_at = models.DateTimeField("立项时间")
    closed_by = models.CharField("结案人", max_length=120, null=True, blank=True)  # noqa: DJ001 -- null together with closed_at
    closed_at = models.DateTimeField("结案时间", null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["petition"], condition=Q(closed_at=None), name="package_one_open"
            ),
            models.CheckConstraint(
                condition=~Q(team="") & ~Q(plan="") & ~Q(pursuit="") & ~Q(period=""),
                name="package_four_ones",
            ),
            models.CheckConstraint(
                condition=Q(closed_by__isnull=True, closed_at__isnull=True)
                | Q(closed_by__isnull=False, closed_at__isnull=False),
                name="package_closed_who_when",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.petition_id} {self.leader_id}"


class PackageCheck(models.Model):
    """One of the five packages done (五包之一): when, with what note."""

    package = models.ForeignKey(Package, models.CASCADE, related_name="checks")
    kind = models.CharField("包", max_length=12, choices=FIVE)
    done_on = models.DateField("完成日期")
    note = models.CharField("说明", max_length=400)
    by = models.CharField("登记人", max_length=120)
    at = models.DateTimeField("登记时间")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["package", "kind"], name="package_check_once"),
            models.CheckConstraint(condition=~Q(note=""), name="package_check_has_note"),
        ]

    def __str__(self) -> str:
        return f"{self.package_id} {self.kind}"


class PackageVisit(models.Model):
    """A leader met the people (接访、下访等, R046)."""

    class Mode(models.TextChoices):
        """The five modes."""

        RECEIVE = "receive", _("定期接访")
        GO_DOWN = "go_down", _("带案下访")
        APPOINT = "appoint", _("重点约访")
        SETTLE = "settle", _("包案处访")
        FOLLOW = "follow", _("跟踪回访")

    package = models.ForeignKey(Package, models.CASCADE, related_name="visits")
    leader = models.ForeignKey(User, models.PROTECT, related_name="package_visits")
    mode = models.CharField("方式", max_length=12, choices=Mode)
    on = models.DateField("日期")
    note = models.CharField("情况", max_length=400)
    by = models.CharField("登记人", max_length=120)
    at = models.DateTimeField("登记时间")

    class Meta:
        indexes = [models.Index(fields=["leader", "mode", "on"], name="visit_of_leader")]

    def __str__(self) -> str:
        return f"{self.package_id} {self.mode} {self.on}"
