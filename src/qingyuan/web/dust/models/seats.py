"""Who sits for a department (部门席位): its unit and person on the platform, since when."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from qingyuan.web.accounts.models import Unit, User
from qingyuan.web.dust.tables import departments
from qingyuan.web.registry.models import District

__all__ = ["Seat"]


class Seat(models.Model):
    """The unit and person that answer for a department in a district, or in the whole city."""

    department = models.CharField(
        _("责任部门"), max_length=16, choices=[(d.code, d.zh) for d in departments().values()]
    )
    district = models.ForeignKey(
        District,
        models.PROTECT,
        to_field="code",
        null=True,
        blank=True,
        related_name="+",
        db_column="district_code",
        verbose_name=_("区市"),
    )
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name=_("单位"))
    person = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("责任人"))
    valid_from = models.DateField(_("自"))
    valid_to = models.DateField(_("至（不含）"), null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["department", "district"],
                condition=Q(valid_to=None),
                nulls_distinct=False,
                name="dust_seat_one_open",
            ),
            models.CheckConstraint(
                condition=Q(valid_to=None) | Q(valid_to__gte=F("valid_from")),
                name="dust_seat_period",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.department} {self.district_id or ''}".strip()
