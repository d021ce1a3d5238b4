"""The case and the version of the procedure it runs on (案件、程序版本)."""

from __future__ import annotations

from collections.abc import Mapping

from django.db import models
from django.db.models import Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from qingyuan import casework
from qingyuan.web.accounts.models import Unit, User
from qingyuan.web.registry.models import District, Enterprise

__all__ = [
    "LEVELS",
    "MATTERS",
    "Case",
    "CaseSerial",
    "CaseType",
    "ProcedureVersion",
    "in_language",
    "together",
]

LEVELS = ((1, _("特别")), (2, _("重大")), (3, _("较大")), (4, _("一般")))
# 责任矩阵的事项（cities/columns.toml）
MATTERS = (
    ("water", _("水环境")),
    ("outfall", _("入河排污口")),
    ("air", _("大气环境")),
    ("source", _("污染源")),
    ("noise", _("噪声")),
    ("soil", _("土壤")),
    ("ecology", _("生态破坏")),
    ("solid_waste", _("固体废物")),
    ("petition", _("信访投诉")),
    ("inspection", _("督察整改")),
    ("plan", _("任务分解")),
    ("other", _("其他")),
)


def in_language(label: casework.Label) -> str:
    """Return a name of a procedure in the reader's language."""
    return label.en if (get_language() or "").startswith("en") else label.zh


def _choices(table: Mapping[str, casework.Label]) -> list[tuple[str, str]]:
    return [(word, label.zh) for word, label in table.items()]


def together(who: str, when: str, name: str) -> models.CheckConstraint:
    """Who and when travel together."""
    neither = Q(**{f"{who}__isnull": True}) & Q(**{f"{when}__isnull": True})
    both = Q(**{f"{who}__isnull": False}) & Q(**{f"{when}__isnull": False})
    return models.CheckConstraint(condition=neither | both, name=name)


_loaded: dict[str, casework.Procedure] = {}  # by the digest of the text: never another's


class ProcedureVersion(models.Model):
    """One version of one procedure as text (办案程序版本); a running case keeps the one it began on."""

    name = models.CharField("程序", max_length=40)
    version = models.CharField("版本", max_length=40)
    digest = models.CharField("文本摘要（SHA-256）", max_length=64, unique=True)
    text = models.TextField("程序文本")
    recorded_at = models.DateTimeField("入库时间")

    class Meta:
        indexes = [models.Index(fields=["name", "-recorded_at"], name="procedure_newest")]

    def __str__(self) -> str:
        return f"{self.name} {self.version}"

    @property
    def rules(self) -> casework.Procedure:
        """The procedure itself, read from the text once per process; later the text is not asked for."""
        if self.digest not in _loaded:
            _loaded[self.digest] = casework.load(self.text, source=f"{self.name} {self.version}")
        return _loaded[self.digest]


class CaseSerial(models.Model):
    """The last serial given per kind, year and district (流水号); numbers are never used again."""

    prefix = models.CharField(max_length=8)
    year = models.PositiveSmallIntegerField()
    district_code = models.CharField(max_length=12)
    last = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["prefix", "year", "district_code"], name="serial_one_row"
            )
        ]

    def __str__(self) -> str:
        return f"{self.prefix}{self.year}{self.district_code} {self.last}"


