"""Django's handle on the app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SignalsConfig(AppConfig):
    """Signals (告警)."""

    name = "qingyuan.web.signals"
    label = "signals"
    verbose_name = "告警"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Put the alarm console into the bar."""
        from qingyuan.web.accounts.roles import STAFF
        from qingyuan.web.signals import selectors
        from qingyuan.web.ui import navigation

        navigation.register(
            navigation.NavEntry(
                "signals",
                _("告警"),
                "signals",
                30,
                count=selectors.waiting_count,
                roles=STAFF,
                tone="late",
            )
        )
