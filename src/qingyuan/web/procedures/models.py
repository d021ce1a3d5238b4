"""Drafts and publications of procedures (草案、发布)."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from qingyuan.web.accounts.models import User
from qingyuan.web.cases.models import ProcedureVersion

__all__ = ["Draft", "Publication"]


class Draft(models.Model):
    """A text somebody works on (草案); one per procedure name at a time."""

    name = models.CharField(_("程序"), max_length=40, unique=True)
    text = models.TextField(_("程序文本"))
    began_from = models.ForeignKey(
        ProcedureVersion, models.PROTECT, null=True, blank=True, related_name="+"
    )
    edition = models.PositiveIntegerField(_("第几稿"), default=1)
    changed_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    changed_at = models.DateTimeField(_("修改时间"))

    def __str__(self) -> str:
        return self.name


class Publication(models.Model):
    """A version put in force here, with the document that orders it (发布); never changed."""

    version = models.OneToOneField(ProcedureVersion, models.PROTECT, related_name="publication")
    order_title = models.CharField(_("依据文件"), max_length=160)
    order_number = models.CharField(_("文号"), max_length=80)
    order_date = models.DateField(_("文件日期"))
    drafted_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    published_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    published_at = models.DateTimeField(_("发布时间"))
    tried = models.PositiveIntegerField(_("试演案件"))
    refused = models.PositiveIntegerField(_("其中不符"))
    refused_reason = models.CharField(_("不符仍发布的理由"), max_length=400, blank=True)
    moved = models.PositiveIntegerField(_("换版案件"), default=0)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(drafted_by=F("published_by")), name="publication_two_people"
            ),
            models.CheckConstraint(
                condition=Q(refused=0) | ~Q(refused_reason=""), name="publication_refused_why"
            ),
        ]

    def __str__(self) -> str:
        return str(self.version)
