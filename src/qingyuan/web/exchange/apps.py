"""Django's handle on the app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ExchangeConfig(AppConfig):
    """Ledgers in and out (台账导入导出)."""

    name = "qingyuan.web.exchange"
    label = "exchange"
    verbose_name = "进出"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Put the page into the bar."""
        from qingyuan.web.accounts.roles import STAFF
        from qingyuan.web.ui import navigation

        navigation.register(
            navigation.NavEntry(
                "exchange",
                _("导入导出"),
                "exchange",
                88,
                roles=(*STAFF, "system_admin"),
                group=_("台账"),
            )
        )
