"""What came in (来件), and who brought it: apart, sealed, every look written down."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from qingyuan.web.accounts.models import User
from qingyuan.web.petitions.models.petition import Petition
from qingyuan.web.petitions.seal import seal, unseal
from qingyuan.web.registry.models import District

__all__ = ["CONTACT", "Complainant", "Look", "Report", "ReportPhoto"]

CONTACT = ("name", "phone", "id_number", "address", "email", "note")


class Report(models.Model):
    """One report as it came (来件); several may lead to one petition. Its words are sealed."""

    class State(models.TextChoices):
        """Where it stands."""

        DRAFT = "draft", _("未提交")
        RECEIVED = "received", _("待登记")
        REGISTERED = "registered", _("已登记")
        MERGED = "merged", _("并入已有件")
        REFUSED = "refused", _("不予登记")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    number = models.CharField("来件号", max_length=20, unique=True)
    code_mark = models.CharField("查询码印记", max_length=64, blank=True)
    state = models.CharField("状态", max_length=12, choices=State)
    channel = models.CharField("渠道", max_length=40)
    source_system = models.CharField("来源系统", max_length=40, blank=True)
    source_no = models.CharField("来源编号", max_length=80, blank=True)
    received_at = models.DateTimeField("收到时间")
    category = models.CharField("类别", max_length=16)
    answers = models.JSONField("追问", default=dict)
    district = models.ForeignKey(
        District, models.PROTECT, to_field="code", null=True, blank=True,
        related_name="citizen_reports", db_column="district_code",
    )  # fmt: skip
    lon = models.FloatField("经度", null=True, blank=True)
    lat = models.FloatField("纬度", null=True, blank=True)
    place_sealed = models.TextField("地点（密封）", blank=True)
    text_sealed = models.TextField("原文（密封）", blank=True)
    anonymous = models.BooleanField("匿名", default=False)
    source_url = models.CharField("网址（舆情）", max_length=400, blank=True)
    heat = models.PositiveIntegerField("热度（阅读量）", null=True, blank=True)
    first_contact = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="first_contacts"
    )
    handed_to = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="handed_contacts"
    )
    handed_at = models.DateTimeField("移交时间", null=True, blank=True)
    petition = models.ForeignKey(
        Petition, models.PROTECT, null=True, blank=True, related_name="reports"
    )
    settled_by = models.CharField("登记人", max_length=120, null=True, blank=True)  # noqa: DJ001 -- null together with settled_at
    settled_at = models.DateTimeField("登记时间", null=True, blank=True)
    refusal = models.CharField("不予登记的理由", max_length=200, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["source_system", "source_no"],
                condition=~Q(source_no=""),
                name="report_source_once",
            ),
            models.CheckConstraint(
                condition=Q(lon__isnull=True, lat__isnull=True)
                | Q(lon__range=(-180, 180), lat__range=(-90, 90)),
                name="report_place_whole",
            ),
            models.CheckConstraint(
                condition=Q(settled_by__isnull=True, settled_at__isnull=True)
                | Q(settled_by__isnull=False, settled_at__isnull=False),
                name="report_settled_who_when",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["registered", "merged"], petition__isnull=False)
                | (~Q(state__in=["registered", "merged"]) & Q(petition__isnull=True)),
                name="report_registered_has_petition",
            ),
            models.CheckConstraint(
                condition=~Q(state="refused") | ~Q(refusal=""), name="report_refused_has_reason"
            ),
        ]
        indexes = [
            models.Index(fields=["state", "-received_at"], name="report_state_received"),
            models.Index(fields=["lat", "lon"], name="report_place"),
        ]

    def __str__(self) -> str:
        return self.number

    def put(self, *, place: str, text: str) -> None:
        """Seal the words as reported; not saved here."""
        self.place_sealed = seal(place, about=f"report.place:{self.pk}")
        self.text_sealed = seal(text, about=f"report.text:{self.pk}")

    @property
    def place(self) -> str:
        """The place as reported, unsealed."""
        return unseal(self.place_sealed, about=f"report.place:{self.pk}")

    @property
    def text(self) -> str:
        """The words as reported, unsealed."""
        return unseal(self.text_sealed, about=f"report.text:{self.pk}")


class Complainant(models.Model):
    """Who reported (来件人): every field sealed on its own; read only through `services.look`."""

    report = models.OneToOneField(Report, models.CASCADE, related_name="complainant")
    name = models.TextField("姓名（密封）", blank=True)
    phone = models.TextField("电话（密封）", blank=True)
    id_number = models.TextField("证件号（密封）", blank=True)
    address = models.TextField("住址（密封）", blank=True)
    email = models.TextField("邮箱（密封）", blank=True)
    note = models.TextField("其他（密封）", blank=True)

    def __str__(self) -> str:
        return "•••"

    def put(self, **given: str) -> None:
        """Seal what is given; not saved here."""
        for name, value in given.items():
            setattr(self, name, seal(value.strip(), about=f"complainant.{name}:{self.report_id}"))

    def read(self) -> dict[str, str]:
        """Return every field unsealed; only the deed of looking asks for it."""
        return {
            name: unseal(getattr(self, name), about=f"complainant.{name}:{self.report_id}")
            for name in CONTACT
        }


class Look(models.Model):
    """Somebody looked at who reported (查看记录): who, why, and which superior was told."""

    report = models.ForeignKey(Report, models.PROTECT, related_name="looks")
    by = models.ForeignKey(User, models.PROTECT, related_name="looks")
    at = models.DateTimeField("查看时间")
    what = models.CharField("内容", max_length=12, choices=[("contact", _("联系方式")), ("words", _("原文"))])  # fmt: skip
    reason = models.CharField("理由", max_length=200)
    told = models.CharField("已告知", max_length=240, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(reason=""), name="look_has_reason"),
        ]
        indexes = [models.Index(fields=["report", "-at"], name="look_of_report")]

    def __str__(self) -> str:
        return f"{self.report_id} {self.at:%Y-%m-%d %H:%M}"


class ReportPhoto(models.Model):
    """A picture a citizen sent (照片): re-encoded, nothing of what the camera wrote is kept."""

    class Cleared(models.TextChoices):
        """Who may see it; a person decides."""

        NOBODY = "", _("未审")
        INSPECTOR = "inspector", _("核查人员可看")
        REFUSED = "refused", _("不转")

    report = models.ForeignKey(Report, models.CASCADE, related_name="photos")
    position = models.PositiveSmallIntegerField("序号")
    image = models.BinaryField("展示件（WebP）")
    sm3 = models.CharField("收到时的摘要（SM3）", max_length=64)
    width = models.PositiveIntegerField("宽")
    height = models.PositiveIntegerField("高")
    cleared = models.CharField("可看范围", max_length=12, choices=Cleared, blank=True, default="")
    cleared_by = models.CharField("审核人", max_length=120, blank=True)
    cleared_at = models.DateTimeField("审核时间", null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["report", "position"], name="photo_in_order")
        ]

    def __str__(self) -> str:
        return f"{self.report_id} {self.position}"
