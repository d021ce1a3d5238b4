"""What an inspection item carries beside its case (交办件): the round of handling holds the results."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from qingyuan.web.accounts.models import Unit
from qingyuan.web.cases.models import Case
from qingyuan.web.inspections.models.round import Batch

__all__ = ["COUNTERS", "Item", "ItemRound", "RuleMade"]

# 边督边改结果计数，次序即公开表的次序 / the counters in the order of the public table
COUNTERS = (
    ("ordered", _("责令整改"), _("家")),
    ("fined", _("立案处罚"), _("家")),
    ("fines_10k", _("罚款金额"), _("万元")),
    ("criminal", _("立案侦查"), _("件")),
    ("detained", _("行政拘留"), _("人")),
    ("arrested", _("刑事拘留"), _("人")),
    ("talked", _("约谈"), _("人")),
    ("blamed", _("问责"), _("人")),
)


class Item(models.Model):
    """One item handed over (交办件): its number taken apart, how it came, what it says."""

    class Channel(models.TextChoices):
        """How it reached the team."""

        CALL = "call", _("来电")
        LETTER = "letter", _("来信")
        OTHER = "other", _("其他")

    case = models.OneToOneField(Case, models.PROTECT, related_name="inspection_item")
    batch = models.ForeignKey(Batch, models.PROTECT, related_name="items")
    number = models.CharField(_("受理编号"), max_length=40)
    row = models.PositiveIntegerField(_("序号"))
    channel = models.CharField(_("来源"), max_length=8, choices=Channel)
    received_on = models.DateField(_("受理日期"), null=True, blank=True)
    serial = models.PositiveIntegerField(_("当日序号"), null=True, blank=True)
    focus = models.BooleanField(_("重点关注"), default=False)
    units = models.JSONField(_("清单所列责任单位"), default=list, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["number"], name="inspection_item_once"),
            models.UniqueConstraint(fields=["batch", "row"], name="inspection_item_row"),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def problem(self) -> str:
        """What was reported, as handed over: never public, it may name people."""
        return str(self.case.form.get("problem", ""))


class ItemRound(models.Model):
    """What came of one round of handling an item: counters, feedback, acceptance, notice, public text.

    A rebound begins a new round under the same number; what the earlier one said stays.
    """

    item = models.ForeignKey(Item, models.PROTECT, related_name="rounds")
    round = models.PositiveSmallIntegerField(_("轮次"))
    finding = models.TextField(_("调查核实情况"), blank=True)
    measures = models.TextField(_("处理和整改情况"), blank=True)
    blame = models.TextField(_("责任人被处理情况"), blank=True)
    rectify_by = models.DateField(_("整改时限"), null=True, blank=True)
    ordered = models.PositiveIntegerField(_("责令整改（家）"), default=0)
    fined = models.PositiveIntegerField(_("立案处罚（家）"), default=0)
    fines_10k = models.DecimalField(
        _("罚款金额（万元）"), max_digits=12, decimal_places=4, default=0
    )
    criminal = models.PositiveIntegerField(_("立案侦查（件）"), default=0)
    detained = models.PositiveIntegerField(_("行政拘留（人）"), default=0)
    arrested = models.PositiveIntegerField(_("刑事拘留（人）"), default=0)
    talked = models.PositiveIntegerField(_("约谈（人）"), default=0)
    blamed = models.PositiveIntegerField(_("问责（人）"), default=0)
    fed_back_at = models.DateTimeField(_("反馈督察组"), null=True, blank=True)
    accepted_by = models.CharField(max_length=120, blank=True)
    accepting_unit = models.ForeignKey(
        Unit, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("验收单位")
    )
    accepted_at = models.DateTimeField(_("验收时间"), null=True, blank=True)
    notice_from = models.DateField(_("公示起"), null=True, blank=True)
    notice_to = models.DateField(_("公示止"), null=True, blank=True)
    notice_where = models.CharField(_("公示载体"), max_length=200, blank=True)
    public_problem = models.TextField(_("公开：问题基本情况"), max_length=2000, blank=True)
    public_finding = models.TextField(_("公开：调查核实情况"), max_length=2000, blank=True)
    public_measures = models.TextField(_("公开：处理和整改情况"), max_length=2000, blank=True)
    public_blame = models.TextField(_("公开：责任人被处理情况"), max_length=2000, blank=True)
    confirmed_by = models.CharField(max_length=120, blank=True)
    confirmed_at = models.DateTimeField(_("脱敏确认"), null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["item", "round"], name="inspection_item_round_once"),
            models.CheckConstraint(
                condition=Q(accepted_at=None, accepting_unit=None)
                | Q(accepted_at__isnull=False, accepting_unit__isnull=False),
                name="inspection_accepted_by_a_unit",
            ),
            models.CheckConstraint(
                condition=Q(notice_from=None, notice_to=None) | Q(notice_to__gte=F("notice_from")),
                name="inspection_notice_period",
            ),
            models.CheckConstraint(
                condition=Q(confirmed_at=None) | (~Q(confirmed_by="") & ~Q(public_problem="")),
                name="inspection_public_text_confirmed",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.item_id} {self.round}"


class RuleMade(models.Model):
    """A rule produced or revised because of an item (建章立制)."""

    class Kind(models.TextChoices):
        """New, or an old one revised."""

        NEW = "new", _("新订")
        REVISED = "revised", _("修订")

    item = models.ForeignKey(Item, models.PROTECT, related_name="rules_made")
    kind = models.CharField(_("类别"), max_length=8, choices=Kind)
    title = models.CharField(_("制度名称"), max_length=200)
    document_no = models.CharField(_("文号"), max_length=80, blank=True)
    issuer = models.CharField(_("印发单位"), max_length=120)
    on = models.DateField(_("印发日期"))
    by = models.CharField(max_length=120)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["item", "title"], name="inspection_rule_once")
        ]

    def __str__(self) -> str:
        return self.title
