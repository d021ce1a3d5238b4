"""Units, people, what they were granted, what they watch (组织、人员、授权、关注)."""

from __future__ import annotations

from datetime import date

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from qingyuan.web.accounts.roles import roles

__all__ = ["Invitation", "RoleGrant", "Unit", "User", "Watch"]


class Unit(models.Model):
    """A unit of the organisation tree (单位): 市局 ▸ 分局 ▸ 科室/大队 ▸ 中队; 镇街; other departments."""

    class Kind(models.TextChoices):
        """What sort of unit it is."""

        BUREAU = "bureau", _("市局")
        OFFICE = "office", _("科室")
        CENTRE = "centre", _("指挥中心")
        BRANCH = "branch", _("分局")
        BRIGADE = "brigade", _("执法支队/大队")
        SQUAD = "squad", _("中队")
        STATION = "station", _("监测站")
        TOWN = "town", _("镇街")
        DEPARTMENT = "department", _("其他部门")

    code = models.CharField("单位代码", max_length=40, unique=True)
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="children"
    )
    path = models.CharField("路径", max_length=240, unique=True)
    name_zh = models.CharField("名称", max_length=120)
    name_en = models.CharField("英文名", max_length=160, blank=True)
    kind = models.CharField("类别", max_length=16, choices=Kind)
    district_code = models.CharField("区划代码", max_length=12, blank=True, db_index=True)
    sort_key = models.CharField("拼音排序键", max_length=240, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(path__startswith="/") & Q(path__endswith="/"), name="unit_path_slashes"
            ),
        ]

    def __str__(self) -> str:
        return self.name_zh


class UserManager(BaseUserManager["User"]):
    """Make accounts by name; there is no superuser."""

    def create_user(
        self, *, username: str, name: str, unit: Unit, password: str | None = None, **fields: object
    ) -> User:
        """Create an account; without a password it can only be opened by a one-time link."""
        user = self.model(username=username, name=name, unit=unit, **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user


class User(AbstractBaseUser):
    """A person with an account (人员). Enterprise people carry the enterprise's own code as a value."""

    username = models.CharField("账号", max_length=64, unique=True)
    name = models.CharField("姓名", max_length=64)
    name_en = models.CharField("英文名", max_length=64, blank=True)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="people")
    title = models.CharField("职务", max_length=64, blank=True)
    enterprise_code = models.CharField("企业代码", max_length=40, blank=True, db_index=True)
    is_active = models.BooleanField("启用", default=True)
    must_change_password = models.BooleanField("须改密码", default=False)
    password_changed_at = models.DateTimeField("改密时间", null=True, blank=True)
    language = models.CharField("语言", max_length=8, blank=True)

    objects = UserManager()
    USERNAME_FIELD = "username"
    REQUIRED_FIELDS = ["name"]

    class Meta:
        constraints = [models.CheckConstraint(condition=~Q(username=""), name="user_has_username")]

    def __str__(self) -> str:
        return f"{self.name}（{self.unit.name_zh}）"

    def save(self, *args: object, **kwargs: object) -> None:
        """Save; the model's own method is the only place that does."""
        super().save(*args, **kwargs)


class RoleGrant(models.Model):
    """A role given to a person (授权), by whom, from when to when."""

    user = models.ForeignKey(User, models.PROTECT, related_name="grants")
    role = models.CharField("角色", max_length=32)
    separation = models.CharField("分离类", max_length=32)
    granted_by = models.CharField("授权人", max_length=120)
    granted_at = models.DateTimeField("授权时间")
    valid_from = models.DateField("自")
    valid_to = models.DateField("至", null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "role", "valid_from"], name="grant_once"),
            models.CheckConstraint(condition=Q(role__in=list(roles())), name="grant_known_role"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.role}"

    def holds(self, on: date) -> bool:
        """Whether the grant is in force on a day."""
        return self.valid_from <= on and (self.valid_to is None or on <= self.valid_to)


class Watch(models.Model):
    """Something a person follows outside their subtree (关注)."""

    user = models.ForeignKey(User, models.CASCADE, related_name="watches")
    kind = models.CharField("类别", max_length=16)  # section, outfall, enterprise, case
    ref = models.CharField("标识", max_length=64)
    since = models.DateTimeField("自")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "kind", "ref"], name="watch_once")]

    def __str__(self) -> str:
        return f"{self.kind}:{self.ref}"


class Invitation(models.Model):
    """A one-time link that opens an account (一次性链接); only the digest of its token is kept."""

    user = models.ForeignKey(User, models.CASCADE, related_name="invitations")
    token_sha256 = models.CharField(max_length=64, unique=True)
    made_by = models.CharField("发放人", max_length=120)
    made_at = models.DateTimeField("发放时间")
    expires_at = models.DateTimeField("失效时间")
    used_at = models.DateTimeField("使用时间", null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.user_id}"
