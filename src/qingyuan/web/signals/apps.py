"""Django's handle on the app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class SignalsConfig(AppConfig):
    """Signals (告警)."""

    name = "qingyuan.web.signals"
    label = "signals"
    verbose_name = "告警"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Put the alarm console into the bar."""
        from django.conf import settings

        from qingyuan.host.citytime import CityClock
        from qingyuan.web.accounts.roles import STAFF
        from qingyuan.web.signals import selectors
        from qingyuan.web.ui import navigation

        clock = CityClock(settings.FOLDER)

        def waiting(user: object) -> int:
            return selectors.waiting_count(user, at=clock.now())

        navigation.register(
            navigation.NavEntry(
                "signals",
                pgettext_lazy("plural", "告警"),
                "signals",
                30,
                count=waiting,
                roles=STAFF,
                tone="late",
            )
        )
        navigation.register(
            navigation.NavEntry(
                "integrity", _("数据质量疑点"), "integrity", 56, roles=STAFF, group=_("监测")
            )
        )
