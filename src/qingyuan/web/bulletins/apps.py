"""Django's handle on the app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class BulletinsConfig(AppConfig):
    """Bulletins (通报)."""

    name = "qingyuan.web.bulletins"
    label = "bulletins"
    verbose_name = "通报"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Put the bulletins into the bar."""
        from qingyuan.web.accounts.roles import STAFF
        from qingyuan.web.ui import navigation

        navigation.register(
            navigation.NavEntry("bulletins", _("通报"), "bulletins", 60, roles=STAFF)
        )
