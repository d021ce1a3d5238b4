"""Django's handle on the app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PetitionsConfig(AppConfig):
    """Petitions (信访举报)."""

    name = "qingyuan.web.petitions"
    label = "petitions"
    verbose_name = "信访"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Implement the family's effects and marks; the ledger of petitions in the bar."""
        from qingyuan.web import exchange
        from qingyuan.web.accounts.roles import STAFF
        from qingyuan.web.cases import effects
        from qingyuan.web.cases import selectors as cases
        from qingyuan.web.cases.selectors.facts import know_marks
        from qingyuan.web.petitions.selectors.home import faces, home
        from qingyuan.web.petitions.selectors.ledger import waiting_at
        from qingyuan.web.petitions.services.effects import EFFECTS, marks
        from qingyuan.web.petitions.services.sheets import REPORT_IMPORT
        from qingyuan.web.ui import navigation

        for name, function in EFFECTS.items():
            effects.register(name, function)
        know_marks("petitions", marks)
        cases.know_home("petition", home)
        cases.know_face("petition", faces)
        exchange.register(REPORT_IMPORT)
        navigation.register(
            navigation.NavEntry(
                "petitions",
                _("信访"),
                "petitions",
                43,
                count=waiting_at,
                roles=STAFF,
                group=_("台账"),
            )
        )
        navigation.register(
            navigation.NavEntry(
                "conduct",
                _("作风监督"),
                "conduct-reports",
                96,
                roles=("audit_admin",),
                group=_("更多"),
            )
        )
