"""Django's handle on the app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class NoticesConfig(AppConfig):
    """Notices (消息)."""

    name = "qingyuan.web.notices"
    label = "notices"
    verbose_name = "消息"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Put the inbox into the bar and the phone's dock."""
        from qingyuan.web.notices import selectors
        from qingyuan.web.ui import navigation

        navigation.register(
            navigation.NavEntry(
                "notices",
                _("消息"),
                "notices",
                95,
                count=selectors.unread_count,
                phone=True,
                icon="bell",
            )
        )
        navigation.register(
            navigation.NavEntry(
                "channels",
                _("送达渠道"),
                "channels",
                96,
                roles=("system_admin",),
                group=_("管理"),
            )
        )
