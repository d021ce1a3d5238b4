"""Django's handle on the app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AtlasConfig(AppConfig):
    """One map (一张图)."""

    name = "qingyuan.web.atlas"
    label = "atlas"
    verbose_name = "一张图"

    def ready(self) -> None:
        """Put the map into the bar."""
        from qingyuan.web.accounts.roles import STAFF
        from qingyuan.web.ui import navigation

        navigation.register(
            navigation.NavEntry("map", _("一张图"), "map", 20, roles=STAFF, icon="map")
        )
        navigation.register(
            navigation.NavEntry(
                "river-along", _("沿程水质"), "river-along", 56, roles=STAFF, group=_("监测")
            )
        )
