"""Django's handle on the app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PlansConfig(AppConfig):
    """Plans (任务分解、巡察整改)."""

    name = "qingyuan.web.plans"
    label = "plans"
    verbose_name = "任务"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Put the plans into the bar; bring effects and marks to cases, tables to exchange."""
        from qingyuan.web import exchange
        from qingyuan.web.accounts.roles import STAFF
        from qingyuan.web.cases import effects
        from qingyuan.web.cases.selectors.facts import know_marks
        from qingyuan.web.plans import services
        from qingyuan.web.plans.services.effects import EFFECTS, marks
        from qingyuan.web.ui import navigation

        navigation.register(
            navigation.NavEntry(
                "plans", _("任务与整改"), "plans", 46, roles=STAFF, group=_("台账"), icon="list"
            )
        )
        for name, function in EFFECTS.items():
            effects.register(name, function)
        know_marks("plans", marks)
        exchange.register(services.TASK_IMPORT)
        exchange.register(services.TREE_IMPORT)
        exchange.register(services.INDICATOR_IMPORT)
        exchange.register(services.INDICATOR_EXPORT)
