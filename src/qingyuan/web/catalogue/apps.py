"""Django's handle on the app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CatalogueConfig(AppConfig):
    """Catalogue (数据目录)."""

    name = "qingyuan.web.catalogue"
    label = "catalogue"
    verbose_name = "数据目录"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Put the page into the bar of those who run the platform and those who lead."""
        from qingyuan.web.ui import navigation

        navigation.register(
            navigation.NavEntry(
                "catalogue",
                _("数据目录"),
                "catalogue",
                96,
                roles=("system_admin", "leader", "vice_leader", "department_head"),
                group=_("台账"),
            )
        )
