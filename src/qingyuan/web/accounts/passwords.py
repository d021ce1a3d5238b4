"""What a password must be (GB/T 22239-2019 8.1.4.1 a), beyond Django's own validators."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

__all__ = ["NotAboutMe"]


class NotAboutMe:
    """The password must not contain the account, the name, the unit or the enterprise's code."""

    def validate(self, password: str, user: object = None) -> None:
        """Raise if it does."""
        if user is None:
            return
        parts = [user.username, user.name, user.unit.name_zh, user.enterprise_code]
        lowered = password.lower()
        if any(len(part) >= 2 and part.lower() in lowered for part in parts if part):
            raise ValidationError(_("密码不能含有账号、姓名、单位名或企业代码。"), code="about_me")

    def get_help_text(self) -> str:
        """Say the rule."""
        return _("不含账号、姓名、单位名或企业代码。")
