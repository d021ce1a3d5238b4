"""Bulletins as they were frozen, what was done to them, when they are written, their registers (通报)."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from qingyuan.web.accounts.models import User
from qingyuan.web.bulletins.kinds import Kind, Register, kind_named, registers
from qingyuan.web.registry.models import District

__all__ = ["Bulletin", "Edit", "RegisterRow", "Schedule", "Step"]


class Bulletin(models.Model):
    """A bulletin with its frozen content (通报); a correction is a new issue of the same period."""

    class State(models.TextChoices):
        """Where it stands."""

        DRAFT = "draft", _("拟稿")
        REVIEWED = "reviewed", _("已审核")
        SIGNED = "signed", _("已签发")
        PUBLISHED = "published", _("已发布")
        CORRECTED = "corrected", _("已更正")
        WITHDRAWN = "withdrawn", _("已撤回")

    kind = models.CharField("种类", max_length=16)  # a name of kinds.toml
    first = models.DateField("自", null=True)
    day = models.DateField("日期")  # the last day of its period
    issue = models.PositiveSmallIntegerField("第几稿", default=1)
    number = models.CharField("编号", max_length=40)
    state = models.CharField("状态", max_length=16, choices=State, default=State.DRAFT)
    content = models.JSONField("正文")
    content_en = models.JSONField("英文对照", default=dict)
    data_until = models.DateTimeField("数据截至")
    data_version = models.BigIntegerField("数据版本")
    known_at = models.DateTimeField("所知截至")  # what was received later is not in its figures
    composed_by = models.CharField("编写", max_length=120)
    composed_at = models.DateTimeField("编写时间")
    published_by = models.CharField("签发", max_length=120, blank=True)
    published_at = models.DateTimeField("签发时间", null=True, blank=True)
    withdrawn_reason = models.CharField("撤回原因", max_length=400, blank=True)
    corrects = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="corrections"
    )
    correction_notice = models.CharField("更正说明", max_length=400, blank=True)
    pdf_sm3 = models.CharField("PDF 摘要（SM3）", max_length=64, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["kind", "day", "issue"], name="bulletin_issue_once"),
            models.CheckConstraint(
                condition=Q(published_at__isnull=True, published_by="")
                | Q(published_at__isnull=False) & ~Q(published_by=""),
                name="bulletin_published_by_and_at",
            ),
            models.CheckConstraint(
                condition=~Q(state="withdrawn") | ~Q(withdrawn_reason=""),
                name="bulletin_withdrawn_with_reason",
            ),
            models.CheckConstraint(
                condition=Q(corrects=None, correction_notice="")
                | Q(corrects__isnull=False) & ~Q(correction_notice=""),
                name="bulletin_corrects_with_notice",
            ),
            models.CheckConstraint(
                condition=Q(first=None) | Q(first__lte=F("day")), name="bulletin_first_before_last"
            ),
        ]
        indexes = [models.Index(fields=["kind", "-day"], name="bulletin_kind_day")]

    def __str__(self) -> str:
        return f"{self.rules.zh} {self.day}"

    @property
    def rules(self) -> Kind:
        """The kind as data: its chain and its period."""
        return kind_named(self.kind)

    @property
    def kind_label(self) -> str:
        """The kind in the language of the page."""
        return self.rules.label

    @property
    def next_step(self) -> str:
        """The step that is due; ``""`` when there is none."""
        return self.rules.next_step(self.state)

    @property
    def begins(self) -> object:
        """The first day of the period."""
        return self.first or self.day


class Step(models.Model):
    """One step of a bulletin and who did it (签批)."""

    class Name(models.TextChoices):
        """What was done."""

        DRAFT = "draft", _("拟稿")
        REVIEW = "review", _("审核")
        SIGN = "sign", _("签发")
        PUBLISH = "publish", _("发布")
        RETURN = "return", _("退回")
        WITHDRAW = "withdraw", _("撤回")
        CORRECT = "correct", _("更正")

    bulletin = models.ForeignKey(Bulletin, models.CASCADE, related_name="steps")
    name = models.CharField("步骤", max_length=12, choices=Name)
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="bulletin_steps")
    by_label = models.CharField("办理人", max_length=120)
    at = models.DateTimeField("时间")
    note = models.CharField("意见", max_length=400, blank=True)

    def __str__(self) -> str:
        return f"{self.get_name_display()} {self.by_label}"


class Edit(models.Model):
    """One change to a sentence of a draft (修改): the frozen words stay beneath."""

    bulletin = models.ForeignKey(Bulletin, models.CASCADE, related_name="edits")
    section = models.PositiveSmallIntegerField("部分")
    paragraph = models.PositiveSmallIntegerField("段")
    old = models.TextField("原文", blank=True)
    new = models.TextField("改为", blank=True)
    reason = models.CharField("理由", max_length=400, blank=True)
    by = models.ForeignKey(User, models.PROTECT, related_name="bulletin_edits")
    at = models.DateTimeField("时间")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(old=F("new")), name="bulletin_edit_changes"),
        ]

    def __str__(self) -> str:
        return f"{self.section}.{self.paragraph}"


class Schedule(models.Model):
    """When a kind is written (编写计划), where it differs from its default; city time."""

    kind = models.CharField("种类", max_length=16, unique=True)
    on = models.BooleanField("自动编写", default=True)
    hour = models.PositiveSmallIntegerField("时", default=9)
    weekday = models.PositiveSmallIntegerField("星期", null=True, blank=True)
    monthday = models.PositiveSmallIntegerField("日", null=True, blank=True)
    changed_by = models.CharField("修改人", max_length=120)
    changed_at = models.DateTimeField("修改时间")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(hour__lte=23), name="bulletin_schedule_hour"),
            models.CheckConstraint(
                condition=Q(weekday=None) | Q(weekday__range=(1, 7)),
                name="bulletin_schedule_weekday",
            ),
            models.CheckConstraint(
                condition=Q(monthday=None) | Q(monthday__range=(1, 28)),
                name="bulletin_schedule_monthday",
            ),
        ]

    def __str__(self) -> str:
        return self.kind


class RegisterRow(models.Model):
    """One row of a register (登记): dated, of a district, never overwritten without trace."""

    register = models.CharField("登记册", max_length=16)  # a name of registers.toml
    district = models.ForeignKey(
        District, models.PROTECT, to_field="code", null=True, blank=True,
        related_name="bulletin_rows", db_column="district_code",
    )  # fmt: skip
    on = models.DateField("日期")
    done_on = models.DateField("完成日期", null=True, blank=True)
    values = models.JSONField("内容", default=dict)  # texts by column, as they were typed
    entered_by = models.ForeignKey(User, models.PROTECT, related_name="bulletin_rows")
    entered_at = models.DateTimeField("登记时间")
    replaces = models.OneToOneField(
        "self", models.PROTECT, null=True, blank=True, related_name="replaced_by"
    )
    ended_at = models.DateTimeField("停用时间", null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["register", "on"], name="bulletin_register_on")]

    def __str__(self) -> str:
        return f"{self.register} {self.on}"

    @property
    def rules(self) -> Register:
        """The register as data."""
        return registers()[self.register]

    @property
    def cells(self) -> list[str]:
        """The values in the order of the columns."""
        return [str(self.values.get(column.name, "")) for column in self.rules.columns]

    @property
    def district_label(self) -> str:
        """The district in the language of the page."""
        if self.district is None:
            return ""
        english = (get_language() or "").startswith("en") and self.district.name_en
        return self.district.name_en if english else self.district.name_zh
