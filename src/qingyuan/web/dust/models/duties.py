"""Whose duty a kind of source is in this city (职责调整), where it differs from the shipped table."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from qingyuan.web.accounts.models import User
from qingyuan.web.dust.tables import departments, kinds

__all__ = ["DutyChange"]


class DutyChange(models.Model):
    """One kind's departments from a day on; an empty ``lead`` means as the shipped table says."""

    kind = models.CharField(
        _("类别"), max_length=16, choices=[(k.code, k.zh) for k in kinds().values()]
    )
    lead = models.CharField(
        _("牵头部门"), max_length=16, blank=True, choices=[(d.code, d.zh) for d in departments().values()]
    )  # fmt: skip
    helping = models.JSONField(_("会同部门"), default=list)
    basis = models.CharField(_("依据"), max_length=200)
    valid_from = models.DateField(_("自"))
    valid_to = models.DateField(_("至（不含）"), null=True, blank=True)
    made_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    made_at = models.DateTimeField(_("记录时间"))

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["kind"], condition=Q(valid_to=None), name="dust_duty_one_open"
            ),
            models.CheckConstraint(
                condition=Q(valid_to=None) | Q(valid_to__gte=F("valid_from")),
                name="dust_duty_period",
            ),
            models.CheckConstraint(condition=~Q(basis=""), name="dust_duty_has_basis"),
            models.CheckConstraint(
                condition=~Q(lead="") | Q(helping=[]), name="dust_duty_helps_a_lead"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.lead} {self.valid_from}"
