"""Django's handle on the app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class StatisticsConfig(AppConfig):
    """Statistics (办案统计)."""

    name = "qingyuan.web.statistics"
    label = "statistics"
    verbose_name = "统计"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Put both pages into the bar; teach the ledger to show the rows of a figure."""
        from qingyuan.web.accounts.roles import STAFF
        from qingyuan.web.cases import selectors as cases
        from qingyuan.web.statistics.selectors import figure_filters
        from qingyuan.web.ui import navigation

        for one in figure_filters():
            cases.know_filter(one)
        navigation.register(
            navigation.NavEntry(
                "statistics",
                _("办案统计"),
                "statistics",
                48,
                roles=STAFF,
                group=_("台账"),
                icon="chart",
            )
        )
        navigation.register(
            navigation.NavEntry(
                "leader",
                _("领导总览"),
                "leader",
                15,
                roles=("leader", "vice_leader", "department_head"),
                icon="list",
            )
        )
