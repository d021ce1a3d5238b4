"""Django's handle on the app."""

from django.apps import AppConfig


class PetitionsConfig(AppConfig):
    """Petitions (信访举报)."""

    name = "qingyuan.web.petitions"
    label = "petitions"
    verbose_name = "信访"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Implement the family's effects and marks; the ledger of petitions in the bar."""
        from qingyuan.web.cases import effects
        from qingyuan.web.cases.selectors.facts import know_marks
        from qingyuan.web.petitions.services.effects import EFFECTS, marks

        for name, function in EFFECTS.items():
            effects.register(name, function)
        know_marks("petitions", marks)
