"""Django's handle on the app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CasesConfig(AppConfig):
    """Cases (案件)."""

    name = "qingyuan.web.cases"
    label = "cases"
    verbose_name = "案件"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Put the ledgers into the bar, the enterprise's list into the phone's dock; hear of slips."""
        from qingyuan.web import exchange
        from qingyuan.web.accounts.roles import STAFF
        from qingyuan.web.cases import hazard_table, selectors
        from qingyuan.web.cases.export import EXPORTER
        from qingyuan.web.cases.services.cards import hear_cards
        from qingyuan.web.cases.services.slips import open_slip
        from qingyuan.web.ui import navigation

        exchange.register(EXPORTER)
        exchange.register(hazard_table.EXPORTER)
        hear_cards("slip", open_slip)
        navigation.register(
            navigation.NavEntry(
                "cases",
                _("案件台账"),
                "ledger",
                40,
                count=selectors.waiting_for,
                roles=STAFF,
                group=_("台账"),
                icon="list",
            )
        )
        navigation.register(
            navigation.NavEntry(
                "hazards", _("镇街突出点"), "hazards", 47, roles=STAFF, group=_("台账")
            )
        )
        navigation.register(
            navigation.NavEntry(
                "my-cases",
                _("整改任务"),
                "my-cases",
                10,
                count=selectors.waiting_for_enterprise,
                roles=("enterprise",),
                tone="late",
                phone=True,
                icon="inbox",
            )
        )
