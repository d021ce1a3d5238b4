"""Who answers for what, where, since when (责任矩阵)."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from qingyuan.web.accounts.models import Unit, User
from qingyuan.web.registry.models.territory import District

__all__ = ["Responsibility"]


class Responsibility(models.Model):
    """District × matter → unit and person, in force ``[valid_from, valid_to)``.

    Without ``valid_from`` it holds since before our records began.
    """

    district = models.ForeignKey(
        District,
        models.PROTECT,
        to_field="code",
        related_name="responsibilities",
        db_column="district_code",
    )
    matter = models.CharField("事项", max_length=24)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="responsibilities")
    user = models.ForeignKey(User, models.PROTECT, related_name="responsibilities")
    sponsor = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="sponsored"
    )
    valid_from = models.DateField("自", null=True, blank=True)
    valid_to = models.DateField("至（不含）", null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["district", "matter"],
                condition=Q(valid_to=None),
                name="responsibility_one_in_force",
            ),
            models.CheckConstraint(
                condition=Q(valid_to=None) | Q(valid_from=None) | Q(valid_to__gte=F("valid_from")),
                name="responsibility_period",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.district_id} {self.matter} → {self.unit_id}"
