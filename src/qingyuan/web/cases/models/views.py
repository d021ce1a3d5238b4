"""How people like to see a ledger (台账视图): saved views, and the columns each person chose."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from qingyuan.web.accounts.models import Unit, User

__all__ = ["LedgerLayout", "LedgerView"]


class LedgerView(models.Model):
    """A filter with a name, and the columns that go with it (保存的视图).

    Its owner's alone, or shared with a unit; at most one is the view a person's ledger opens with.
    """

    owner = models.ForeignKey(User, models.CASCADE, related_name="ledger_views")
    name = models.CharField("名称", max_length=40)
    shared_with = models.ForeignKey(
        Unit, models.CASCADE, null=True, blank=True, related_name="ledger_views"
    )
    standard = models.BooleanField("默认视图", default=False)
    query = models.CharField("筛选", max_length=1000, blank=True)
    columns = models.JSONField("列", default=list, blank=True)
    dense = models.BooleanField("紧凑", default=False)
    changed_at = models.DateTimeField("变动时间")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["owner", "name"], name="ledger_view_named"),
            models.UniqueConstraint(
                fields=["owner"], condition=Q(standard=True), name="ledger_view_one_standard"
            ),
            models.CheckConstraint(condition=~Q(name=""), name="ledger_view_has_name"),
        ]

    def __str__(self) -> str:
        return self.name


class LedgerLayout(models.Model):
    """The columns, density and page size a person keeps for the ledger of one procedure (列设置)."""

    owner = models.ForeignKey(User, models.CASCADE, related_name="ledger_layouts")
    procedure = models.CharField("程序", max_length=40, blank=True)
    columns = models.JSONField("列", default=list, blank=True)
    dense = models.BooleanField("紧凑", default=False)
    size = models.PositiveSmallIntegerField("每页行数", default=50)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["owner", "procedure"], name="ledger_layout_one"),
            models.CheckConstraint(condition=Q(size__in=[20, 50, 100]), name="ledger_layout_size"),
        ]

    def __str__(self) -> str:
        return f"{self.owner_id} {self.procedure}"
