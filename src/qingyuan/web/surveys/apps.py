"""Django's handle on the app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SurveysConfig(AppConfig):
    """Mobile surveys (走航)."""

    name = "qingyuan.web.surveys"
    label = "surveys"
    verbose_name = "走航"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Put the surveys into the bar; bring marks to cases, the fleet to exchange."""
        from qingyuan.web.accounts.roles import STAFF
        from qingyuan.web.cases.selectors.facts import know_marks
        from qingyuan.web.cases.selectors.page import know_home
        from qingyuan.web.surveys.exchange import register_tables
        from qingyuan.web.surveys.selectors import home, marks
        from qingyuan.web.ui import navigation

        know_marks("surveys", marks)
        know_home("surveys", home)
        register_tables()
        navigation.register(
            navigation.NavEntry("surveys", _("走航"), "surveys", 53, roles=STAFF, group=_("监测"))
        )