class Case(models.Model):
    """One case (案件). Its state moves only through the one deed service."""

    number = models.CharField("编号", max_length=40, unique=True)
    procedure = models.ForeignKey(ProcedureVersion, models.PROTECT, related_name="cases")
    state = models.CharField("环节", max_length=40)
    ledger = models.CharField(
        "台账", max_length=12, choices=[(x.value, x.zh) for x in casework.Ledger]
    )
    phase = models.CharField(
        "阶段", max_length=12, choices=[(x.value, x.zh) for x in casework.Phase]
    )
    round = models.PositiveSmallIntegerField("轮次", default=1)
    title = models.CharField("标题", max_length=160)
    summary = models.CharField("基本情况", max_length=1000, blank=True)
    matter = models.CharField("事项", max_length=24, choices=MATTERS)
    level = models.PositiveSmallIntegerField("级别", choices=LEVELS, default=4)
    district = models.ForeignKey(
        District, models.PROTECT, to_field="code", related_name="cases", db_column="district_code"
    )
    origin_kind = models.CharField("来源类别", max_length=24)
    origin_ref = models.CharField("来源标识", max_length=80, blank=True)
    origin_label = models.CharField("来源", max_length=160)
    section_code = models.CharField("断面编号", max_length=40, blank=True, db_index=True)
    outfall_code = models.CharField("排污口编号", max_length=40, blank=True, db_index=True)
    enterprise = models.ForeignKey(
        Enterprise,
        models.PROTECT,
        to_field="code",
        null=True,
        blank=True,
        related_name="cases",
        db_column="enterprise_code",
    )
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, blank=True, related_name="cases")
    person = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="cases")
    sponsor = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="sponsored_cases"
    )
    opened_by = models.CharField("立案人", max_length=120)
    opener = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="opened_cases"
    )
    opened_at = models.DateTimeField("立案时间")
    assigned_at = models.DateTimeField("交办时间", null=True, blank=True)
    pushed_at = models.DateTimeField("推送时间", null=True, blank=True)
    closed_by = models.CharField("办结人", max_length=120, null=True, blank=True)  # noqa: DJ001 -- null together with closed_at
    closed_at = models.DateTimeField("办结时间", null=True, blank=True)
    changed_at = models.DateTimeField("变动时间")
    due_at = models.DateTimeField("最近到期", null=True, blank=True)
    paused = models.BooleanField("暂停计时", default=False)
    signed_at = models.DateTimeField("签收时间", null=True, blank=True)
    acted_at = models.DateTimeField("首次处置", null=True, blank=True)
    # 属实情况与办理进度是两件事（cases.md §1）
    truth = models.CharField(
        "属实情况", max_length=12, choices=_choices(casework.TRUTHS), blank=True
    )
    progress = models.CharField(
        "办理进度", max_length=12, choices=_choices(casework.PROGRESS), blank=True
    )
    immediate = models.BooleanField("立行立改", default=False)
    form = models.JSONField("登记内容", default=dict, blank=True)
    source_system = models.CharField("来源系统", max_length=40, blank=True)
    source_no = models.CharField("来源编号", max_length=80, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(ledger__in=[x.value for x in casework.Ledger]), name="case_one_ledger"
            ),
            models.CheckConstraint(
                condition=Q(phase__in=[x.value for x in casework.Phase]), name="case_phase"
            ),
            models.CheckConstraint(condition=Q(round__gte=1), name="case_round"),
            together("closed_by", "closed_at", "case_closed_who_when"),
            together("unit", "person", "case_unit_and_person"),
            models.CheckConstraint(
                condition=Q(ledger="conclude", closed_at__isnull=False)
                | (~Q(ledger="conclude") & Q(closed_at__isnull=True)),
                name="case_concluded_is_closed",
            ),
            models.CheckConstraint(
                condition=~Q(ledger="handle") | Q(person__isnull=False), name="case_handled_by_one"
            ),
            models.CheckConstraint(
                condition=Q(truth__in=["", *casework.TRUTHS]), name="case_truth"
            ),
            models.CheckConstraint(
                condition=Q(progress__in=["", *casework.PROGRESS]),
                name="case_progress",
            ),
            models.CheckConstraint(
                condition=Q(source_system="", source_no="")
                | (~Q(source_system="") & ~Q(source_no="")),
                name="case_source_whole",
            ),
            models.UniqueConstraint(
                fields=["source_system", "source_no"],
                condition=~Q(source_no=""),
                name="case_source_once",
            ),
        ]
        indexes = [
            models.Index(fields=["ledger", "-opened_at", "-id"], name="case_ledger_opened"),
            models.Index(fields=["ledger", "due_at", "id"], name="case_ledger_due"),
            models.Index(fields=["district", "ledger"], name="case_district_ledger"),
            models.Index(fields=["person", "ledger"], name="case_person_ledger"),
            models.Index(fields=["origin_kind", "origin_ref"], name="case_origin"),
            models.Index(fields=["-opened_at", "-id"], name="case_opened"),
            models.Index(
                fields=["procedure", "ledger", "-opened_at", "-id"], name="case_kind_opened"
            ),
            models.Index(fields=["unit", "ledger"], name="case_unit_ledger"),
            models.Index(fields=["closed_at"], name="case_closed"),
            models.Index(
                fields=["due_at", "id"], condition=Q(closed_at=None), name="case_open_due"
            ),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def ref(self) -> str:
        """The case as audit and others cite it."""
        return f"case:{self.number}"

    @property
    def rules(self) -> casework.Procedure:
        """The version of the procedure it runs on."""
        return self.procedure.rules

    @property
    def state_label(self) -> str:
        """The state in the reader's language."""
        return in_language(self.rules.states[self.state].label)

    @property
    def truth_label(self) -> str:
        """The truth finding in the reader's language, empty before there is one."""
        return in_language(casework.TRUTHS[self.truth]) if self.truth else ""

    @property
    def progress_label(self) -> str:
        """How far the matter is handled, in the reader's language; apart from the truth finding."""
        return in_language(casework.PROGRESS[self.progress]) if self.progress else ""

    @property
    def procedure_label(self) -> str:
        """The procedure's name and version in the reader's language."""
        return f"{in_language(self.rules.label)} {self.procedure.version}"

    @property
    def signal_id(self) -> str:
        """The number of the signal it came from; empty for other origins."""
        return self.origin_ref.removeprefix("signal:") if self.origin_kind == "signal" else ""

    def move(self, to: str, *, by: str, at: object) -> None:
        """Stand in *to*; ledger, phase and closing follow from it. Saved by the deed service."""
        state = self.rules.states[to]
        self.state, self.ledger, self.phase = to, state.ledger.value, state.phase.value
        if state.terminal:
            self.closed_by, self.closed_at = by, at
        else:
            self.closed_by, self.closed_at = None, None
        self.changed_at = at


class CaseType(models.Model):
    """One pollution type of a case (污染类型); a case counts once, a problem once per type."""

    case = models.ForeignKey(Case, models.CASCADE, related_name="types")
    type = models.CharField("污染类型", max_length=16)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["case", "type"], name="case_type_once"),
            models.CheckConstraint(
                condition=Q(type__in=list(casework.TYPES)), name="case_type_known"
            ),
        ]
        indexes = [models.Index(fields=["type", "case"], name="case_by_type")]

    def __str__(self) -> str:
        return f"{self.case_id} {self.type}"

    @property
    def label(self) -> str:
        """The type in the reader's language."""
        return in_language(casework.TYPES[self.type])
