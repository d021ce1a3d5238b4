"""The register of dust sources in dated versions (扬尘源台账)."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from qingyuan.web.accounts.models import Unit, User
from qingyuan.web.dust.tables import departments, kinds
from qingyuan.web.registry.models import District, Shaped
from qingyuan.web.registry.models.geometry import Named, place_check

__all__ = ["RECORD_FIELDS", "Site", "SiteRecord"]


class Site(models.Model):
    """A dust source (扬尘源): its code; everything said of it stands in its versions."""

    code = models.SlugField(_("编号"), max_length=40, unique=True)

    def __str__(self) -> str:
        return self.code


class SiteRecord(Named, Shaped):
    """One version of a site's record (档案版本), in force ``[valid_from, valid_to)``.

    Never overwritten: a change ends the open version and begins the next. ``lon`` and ``lat`` are
    the point itself, or a point inside the area.
    """

    class Stage(models.TextChoices):
        """How far the works are."""

        PREPARING = "preparing", _("待开工")
        EARTHWORKS = "earthworks", _("土石方")
        STRUCTURE = "structure", _("主体")
        FINISHING = "finishing", _("装饰收尾")

    class State(models.TextChoices):
        """Whether it raises dust."""

        ACTIVE = "active", _("在用")
        IDLE = "idle", _("停工")
        TREATED = "treated", _("已治理")
        ENDED = "ended", _("已销号")

    class Source(models.TextChoices):
        """How it came into the register."""

        REGISTERED = "registered", _("部门登记")
        PATROL = "patrol", _("巡查发现")
        ABOVE = "above", _("遥感或无人机")
        IMPORTED = "imported", _("批量导入")

    site = models.ForeignKey(
        Site, models.PROTECT, to_field="code", related_name="records", db_column="site_code"
    )
    version = models.PositiveIntegerField("版本")
    valid_from = models.DateField("自")
    valid_to = models.DateField("至（不含）", null=True, blank=True)
    reason = models.CharField("变更原因", max_length=200)
    made_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    made_at = models.DateTimeField("记录时间")

    kind = models.CharField(
        _("类别"), max_length=16, choices=[(k.code, k.zh) for k in kinds().values()]
    )
    district = models.ForeignKey(
        District,
        models.PROTECT,
        to_field="code",
        related_name="+",
        db_column="district_code",
        verbose_name=_("区市"),
    )
    town_code = models.CharField(_("所在镇街"), max_length=40, blank=True)
    address = models.CharField(_("地址"), max_length=240, blank=True)
    lon = models.FloatField(_("经度"))
    lat = models.FloatField(_("纬度"))
    department = models.CharField(
        _("责任部门"), max_length=16, choices=[(d.code, d.zh) for d in departments().values()]
    )
    unit = models.ForeignKey(
        Unit,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("监管单位"),
    )
    person = models.ForeignKey(
        User,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("监管责任人"),
    )
    holder = models.CharField(_("责任单位"), max_length=120, blank=True)
    holder_person = models.CharField(_("单位负责人"), max_length=60, blank=True)
    stage = models.CharField(_("施工阶段"), max_length=12, choices=Stage, blank=True)
    area_m2 = models.FloatField(_("面积（m²）"), null=True, blank=True)
    works_from = models.DateField(_("开工日期"), null=True, blank=True)
    works_to = models.DateField(_("计划完工"), null=True, blank=True)
    state = models.CharField(_("状态"), max_length=10, choices=State, default=State.ACTIVE)
    source = models.CharField(_("来源"), max_length=12, choices=Source, default=Source.REGISTERED)
    note = models.CharField(_("备注"), max_length=400, blank=True)

    class Meta(Shaped.Meta):
        abstract = False
        constraints = [
            *Shaped.Meta.constraints,
            models.UniqueConstraint(fields=["site", "version"], name="dust_site_version_once"),
            models.UniqueConstraint(
                fields=["site"], condition=Q(valid_to=None), name="dust_site_one_open"
            ),
            models.CheckConstraint(
                condition=Q(valid_to=None) | Q(valid_to__gte=F("valid_from")),
                name="dust_site_period",
            ),
            models.CheckConstraint(
                condition=Q(works_to=None) | Q(works_from=None) | Q(works_to__gte=F("works_from")),
                name="dust_works_period",
            ),
            models.CheckConstraint(
                condition=Q(area_m2=None) | Q(area_m2__gte=0), name="dust_area_not_negative"
            ),
            place_check("dust_site_place"),
        ]
        indexes = [models.Index(fields=["lat", "lon"], name="dust_where")]

    @property
    def code(self) -> str:
        """The site's code."""
        return str(self.site_id)

    @property
    def kind_name(self) -> str:
        """Its kind in the reader's language."""
        return kinds()[self.kind].name

    @property
    def department_name(self) -> str:
        """The responsible department in the reader's language."""
        return departments()[self.department].short

    @property
    def is_area(self) -> bool:
        """Whether its outline is known, not only a point."""
        return self.shape.geom_type != "Point"

    @property
    def works_days(self) -> int | None:
        """Days of works as planned."""
        if self.works_from is None or self.works_to is None:
            return None
        return (self.works_to - self.works_from).days + 1


_KEEPING = {"id", "site", "version", "valid_from", "valid_to", "reason", "made_by", "made_at"}
_KEEPING |= {"sort_key", "wkb", "datum", "west", "south", "east", "north"}
RECORD_FIELDS: tuple[str, ...] = tuple(
    field.name for field in SiteRecord._meta.fields if field.name not in _KEEPING
)
