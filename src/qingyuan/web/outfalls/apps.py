"""Django's handle on the app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class OutfallsConfig(AppConfig):
    """Outfalls (入河排污口)."""

    name = "qingyuan.web.outfalls"
    label = "outfalls"
    verbose_name = "入河排污口"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Put the outfalls into the bar; tell of laboratory results."""
        from qingyuan.web.accounts.roles import STAFF
        from qingyuan.web.cases import effects
        from qingyuan.web.outfalls.exchange import register_tables
        from qingyuan.web.outfalls.selectors.comparison import manual_samples
        from qingyuan.web.outfalls.services import record_state
        from qingyuan.web.signals.services import know_manual_samples
        from qingyuan.web.ui import navigation

        navigation.register(
            navigation.NavEntry(
                "outfalls",
                pgettext_lazy("plural", "排污口"),
                "outfalls",
                51,
                roles=STAFF,
                group=_("监测"),
            )
        )
        know_manual_samples(manual_samples)
        effects.register("outfall_state", record_state)
        register_tables()
