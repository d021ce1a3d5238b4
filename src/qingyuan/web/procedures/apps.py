"""Django's handle on the app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ProceduresConfig(AppConfig):
    """Procedures (办案程序)."""

    name = "qingyuan.web.procedures"
    label = "procedures"
    verbose_name = "办案程序"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Tell cases which versions are in force; put the pages into the bar."""
        from qingyuan.web.accounts.roles import STAFF
        from qingyuan.web.cases.selectors.rules import know_published
        from qingyuan.web.procedures import selectors
        from qingyuan.web.ui import navigation

        know_published(selectors.in_force)
        navigation.register(
            navigation.NavEntry(
                "procedures",
                _("办案程序"),
                "procedures",
                89,
                roles=(*STAFF, "system_admin"),
                group=_("机构"),
            )
        )
