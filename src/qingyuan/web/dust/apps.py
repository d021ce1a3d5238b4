"""Django's handle on the app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DustConfig(AppConfig):
    """Dust sources (扬尘源)."""

    name = "qingyuan.web.dust"
    label = "dust"
    verbose_name = "扬尘源"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Implement the procedure's effect and mark; bring the tables; stand in the bar."""
        from qingyuan.web.accounts.roles import STAFF
        from qingyuan.web.cases.effects import register
        from qingyuan.web.cases.selectors.facts import know_marks
        from qingyuan.web.cases.selectors.page import know_home
        from qingyuan.web.dust.exchange import register_tables
        from qingyuan.web.dust.selectors import home, marks
        from qingyuan.web.dust.services.effects import settle
        from qingyuan.web.ui import navigation

        know_marks("dust", marks)
        know_home("dust", home)
        register("dust_settle", settle)
        register_tables()
        navigation.register(
            navigation.NavEntry(
                "dust-sources", _("扬尘源"), "dust-sites", 53, roles=STAFF, group=_("监测")
            )
        )
